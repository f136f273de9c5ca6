"""The account that ends every test: it fails where it should, and none gets past it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.support.builders import definition, every
from tests.support.ledgers import MARKER, problems_at, problems_below
from tests.support.postgres import run_on
from tests.support.stores import (
    postgres_address,
    postgres_shared,
    postgres_url,
    sqlite_store,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "postgres_address",
    "postgres_shared",
    "postgres_url",
    "sqlite_store",
    "sqlite_template",
    "sqlite_url",
]

ROOT = Path(__file__).parents[2]
SPOIL = "DELETE FROM job_instance WHERE job_instanceid = 3"
A_TEST = """
import sqlite3
from contextlib import closing

import pytest

from tests.architecture.test_ledgers_add_up import SPOIL, an_hour

{marker}
def test_it(tmp_path):
    an_hour(tmp_path)
    with closing(sqlite3.connect(tmp_path / "tocsin.db")) as connection:
        connection.execute({statement})
        connection.commit()
"""
# Modules whose stores are elsewhere than in their tests' own folders, and who accounts for them.
ELSEWHERE = {
    "tests/console/test_terminal.py": "jobs are loaded there, engines run on copies of it",
    "tests/examples/test_running.py": "one engine for the whole module, whose fixture accounts",
}


def an_hour(home: Path, url: str | None = None) -> None:
    """Let an engine run a job every ten minutes for an hour, and then be killed."""
    clock = ManualClock.at("2026-03-01T12:00:00Z")
    engine = ManualEngine(home, clock=clock, database_url=url).open()
    engine.add(definition("tick", every(600)))
    engine.advance(3600, step=60)
    engine.kill()
    engine.database.close()


def ended(tmp_path: Path, marker: str, statement: str) -> "subprocess.CompletedProcess[str]":
    """Run a test in a session of its own, with what every test of the project has."""
    path = tmp_path / "test_one.py"
    path.write_text(A_TEST.format(marker=marker, statement=statement))
    options = [
        "-q",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "-c",
        "pyproject.toml",
        "-p",
        "no:randomly",
    ]
    folder = f"--basetemp={tmp_path / 'made'}"
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, folder, f"--rootdir={ROOT}", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.spoils_the_ledger("a test within this one deletes an instance")
def test_a_test_that_leaves_a_due_instant_without_a_verdict_fails(tmp_path: Path) -> None:
    done = ended(tmp_path, "", "SPOIL")
    assert done.returncode == 1, done.stdout
    assert "1 passed, 1 error" in done.stdout
    assert "tocsin.db: job 1: 1772368200000000 has no verdict" in done.stdout


@pytest.mark.spoils_the_ledger("a test within this one deletes an instance")
def test_a_test_may_spoil_a_store_if_it_says_why(tmp_path: Path) -> None:
    assert ended(tmp_path, f"@pytest.mark.{MARKER}('a row is lost')", "SPOIL").returncode == 0
    unsaid = ended(tmp_path, f"@pytest.mark.{MARKER}", "SPOIL")
    assert unsaid.returncode == 1
    assert "wants to know what is spoiled and why" in unsaid.stdout


@pytest.mark.spoils_the_ledger("an instance is deleted, on a server")
def test_a_store_on_a_server_is_accounted_for_too(postgres_url: URL, tmp_path: Path) -> None:
    assert problems_at(postgres_url) == []
    an_hour(tmp_path, postgres_url.render_as_string(hide_password=False))
    assert problems_at(postgres_url) == []
    run_on(postgres_url, SPOIL)
    assert len(problems_at(postgres_url)) == 2  # by the one account and by the other
    assert problems_at(postgres_url.set(database="nowhere")) == []


def test_a_file_that_is_no_store_and_a_store_without_an_engine_are_passed_over(
    tmp_path: Path, sqlite_store: object
) -> None:
    (tmp_path / "notes.db").write_text("not a database")
    (tmp_path / "folder.db").mkdir()
    assert problems_below(tmp_path) == []


def test_accounting_for_a_hundred_stores_leaves_no_descriptor_open(tmp_path: Path) -> None:
    for number in range(3):
        an_hour(tmp_path / str(number))
    kept = ManualEngine(tmp_path / "0")  # a test may leave one open
    problems_below(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(35):
        assert problems_below(tmp_path) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    kept.database.close()


def test_no_test_starts_an_engine_where_nobody_accounts_for_it() -> None:
    """Every store is below a test's own folder, or in a database that a fixture gives."""
    starts = re.compile(r"Engine\(|serving\(|\"-m\", \"app\"|PROGRAM")
    elsewhere = re.compile(
        r"tmp_path_factory|mkdtemp|TemporaryDirectory|gettempdir|CREATE DATABASE"
    )
    found = set()
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.name.startswith("test_") or path.name == "conftest.py":
            text = path.read_text()
            if path != Path(__file__) and starts.search(text) and elsewhere.search(text):
                found.add(str(path.relative_to(ROOT)))
    assert found == set(ELSEWHERE)
