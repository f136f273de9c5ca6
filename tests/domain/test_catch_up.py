"""What becomes of instants that passed while a job was not being scheduled."""

from collections.abc import Sequence

from hypothesis import given, strategies as st

from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant
from engine.domain.catch_up import Accounting, Downtime, account
from engine.domain.schedule.planner import Planner, planner_for
from engine.domain.verdict import Hold, Reason, Verdict
from tests.support.builders import cron, every, instant

NOON = instant("2026-03-01T12:00:00")
HOURLY = planner_for(cron("0 * * * *"))


def missed(
    *,
    until: Instant,
    run_skipped: bool = True,
    holds: Sequence[Hold] = (),
    downtimes: Sequence[Downtime] = (),
    planner: Planner = HOURLY,
) -> Accounting:
    return account(
        1,
        "main",
        count=planner.count,
        after=NOON,
        until=until,
        run_skipped=run_skipped,
        holds=holds,
        downtimes=downtimes,
    )


def told(accounting: Accounting) -> list[tuple[object, ...]]:
    return [(s.verdict, s.reason, s.first_due, s.last_due, s.count) for s in accounting.stretches]


def test_nothing_due_needs_nothing() -> None:
    result = missed(until=NOON + 30 * MINUTE)
    assert result.catch_up is None
    assert result.stretches == ()


def test_one_missed_instant_runs_late_and_leaves_no_stretch() -> None:
    result = missed(until=NOON + 90 * MINUTE, downtimes=[Downtime(NOON, NOON + 90 * MINUTE)])
    assert result.catch_up == NOON + HOUR
    assert result.stretches == ()


def test_of_many_missed_instants_the_last_runs_and_the_others_coalesce() -> None:
    result = missed(until=NOON + 5 * HOUR, downtimes=[Downtime(NOON, NOON + 5 * HOUR)])
    assert result.catch_up == NOON + 5 * HOUR
    assert told(result) == [(Verdict.COALESCED, None, NOON + HOUR, NOON + 4 * HOUR, 4)]


def test_without_run_skipped_all_are_missed_and_the_downtime_is_named() -> None:
    down = Downtime(NOON, NOON + 3 * HOUR, detail="no engine was up from A to B")
    result = missed(until=NOON + 3 * HOUR, run_skipped=False, downtimes=[down])
    assert result.catch_up is None
    assert told(result) == [(Verdict.MISSED, Reason.NO_ENGINE, NOON + HOUR, NOON + 3 * HOUR, 3)]
    assert result.stretches[0].detail == "no engine was up from A to B; run_skipped is off"


def test_instants_inside_a_hold_are_skipped_with_its_reason_and_who() -> None:
    hold = Hold(1, Reason.GROUP_DISABLED, NOON + HOUR, NOON + 2 * HOUR, "night", "alice")
    result = missed(until=NOON + 4 * HOUR, holds=[hold])
    assert result.catch_up == NOON + 4 * HOUR
    assert told(result) == [
        (Verdict.SKIPPED, Reason.GROUP_DISABLED, NOON + HOUR, NOON + 2 * HOUR, 2),
        (Verdict.COALESCED, None, NOON + 3 * HOUR, NOON + 3 * HOUR, 1),
    ]
    assert result.stretches[0].detail.startswith("group 'night' by alice since")


def test_the_last_instant_runs_whatever_stopped_it() -> None:
    hold = Hold(1, Reason.JOB_DISABLED, NOON)
    assert missed(until=NOON + 2 * HOUR, holds=[hold]).catch_up == NOON + 2 * HOUR


def test_a_hold_wins_over_a_downtime() -> None:
    hold = Hold(1, Reason.JOB_DISABLED, NOON + HOUR, NOON + 2 * HOUR)
    result = missed(
        until=NOON + 3 * HOUR,
        run_skipped=False,
        holds=[hold],
        downtimes=[Downtime(NOON, NOON + 3 * HOUR)],
    )
    assert [stretch.verdict for stretch in result.stretches] == [Verdict.SKIPPED, Verdict.MISSED]


def test_instants_that_passed_while_an_engine_was_up_are_missed_for_run_skipped() -> None:
    result = missed(until=NOON + HOUR, run_skipped=False)
    assert told(result) == [(Verdict.MISSED, Reason.RUN_SKIPPED_OFF, NOON + HOUR, NOON + HOUR, 1)]


def test_a_year_of_missed_seconds_is_one_row() -> None:
    planner = planner_for(every(1), NOON)
    result = missed(
        planner=planner, until=NOON + 365 * DAY, downtimes=[Downtime(NOON, NOON + 365 * DAY)]
    )
    assert told(result) == [
        (Verdict.COALESCED, None, NOON + SECOND, NOON + 365 * DAY - SECOND, 365 * 86400 - 1)
    ]


spans = st.tuples(st.integers(0, 300), st.integers(0, 120))


@given(
    holds=st.lists(spans, max_size=4),
    downs=st.lists(spans, max_size=4),
    length=st.integers(0, 400),
    run_skipped=st.booleans(),
)
def test_every_instant_gets_exactly_one_verdict(
    holds: list[tuple[int, int]], downs: list[tuple[int, int]], length: int, run_skipped: bool
) -> None:
    planner = planner_for(every(60), NOON)
    until = NOON + length * MINUTE
    result = missed(
        planner=planner,
        until=until,
        run_skipped=run_skipped,
        holds=[
            Hold(1, Reason.PAUSED, NOON + at * MINUTE, NOON + (at + long) * MINUTE)
            for at, long in holds
        ],
        downtimes=[Downtime(NOON + at * MINUTE, NOON + (at + long) * MINUTE) for at, long in downs],
    )
    due = list(planner.between(NOON, until))
    explained = [
        at for s in result.stretches for at in planner.between(s.first_due - 1, s.last_due)
    ]
    assert sum(s.count for s in result.stretches) == len(explained)
    if result.catch_up is not None:
        explained.append(result.catch_up)
    assert explained == due
    assert (result.catch_up is not None) == (run_skipped and bool(due))
