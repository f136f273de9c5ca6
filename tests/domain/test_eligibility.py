"""May a job run now, and if not, why: the table of semantics, section 3, line by line."""

import pytest

from engine.domain.eligibility import (
    Facts,
    Obstacle,
    RunningInstance,
    blocking_run_now,
    blocking_schedule,
    why_not_runnable,
)
from engine.domain.group import Group
from engine.domain.verdict import Hold, Reason
from tests.support.builders import instant, job


def _schedule(obstacles: list[Obstacle]) -> Obstacle:
    found = blocking_schedule(obstacles)
    assert found is not None
    return found


def _run_now(obstacles: list[Obstacle], *, force: bool = False) -> Obstacle:
    found = blocking_run_now(obstacles, force=force)
    assert found is not None
    return found


NOW = instant("2026-03-01T12:00:00")
RUNNING = RunningInstance(812, instant("2026-03-01T02:00:03"), 7, "b", "host-b")


def test_a_plain_job_may_run() -> None:
    assert why_not_runnable(job(), Facts(NOW)) == []


def test_an_inactive_job_is_not_scheduled_but_runs_on_demand() -> None:
    obstacles = why_not_runnable(job(active=False), Facts(NOW))
    assert _schedule(obstacles).code == "JOB-INACTIVE"
    assert blocking_run_now(obstacles) is None


def test_a_disabled_job_says_who_disabled_it_and_since_when() -> None:
    hold = Hold(1, Reason.JOB_DISABLED, instant("2026-02-28T08:00:00"), who="alice")
    obstacles = why_not_runnable(job(enabled=False), Facts(NOW, holds=(hold,)))
    refusal = _run_now(obstacles)
    assert refusal.code == "JOB-DISABLED"
    assert "by alice since 2026-02-28T08:00:00Z" in refusal.message
    assert refusal.error().code == "JOB-DISABLED"


def test_a_disabled_group_is_named_with_who_and_when() -> None:
    night = Group(2, "night", enabled=False, disabled_by="bob", disabled_at=NOW)
    obstacles = why_not_runnable(
        job(groups=("DEFAULT", "night")), Facts(NOW, groups=(Group(1, "DEFAULT"), night))
    )
    refusal = _run_now(obstacles)
    assert refusal.code == refusal.error().code == "GROUP-DISABLED"
    assert "group 'night' is disabled by bob at 2026-03-01T12:00:00" in refusal.message
    assert _schedule(obstacles).reason is Reason.GROUP_DISABLED


@pytest.mark.parametrize(("seconds", "expired"), [(-1, True), (0, True), (1, False)])
def test_a_job_is_expired_from_its_expiry_date_on(seconds: int, expired: bool) -> None:
    obstacles = why_not_runnable(job(expiry_date=NOW + seconds * 1_000_000), Facts(NOW))
    assert (blocking_schedule(obstacles) is not None) is expired
    assert blocking_run_now(obstacles) is None


def test_a_paused_engine_refuses_both_and_says_so() -> None:
    obstacles = why_not_runnable(job(), Facts(NOW, engine_mode="paused"))
    assert _schedule(obstacles).reason is Reason.PAUSED
    assert "the engine is paused" in _run_now(obstacles).message


@pytest.mark.parametrize("mode", ["draining", "stopping"])
def test_an_engine_that_is_about_to_end_is_not_taken_for_a_paused_one(mode: str) -> None:
    obstacles = why_not_runnable(job(), Facts(NOW, engine_mode=mode))
    assert _schedule(obstacles).reason is Reason.DRAINING
    assert f"the engine is {mode}" in _run_now(obstacles).message


def test_a_running_job_is_refused_unless_forced() -> None:
    obstacles = why_not_runnable(job(), Facts(NOW, running=(RUNNING,)))
    assert "running as instance 812" in _run_now(obstacles).message
    assert _run_now(obstacles).error().code == "JOB-ERROR"
    assert blocking_run_now(obstacles, force=True) is None


def test_a_single_instance_job_names_the_session_and_host_that_hold_it() -> None:
    obstacles = why_not_runnable(job(single_instance=True), Facts(NOW, held_by=RUNNING))
    refusal = _run_now(obstacles)
    assert "instance 812 of session 7 (engine 'b' on host host-b)" in refusal.message
    assert _schedule(obstacles).reason is Reason.HELD
    assert blocking_run_now(obstacles, force=True) is None


def test_force_never_overrides_a_switch() -> None:
    obstacles = why_not_runnable(job(enabled=False), Facts(NOW, running=(RUNNING,)))
    assert _run_now(obstacles, force=True).code == "JOB-DISABLED"


def test_a_retired_job_runs_neither_way() -> None:
    obstacles = why_not_runnable(job(retired_at=NOW), Facts(NOW))
    assert _schedule(obstacles).code == "JOB-RETIRED"
    assert _run_now(obstacles).code == "JOB-RETIRED"
