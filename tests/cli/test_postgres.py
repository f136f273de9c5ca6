"""The command line and the engine on PostgreSQL: the same commands, the same answers."""

from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.cli.engines import serving
from tests.cli.support import JOBS, Cli
from tests.support.ghosts import leave_a_dead_engine
from tests.support.stores import postgres_address, postgres_shared, postgres_url

__all__ = ["postgres_address", "postgres_shared", "postgres_url"]


@pytest.fixture
def db(postgres_url: URL, monkeypatch: pytest.MonkeyPatch) -> str:
    """The store's URL, which every command finds in the environment."""
    url = postgres_url.render_as_string(hide_password=False)
    monkeypatch.setenv("TOCSIN_DB", url)
    return url


def test_jobs_run_and_are_told_as_on_sqlite(
    empty: Cli, db: str, tmp_path: Path, home: Path
) -> None:
    (tmp_path / "jobs.yaml").write_text(JOBS)
    with serving(home, "--jobs", tmp_path / "jobs.yaml", TOCSIN_DB=db):
        said = empty("job", "run", "report", "--wait")
        assert said.status == 0, said.err
        assert "hello" in empty("log", "report").out
        (session,) = empty("session", "list", "--json").data
        assert (session["alive"], session["status"]) == (True, "ACTIVE")
        assert empty("status", "--exit-code").status == 0
        assert empty("ledger", "--json").data["unexplained"] == 0
        assert empty("engine", "--jobs", tmp_path / "jobs.yaml").status == 1
        said = empty("session", "forget", "main")
        assert (said.status, said.reason.split(":")[0]) == (1, "Engine 'main' is alive")
    assert empty("job", "list", "--json").data[0]["name"] == "ledger-close"
    assert empty("status", "--json").data["alive"] is False
    told = empty("session", "forget", "main", "--json").data
    assert (told["instance"], told["jobs"] > 0) == ("main", True)
    assert empty("session", "forget", "main").out.startswith("engine 'main' is forgotten: 0 acc")
    assert empty("audit", "list", "--json").data[0]["event"] == "ENGINE-FORGOTTEN"


@pytest.mark.parametrize(
    ("mode", "what"), [("running", "it may live"), ("handed over", "its runs may go on")]
)
def test_an_engine_out_of_sight_is_waited_for_and_not_refused(
    db: str, home: Path, mode: str, what: str
) -> None:
    leave_a_dead_engine(db, 1.0, mode)
    with serving(home, TOCSIN_DB=db) as engine:
        engine.await_line(
            f"engine 'main', pid 8 on elsewhere, is out of sight, and {what}: "
            "waiting for a sign of it for 1 s"
        )


def test_a_backup_of_a_server_is_left_to_its_own_tools(empty: Cli, db: str, tmp_path: Path) -> None:
    assert db
    (tmp_path / "jobs.yaml").write_text(JOBS)
    assert empty("load", tmp_path / "jobs.yaml").status == 0
    said = empty("backup", tmp_path / "copy")
    assert said.status == 1
    assert "pg_dump" in said.reason


@pytest.mark.usefixtures("home")
def test_a_server_that_is_not_there_is_told_without_its_password(empty: Cli) -> None:
    said = empty("--db", "postgresql://ops:secret@127.0.0.1:1/none", "job", "list")
    assert said.status == 1
    assert "127.0.0.1" in said.reason
    assert "secret" not in said.err
