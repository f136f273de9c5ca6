"""Filters of `job list` see of a job's runs what the console's see."""

from pathlib import Path

from engine.domain.instance import Status
from tests.cli.support import Cli
from tests.support.pasts import has_run
from tests.support.stores import opened

GOOD, BAD, CRASH = Status.COMPLETE, Status.ERROR, Status.CRASH


def listed(cli: Cli, *terms: str) -> list[str]:
    """Return the names of the jobs that a filter lets through."""
    return [each["name"] for each in cli("job", "list", *terms, "--json").data]


def test_a_job_that_crashed_last_is_found_by_it(cli: Cli, home: Path) -> None:
    with opened(home / "tocsin.db") as database:
        has_run(database, "report", (GOOD, 1.0), (CRASH, 60.0))
        has_run(database, "probe", (CRASH, 60.0))
    assert listed(cli, "status:crash") == listed(cli, "status:failed") == ["probe", "report"]
    assert listed(cli, "status:complete") == []
    assert listed(cli, "status:never") == ["ledger-close"]


def test_a_job_whose_only_run_crashed_has_run(cli: Cli, home: Path) -> None:
    with opened(home / "tocsin.db") as database:
        (number,) = has_run(database, "probe", (CRASH, 60.0))
    assert f"instance {number} CRASH at 2026-11-26T" in cli("job", "show", "probe").out
    (line,) = [each for each in cli("job", "list").out.splitlines() if "probe" in each]
    assert "CRASH" in line
    assert "2026-11-26" in line.split()[-1]
    found = cli("job", "show", "probe", "--json").data
    assert (found["last_executed"], found["last_instanceid"]) == (None, number)
    assert found["last_started"] == "2026-11-26T12:00:00.000000Z"
