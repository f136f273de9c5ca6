"""Filters of `job list` see of a job's runs what the console's see."""

from pathlib import Path

from engine.domain.instance import Status
from engine.persistence import jobs
from tests.cli.support import Cli
from tests.support.pasts import has_run
from tests.support.stores import NOON, a_running, a_session, opened

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


def test_what_the_last_runs_tell_can_be_asked_for(cli: Cli, home: Path) -> None:
    with opened(home / "tocsin.db") as database:
        has_run(database, "report", (GOOD, 2.0), (BAD, 1.0), (CRASH, 30.0))
        has_run(database, "probe", *[(BAD, 50.0)] * 2, *[(GOOD, 0.5)] * 32)
    assert listed(cli, "fails>=1") == ["report"]  # of the last 32, as the console keeps them
    assert listed(cli, "fails:0") == ["ledger-close", "probe"]
    assert listed(cli, "fails:2", "p95>10s") == ["report"]
    assert listed(cli, "p95<1s") == ["probe"]
    assert listed(cli, "p95:none") == ["ledger-close"]


def test_a_run_that_goes_on_is_none_of_the_last_ones(cli: Cli, home: Path) -> None:
    with opened(home / "tocsin.db") as database:
        has_run(database, "report", (BAD, 1.0))
        with database.begin() as tx:
            a_running(tx, jobs.get(tx, "report").jobid, a_session(tx, "east"), due_at=NOON - 1)
    assert listed(cli, "fails:1", "p95:1s") == ["report"]
