"""What holds for every schedule in every zone, whatever it is."""

from hypothesis import given, settings, strategies as st

from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant
from engine.domain.schedule import CronSchedule, RecurringSchedule, Schedule
from engine.domain.schedule.clock_changes import clock_changes
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.describe import describe
from engine.domain.schedule.dues import count_dues, dues, next_due
from engine.domain.schedule.planner import Planner, planner_for
from engine.domain.schedule.revision import Revision
from engine.domain.schedule.zones import zone
from engine.errors import CronError

ZONES = (
    *("UTC", "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"),
    *("America/Sao_Paulo", "Pacific/Apia", "Antarctica/Casey", "Asia/Kathmandu", "Africa/Cairo"),
)


calm = settings(deadline=None, max_examples=80)  # a busy machine is no failure


def field(low: int, high: int) -> st.SearchStrategy[str]:
    """One cron field, more often a plain one than a list of ranges with steps."""
    value = st.integers(low, high).map(str)
    pair = st.tuples(st.integers(low, high), st.integers(low, high)).map(sorted)
    span = pair.map(lambda ends: f"{ends[0]}-{ends[1]}")
    step = st.integers(2, max((high - low) // 2, 2))
    stepped = st.tuples(st.one_of(st.just("*"), span), step).map(lambda it: f"{it[0]}/{it[1]}")
    item = st.one_of(value, span, stepped)
    listed = st.lists(item, min_size=1, max_size=4).map(",".join)
    return st.one_of(st.just("*"), value, listed)


@st.composite
def cron_schedules(draw: st.DrawFn) -> CronSchedule:
    text = " ".join(draw(field(*bounds)) for bounds in ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7)))
    gap = draw(st.sampled_from(("after", "skip", "shift")))
    overlap = draw(st.sampled_from(("first", "last", "both")))
    try:
        return parse_cron(text, draw(st.sampled_from(ZONES)), gap, overlap)
    except CronError:  # never fires
        return parse_cron("30 2 * * *", draw(st.sampled_from(ZONES)), gap, overlap)


schedules: st.SearchStrategy[Schedule] = st.one_of(
    cron_schedules(), st.integers(600, 100_000).map(RecurringSchedule)
)
instants = st.integers(946_684_800, 2_240_000_000).map(lambda second: second * SECOND)
lengths = st.integers(0, 60 * DAY // SECOND).map(lambda second: second * SECOND)


@st.composite
def near_changes(draw: st.DrawFn) -> Instant:
    """An instant close to a clock change, where the bugs are."""
    starts = zone(draw(st.sampled_from(ZONES[1:]))).starts[1:]
    return draw(st.sampled_from(starts)) + draw(st.integers(-30 * HOUR, 30 * HOUR))


moments = st.one_of(instants, near_changes()).map(lambda at: max(at, DAY))


def planner_of(schedule: Schedule, at: Instant) -> Planner:
    return planner_for(schedule, at - 3 * DAY)


@calm
@given(schedules, moments)
def test_next_strictly_increases_and_previous_is_its_inverse(
    schedule: Schedule, at: Instant
) -> None:
    planner = planner_of(schedule, at)
    for _ in range(20):
        following = planner.next_after(at)
        if following is None:
            return
        assert following > at
        assert planner.previous_at(following) == following
        before = planner.previous_at(following - 1)
        assert before is None or before <= at
        assert planner.next_after(following - 1) == following
        at = following


@calm
@given(schedules, moments, lengths)
def test_counting_is_listing(schedule: Schedule, after: Instant, length: Instant) -> None:
    planner = planner_of(schedule, after)
    listed = list(planner.between(after, after + length))
    assert listed == sorted(set(listed))
    assert all(after < due <= after + length for due in listed)
    counted = planner.count(after, after + length)
    assert counted == ((listed[0], listed[-1], len(listed)) if listed else None)


@calm
@given(schedules, moments, lengths, lengths)
def test_a_window_is_the_union_of_its_parts(
    schedule: Schedule, after: Instant, first: Instant, second: Instant
) -> None:
    planner = planner_of(schedule, after)
    middle, end = after + first, after + first + second
    whole = list(planner.between(after, end))
    assert whole == [*planner.between(after, middle), *planner.between(middle, end)]


@calm
@given(schedules, moments, lengths)
def test_walking_is_listing(schedule: Schedule, after: Instant, length: Instant) -> None:
    planner = planner_of(schedule, after)
    listed = list(planner.between(after, after + min(length, 3 * DAY)))
    at: Instant | None = after
    for due in listed:
        at = planner.next_after(at) if at is not None else None
        assert at == due


@calm
@given(schedules, st.lists(st.integers(1, 10 * DAY), min_size=1, max_size=5), moments)
def test_revisions_that_follow_each_other_name_each_instant_once(
    schedule: Schedule, lengths: list[int], began: Instant
) -> None:
    history = []
    for number, length in enumerate(lengths):
        history.append(Revision(number, 1, schedule, began, began + length, began + length // 2))
        began += length
    start = history[0].began_at
    listed = list(dues(history, start, began))
    assert listed == sorted(set(listed))
    counted = count_dues(history, start, began)
    assert (0 if counted is None else counted[2]) == len(listed)
    assert next_due(history, start) == (listed[0] if listed else None)


@calm
@given(st.integers(1, DAY // SECOND), st.lists(st.integers(0, 3 * DAY), min_size=1), moments)
def test_an_interval_goes_on_through_revisions_as_if_there_were_one(
    seconds: int, lengths: list[int], began: Instant
) -> None:
    schedule, anchor = RecurringSchedule(max(seconds, 600)), began
    history = []
    for number, length in enumerate(lengths):
        history.append(
            Revision(
                number, 1, schedule, began, began + length, anchor_at=anchor if number else None
            )
        )
        began += length
    listed = list(planner_for(schedule, anchor).between(anchor, began))
    assert list(dues(history, anchor, began)) == listed
    counted = count_dues(history, anchor, began)
    assert (0 if counted is None else counted[2]) == len(listed)
    assert next_due(history, anchor) == (listed[0] if listed else None)


@calm
@given(cron_schedules(), st.sampled_from((3 * HOUR, 90 * MINUTE)))
def test_without_clock_changes_all_contracts_agree(schedule: CronSchedule, length: int) -> None:
    noon = 1_767_268_800 * SECOND  # 2026-01-01T12:00:00Z: none of the zones changes then
    names = [(gap, overlap) for gap in ("after", "skip", "shift") for overlap in ("first", "both")]
    found = {
        tuple(
            planner_for(parse_cron(schedule.expression, schedule.timezone, gap, overlap)).between(
                noon, noon + length
            )
        )
        for gap, overlap in names
    }
    assert len(found) == 1


@calm
@given(cron_schedules(), moments)
def test_every_schedule_has_words_and_its_clock_changes_are_in_order(
    schedule: CronSchedule, after: Instant
) -> None:
    assert describe(schedule)
    changes = clock_changes(schedule, after, 3)
    assert [change.at for change in changes] == sorted({change.at for change in changes})
    assert all(change.at > after and change.times for change in changes)


def refusal_of(text: str) -> CronError | None:
    """The refusal of a text; None: it is a schedule, which fires."""
    try:
        schedule = parse_cron(text)
    except CronError as refusal:
        return refusal
    assert planner_for(schedule).next_after(0) is not None
    return None


@calm
@given(
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"[0-9*,/\-a-z]{0,12}( [0-9*,/\-a-z]{0,6}){4}", fullmatch=True),
    )
)
def test_any_text_is_a_schedule_or_one_line_of_refusal(text: str) -> None:
    refusal = refusal_of(text)
    if refusal is not None:
        assert refusal.message.isprintable()
        assert refusal.position is not None
        assert 1 <= refusal.position <= len(text) + 1
