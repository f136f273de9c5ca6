"""Instances are looked for as on the screen: what runs first, and as far back as a filter takes."""

import pytest

from engine.clock import SECOND
from engine.control import System
from engine.domain.instance import Status
from engine.persistence import instances, jobs
from engine.persistence.database import Transaction
from tests.app.plain.conftest import Said
from tests.support.stores import NOON, a_session, claims_for, ended

LATER = "2026-11-26T13:30Z"


def ran(
    tx: Transaction, name: str, sessionid: int, count: int, status: Status = Status.COMPLETE
) -> None:
    """Let a job have run so many times, in each second from noon on."""
    jobid = jobs.get(tx, name).jobid
    claims = [
        claim
        for second in range(count)
        for claim in claims_for(tx, [jobid], sessionid, started=NOON + second * SECOND, due_at=None)
    ]
    instances.claim_many(tx, claims)
    instances.finish_many(tx, [ended(claim, status) for claim in claims], sessionid)


@pytest.fixture
def busy(system: System) -> System:
    """A store in which one run goes on and one has failed, and 1,200 of another job came after."""
    with system.database.begin() as tx:
        sessionid = a_session(tx)
        (slow,) = claims_for(tx, [jobs.get(tx, "slow").jobid], sessionid)
        instances.claim_many(tx, [slow])
        ran(tx, "report", sessionid, 1, Status.ERROR)
        ran(tx, "probe", sessionid, 1200)
    return system


def test_what_runs_is_found_and_comes_first_however_many_began_after_it(
    said: Said, busy: System
) -> None:
    first, running, newest, *_ = said("instances", now=LATER)
    assert first == (
        "501 instances of those in progress and the last 500, since 12:11:40. A number opens one."
    )
    assert running.startswith("1. #1 slow: running for 1h30m")
    assert newest.startswith("2. #1202 probe: complete")
    assert said("instances status:running", now=LATER)[1].startswith("1. #1 slow: running")


def test_a_run_that_began_before_the_clock_was_set_back_goes_on_for_no_time(
    said: Said, busy: System
) -> None:
    told = said("instances status:running", now="2026-11-26T11:00Z")[1]
    assert told.startswith("1. #1 slow: running for 0ms")


def test_a_filter_looks_back_beyond_the_newest(said: Said, busy: System) -> None:
    first, failed = said("instances status:failed", now=LATER)
    assert first == "1 instance of the last 1,202. A number opens one."
    assert failed.startswith("1. #2 report: error")
    assert said("instances name:nosuch", now=LATER) == [
        "No instance matches: none of the last 1,202."
    ]


def test_a_look_back_ends_with_enough_to_read_out_and_tells_since_when(
    said: Said, busy: System
) -> None:
    first = said("instances name:probe last<12:11", now=LATER)[0]
    assert first == (
        "460 instances of those in progress and the last 1,000, since 12:03:20. A number opens one."
    )


def test_a_look_back_ends_at_as_many_as_the_screen_keeps(
    said: Said, busy: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.plain.looking_back.KEPT_INSTANCES", 1000)
    assert said("instances name:report", now=LATER) == [
        "No instance matches: none of those in progress and the last 1,000, since 12:03:20."
    ]


def test_the_instances_of_a_job_are_its_own_however_long_ago_it_ran(
    said: Said, busy: System
) -> None:
    opened = said("job report", now=LATER)
    (number,) = (line.split(".")[0] for line in opened if line.endswith(". instances"))
    first, only = said("job report", number, now=LATER)[len(opened) :]
    assert first == "1 instance of the last 1. A number opens one."
    assert only.startswith("1. #2 report: error")


def test_a_job_that_was_retired_is_listed_as_such(said: Said, system: System) -> None:
    with system.database.begin() as tx:
        jobs.retire(tx, jobs.get(tx, "probe").jobid, system.now())
    assert said("jobs status:retired") == [
        "1 of 3 jobs. A number opens one.",
        "1. probe: never ran, retired, group nightly",
    ]
