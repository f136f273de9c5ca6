"""A command line to type into: in this process, on a home of the test's own."""

import textwrap
from pathlib import Path

import pytest

from app.cli.boundary import run
from tests.cli.support import JOBS, Cli, Said


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that does not exist yet."""
    place = tmp_path / "home"
    monkeypatch.setenv("TOCSIN_HOME", str(place))
    for name in ("TOCSIN_DB", "TOCSIN_INSTANCE"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def empty(home: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line on a home where nothing was ever loaded."""
    del home

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        status = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return call


@pytest.fixture
def cli(empty: Cli, tmp_path: Path) -> Cli:
    """The command line on a store that holds `report`, `probe` and `ledger-close`."""
    path = tmp_path / "jobs.yaml"
    path.write_text(textwrap.dedent(JOBS))
    said = empty("load", path)
    assert said.status == 0, said.err
    return empty
