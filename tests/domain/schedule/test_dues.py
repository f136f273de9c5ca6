from engine.domain.schedule import RecurringSchedule
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.dues import count_dues, dues, next_due
from tests.domain.schedule.builders import at, revision, utc


def test_each_revision_counts_within_its_own_window() -> None:
    history = [
        revision(parse_cron("0 * * * *"), "2026-01-01T00:00", "2026-01-01T02:00"),
        revision(RecurringSchedule(1200), "2026-01-01T02:00", "2026-01-01T03:10"),
        revision(parse_cron("30 * * * *"), "2026-01-01T05:00", expires="2026-01-01T07:30"),
    ]
    found = list(dues(history, at("2025-01-01T00:00"), at("2027-01-01T00:00")))
    assert [text[11:] for text in utc(found)] == [
        *("01:00", "02:00"),  # the end of a window belongs to it, its beginning does not
        *("02:20", "02:40", "03:00"),
        *("05:30", "06:30"),  # nothing is due at the expiry date itself
    ]
    assert count_dues(history, at("2025-01-01T00:00"), at("2027-01-01T00:00")) == (
        found[0],
        found[-1],
        7,
    )


def test_a_window_of_the_question_cuts_the_revisions() -> None:
    history = [revision(parse_cron("0 * * * *"), "2026-01-01T00:00")]
    assert count_dues(history, at("2026-01-01T05:00"), at("2026-01-01T05:59")) is None
    stretch = count_dues(history, at("2026-01-01T05:00"), at("2026-01-01T07:00"))
    assert stretch == (at("2026-01-01T06:00"), at("2026-01-01T07:00"), 2)


def test_the_next_due_instant_may_be_of_a_later_revision() -> None:
    history = [
        revision(parse_cron("0 0 * * *"), "2026-01-02T00:00", "2026-01-02T12:00"),
        revision(parse_cron("0 3 * * *"), "2026-01-02T12:00", expires="2026-01-04T03:00"),
    ]
    assert next_due(history, at("2026-01-02T01:00")) == at("2026-01-03T03:00")
    assert next_due(history, at("2026-01-03T03:00")) is None
    assert next_due([], 0) is None
