"""`watch` tells each change, however many come between two looks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.cli.boundary import run as command_line
from app.plain.announcer import Announcer
from app.presentation.instants import zone_named
from engine.control import System
from engine.domain.instance import Cause
from engine.persistence import alerts, instances, jobs, sessions
from engine.persistence.instances import Claim
from tests.support.stores import NOON, a_session, claims_for, ended

BURST = 611


@pytest.fixture
def announcer(system: System) -> Announcer:
    """One to whom a run that goes on, and all that stands, is known."""
    with system.database.begin() as tx:
        a_session(tx)
        alerts.raise_alert(tx, "DISK-LOW", "store", "main", "little is left", NOON)
    begin(system, 1, "slow")
    begin(system, BURST)
    return Announcer(system, zone_named("UTC"))


def begin(system: System, count: int, name: str = "report") -> list[Claim]:
    """Begin so many runs of a job at once."""
    with system.database.begin() as tx:
        claims = claims_for(
            tx,
            [jobs.get(tx, name).jobid] * count,
            sessions.active(tx)[0].sessionid,
            cause=Cause.MANUAL,
            due_at=None,
        )
        instances.claim_many(tx, claims)
    return claims


def end(system: System, claims: Sequence[Claim]) -> None:
    with system.database.begin() as tx:
        instances.finish_many(tx, [ended(each) for each in claims], claims[0].sessionid)


def told(announcer: Announcer) -> list[str]:
    """Return what is told, without the time and the details of it."""
    return [line.split(" ", 1)[1].split(",")[0] for line in announcer.look()]


def test_every_run_of_a_burst_is_told_when_it_begins_and_when_it_ends(
    announcer: Announcer, system: System
) -> None:
    assert told(announcer) == []
    claims = begin(system, BURST)
    numbers = [claim.job_instanceid for claim in claims]
    assert [line.split()[:3] for line in told(announcer)] == [
        [f"#{number}", "report:", "running"] for number in numbers
    ]
    assert told(announcer) == []
    end(system, claims)
    assert told(announcer) == [f"#{number} report: complete after 1.0s" for number in numbers]
    assert told(announcer) == []


def test_runs_that_begin_and_end_between_two_looks_are_told_once(
    announcer: Announcer, system: System
) -> None:
    claims = begin(system, BURST)
    end(system, claims)
    assert len(told(announcer)) == BURST
    assert told(announcer) == []


def test_the_end_of_a_run_is_told_however_many_began_after_it(
    announcer: Announcer, system: System
) -> None:
    slow = system.instances.query(job="slow")[0].instance
    claim = Claim(slow.job_instanceid, slow.jobid, slow.sessionid or 0, NOON, Cause.MANUAL)
    end(system, [claim])
    assert told(announcer) == ["#1 slow: complete after 1.0s"]


def test_every_job_of_a_load_is_told_in_its_order(
    announcer: Announcer, system: System, tmp_path: Path
) -> None:
    names = [f"job-{number:03}" for number in range(BURST)]
    path = tmp_path / "many.yaml"
    path.write_text(
        "---\n".join(f"name: {each}\nduration: 60\nlang: shell\ncode: 'true'\n" for each in names)
    )
    assert command_line(["load", str(path)]) == 0
    assert told(announcer) == [f"JOB-CREATED: job {name}" for name in names]
    assert told(announcer) == []


def test_an_alert_that_is_over_is_told_however_many_were_raised_after_it(
    announcer: Announcer, system: System
) -> None:
    with system.database.begin() as tx:
        for number in range(BURST):
            alerts.raise_alert(tx, "JOB-FAILS", "job", f"job-{number}", "it failed", NOON + 1)
    assert told(announcer) == [
        f"alert JOB-FAILS: job-{number}: it failed" for number in range(BURST)
    ]
    with system.database.begin() as tx:
        alerts.clear_alert(tx, "DISK-LOW", "store", "main", NOON + 2)
    assert told(announcer) == ["alert DISK-LOW of main is over"]
