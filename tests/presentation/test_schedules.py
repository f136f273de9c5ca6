"""Schedules as they are typed, and what they would do."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from app.presentation.schedules import preview, read_schedule, schedule_text
from engine.clock import Instant, from_datetime
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.errors import CronError, ScheduleError


def at(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))


NOW = at("2026-11-23T12:30:05+00:00")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("every 10m", 600), ("every 1h30m", 5400), ("90", 90), ("every 90 s", 90), (" 1d ", 86_400)],
)
def test_intervals_are_read(text: str, seconds: int) -> None:
    assert read_schedule(text, "Europe/Prague") == RecurringSchedule(seconds, "Europe/Prague")


def test_cron_lines_and_macros_are_read() -> None:
    assert schedule_text(read_schedule("*/5 * * * mon-fri")) == "*/5 * * * mon-fri"
    assert isinstance(read_schedule("@daily"), CronSchedule)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("every now and then", ScheduleError),
        ("every 0.5s", ScheduleError),
        ("0", ScheduleError),
        ("", CronError),
        ("61 * * * *", CronError),
        ("* * * *", CronError),
        ("0 0 30 2 *", CronError),
    ],
)
def test_what_is_no_schedule_is_refused(text: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_schedule(text)


def test_intervals_are_shown_in_their_largest_unit() -> None:
    shown = [schedule_text(RecurringSchedule(n)) for n in (30, 600, 7200, 86_400, 5400)]
    assert shown == ["every 30s", "every 10m", "every 2h", "every 1d", "every 90m"]


def test_a_preview_tells_the_schedule_in_words_and_its_next_instants() -> None:
    shown = preview("30 2 * * mon-fri", NOW, timezone="Europe/Prague")
    assert shown.problem == ""
    assert shown.words == "at 02:30 on Monday to Friday (Europe/Prague)"
    assert len(shown.due) == 10
    assert shown.due[0].text == "Tue 2026-11-24 02:30:00 CET  in 12h59m"


def test_a_preview_marks_the_clock_change_that_it_crosses() -> None:
    shown = preview("30 2 * * *", at("2026-03-27T12:00:00+00:00"), timezone="Europe/Prague")
    notes = [line.note for line in shown.due]
    assert notes[:3] == ["", "clock changes before it: +0100 to +0200", ""]
    assert len(shown.changes) == 2
    assert "02:00" in shown.changes[0]


def test_a_viewer_in_another_zone_sees_both_times() -> None:
    shown = preview("0 2 * * *", NOW, timezone="Asia/Tokyo", viewer=ZoneInfo("UTC"))
    assert shown.due[0].text.endswith("(2026-11-23 17:00:00 UTC)")
    same = preview("0 2 * * *", NOW, timezone="UTC", viewer=ZoneInfo("UTC"))
    assert "(" not in same.due[0].text


def test_a_recurring_preview_counts_from_now() -> None:
    shown = preview("every 10m", NOW, shown=2)
    assert [line.due - NOW for line in shown.due] == [600_000_000, 1_200_000_000]
    assert shown.words == "every 10 minutes, start to start (UTC)"


def test_a_refusal_tells_where_the_wrong_character_stands() -> None:
    shown = preview("0 25 * * *", NOW)
    assert shown.position == 2
    assert "25" in shown.problem
    assert shown.due == ()
    assert preview("0 2 * * *", NOW, timezone="Mars/Base").problem != ""


@given(st.text(alphabet="0123456789*/-, montuefri@dailyevery hms", max_size=24))
def test_nothing_that_is_typed_breaks_the_preview(text: str) -> None:
    shown = preview(text, NOW, shown=3)
    assert bool(shown.problem) != (shown.schedule is not None)
