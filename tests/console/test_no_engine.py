"""A console that can host no engine, or read no store, says why."""

from pathlib import Path

from app.client.store_client import StoreClient
from app.store.model import EngineHealth
from engine.config import Settings
from tests.console.test_store_client import Reader


def problem_in(home: Path) -> str:
    """Return the first problem that a hosting client tells."""
    reader = Reader()
    client = StoreClient(Settings(home, f"sqlite:///{home / 'tocsin.db'}"), may_host=True)
    client.start(reader.inbox)
    try:
        found = reader.wait_for(
            lambda event: isinstance(event, EngineHealth) and event.problem != ""
        )
    finally:
        client.end(0)
    return found.problem if isinstance(found, EngineHealth) else ""


def test_an_engine_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "run").write_text("in the way")
    assert problem_in(tmp_path).startswith("no engine could be started here: ")


def test_a_store_that_is_none_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "tocsin.db").write_text("garbage")
    assert "is not a tocsin store" in problem_in(tmp_path)
