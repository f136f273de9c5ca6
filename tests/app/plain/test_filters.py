"""Filters of the plain console see of a job's runs what those of the screen see."""

from engine.control import System
from engine.domain.instance import Status
from tests.app.plain.conftest import Said
from tests.support.pasts import has_run

GOOD, BAD, CRASH = Status.COMPLETE, Status.ERROR, Status.CRASH


def test_a_job_that_crashed_last_is_found_and_told_by_it(said: Said, system: System) -> None:
    has_run(system.database, "probe", (GOOD, 1.0), (CRASH, 60.0))
    first, found, *_ = said("jobs status:failed", now="2026-11-26T13:00Z")
    assert first == "1 of 3 jobs. A number opens one."
    assert found.startswith("1. probe: crash 59m ago")


def test_what_the_last_runs_tell_can_be_asked_for(said: Said, system: System) -> None:
    has_run(system.database, "probe", (BAD, 70.0), (GOOD, 70.0))
    has_run(system.database, "report", (GOOD, 1.0))
    found = said("jobs fails>=1 p95>1m", now="2026-11-26T13:00Z")
    assert found[0] == "1 of 3 jobs. A number opens one."
    assert found[1].startswith("1. probe: ")
    assert said("jobs p95:none")[1].startswith("1. slow: never ran")
