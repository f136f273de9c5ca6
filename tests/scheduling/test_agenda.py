"""The heap of due instants holds what can run, and what it holds of earlier plans is skipped."""

from hypothesis import given, strategies as st

from engine.clock import HOUR, MINUTE, SECOND
from engine.domain.eligibility import Obstacle
from engine.domain.schedule import Schedule
from engine.domain.schedule.revision import Revision
from engine.scheduling.agenda import Agenda, Entry
from tests.support.builders import cron, every, instant, job

NOON = instant("2026-03-01T12:00:00")


def entry(jobid: int, schedule: Schedule, **more: object) -> Entry:
    """Return the entry of a job that has been scheduled since noon."""
    made = Entry(job(f"j{jobid}", schedule, jobid=jobid, **more), "main")
    made.cursor = NOON
    made.set_revisions((Revision(jobid, jobid, schedule, NOON),))
    return made


def agenda_of(*entries: Entry) -> Agenda:
    agenda = Agenda()
    for each in entries:
        agenda.add(each)
    agenda.plan_all(NOON)
    return agenda


def test_the_earliest_wakes_first_and_leaves_the_heap() -> None:
    slow, quick = entry(1, every(60)), entry(2, every(10))
    agenda = agenda_of(slow, quick)
    assert agenda.next_wake() == NOON + 10 * SECOND
    assert agenda.pop_due(NOON + 10 * SECOND) == [quick]
    assert agenda.next_wake() == NOON + MINUTE


def test_what_a_switch_holds_or_what_runs_is_not_in_the_heap() -> None:
    held, running = entry(1, every(10)), entry(2, every(10))
    held.obstacle = Obstacle("JOB-DISABLED", "", None, True, True)
    running.running = (7,)
    assert agenda_of(held, running).next_wake() is None


def test_a_plan_that_was_changed_is_skipped_when_it_comes_up() -> None:
    one = entry(1, every(10))
    agenda = agenda_of(one)
    one.set_revisions((Revision(2, 1, every(3600), NOON),))
    agenda.plan(one, NOON)
    assert agenda.pop_due(NOON + MINUTE) == []
    assert agenda.next_wake() == NOON + HOUR


def test_a_trigger_or_an_expiry_wakes_before_the_next_due_instant() -> None:
    triggered = entry(1, cron("0 * * * *"), trigger_at=NOON + MINUTE)
    expiring = entry(2, cron("0 * * * *"), expiry_date=NOON + 2 * MINUTE)
    agenda = agenda_of(triggered, expiring)
    assert agenda.next_wake() == NOON + MINUTE
    agenda.pop_due(NOON + MINUTE)
    assert agenda.next_wake() == NOON + 2 * MINUTE


def test_due_instants_of_several_revisions_are_counted_together() -> None:
    one = entry(1, every(10))
    one.set_revisions(
        (
            Revision(1, 1, every(10), NOON, ended_at=NOON + MINUTE),
            Revision(2, 1, every(60), NOON + MINUTE),
        )
    )
    assert one.count(NOON, NOON + 3 * MINUTE) == (NOON + 10 * SECOND, NOON + 3 * MINUTE, 8)
    one.move_cursor(NOON + MINUTE)
    assert len(one.revisions) == 1
    assert one.next_due(NOON + MINUTE) == NOON + 2 * MINUTE


def test_no_instant_at_or_after_the_expiry_is_counted() -> None:
    one = entry(1, every(10))
    one.set_revisions((Revision(1, 1, every(10), NOON, expires_at=NOON + 30 * SECOND),))
    assert one.count(NOON, NOON + MINUTE) == (NOON + 10 * SECOND, NOON + 20 * SECOND, 2)
    assert one.next_due(NOON + 20 * SECOND) is None


@given(st.lists(st.integers(1, 500), min_size=1, max_size=40), st.randoms())
def test_every_due_instant_comes_up_once_and_in_order(intervals: list[int], chance: object) -> None:
    del chance
    entries = [entry(number, every(seconds)) for number, seconds in enumerate(intervals)]
    agenda = agenda_of(*entries)
    seen = []
    now = NOON
    while (wake := agenda.next_wake()) is not None and wake <= NOON + 600 * SECOND:
        assert wake >= now
        now = wake
        for each in agenda.pop_due(now):
            seen.append((now, each.job.jobid))
            each.move_cursor(now)
            agenda.plan(each, now)
    assert len(seen) == len(set(seen)) == sum(600 // seconds for seconds in intervals)
