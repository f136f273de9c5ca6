"""The ordinary part of the comparison; `python -m tests.conformance.long` does all of it."""

from datetime import UTC, datetime
from functools import lru_cache

import pytest

from tests.conformance.compare import Tally, ask_engine, compare_around
from tests.conformance.long import wrong_changes
from tests.conformance.reference import Window, read
from tests.conformance.transitions import Transition, transitions

YEARS = (2000, 2040)
ZONES = (
    *("Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Juba", "Africa/Windhoek"),
    *("America/Anchorage", "America/Caracas", "America/Havana", "America/Moncton"),
    *("America/New_York", "America/Nuuk", "America/Santiago", "America/Sao_Paulo"),
    *("America/St_Johns", "Antarctica/Casey", "Antarctica/Troll", "Antarctica/Vostok"),
    *("Asia/Amman", "Asia/Colombo", "Asia/Gaza", "Asia/Kathmandu", "Asia/Pyongyang"),
    *("Asia/Tehran", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Dublin"),
    *("Europe/London", "Europe/Moscow", "Europe/Prague", "Europe/Volgograd"),
    *("Pacific/Apia", "Pacific/Chatham", "Pacific/Easter", "Pacific/Fakaofo", "Pacific/Norfolk"),
)
PER_ZONE = 7


@lru_cache(maxsize=1)
def _compared() -> Tally:
    total = Tally()
    for zone in ZONES:
        changes = transitions(zone, *YEARS)
        unusual = [one for one in changes if abs(one.after - one.before) != 3600]
        spread = changes[:: max(len(changes) // PER_ZONE, 1)]
        for change in sorted({*unusual[:4], *spread[:PER_ZONE]}, key=lambda one: one.second):
            total.add(compare_around(change))
    return total


def test_no_due_instant_differs_from_the_reference() -> None:
    total = _compared()
    assert total.differences == []
    assert total.instants >= 1_000_000


def test_every_difference_from_cronsim_has_a_name() -> None:
    total = _compared()
    assert total.cronsim_unnamed == []
    assert total.cronsim_instants >= 50_000
    assert len(total.cronsim_named) == 3


@pytest.mark.parametrize("zone", ZONES)
def test_the_engine_knows_every_clock_change(zone: str) -> None:
    assert wrong_changes((zone, *YEARS)) == []


@pytest.mark.parametrize(
    ("expression", "gap", "overlap"),
    [("30 2 * * *", "skip", "first"), ("30 2 * * *", "after", "both")],
)
def test_a_wrong_engine_would_be_found(expression: str, gap: str, overlap: str) -> None:
    def wrong(text: str, zone: str, _gap: str, _overlap: str, after: int, until: int) -> list[int]:
        if text != expression:
            return ask_engine(text, zone, _gap, _overlap, after, until)
        return ask_engine(text, zone, gap, overlap, after, until)

    year = transitions("Europe/Prague", 2026, 2026)
    found = [compare_around(change, with_cronsim=False, engine=wrong) for change in year]
    assert sum(len(tally.differences) for tally in found) > 0


# What Debian's cron 3.0pl1 did in Europe/Prague, run under a faked clock, where one start for
# several skipped times counts as one: the reference itself is held to it.
@pytest.mark.parametrize(
    ("expression", "gap", "overlap"),
    [
        ("30 2 * * *", ["01:00"], ["00:30"]),
        ("0 3 * * *", ["01:00"], ["02:00"]),
        ("0,15,30,45 2 * * *", ["01:00"], ["00:00", "00:15", "00:30", "00:45"]),
        ("0 2,3 * * *", ["01:00"], ["00:00", "02:00"]),
        (
            "*/15 2 * * *",
            [],
            [f"0{h}:{m:02}" for h in (0, 1) for m in (0, 15, 30, 45)],
        ),
        ("30 1-3 * * *", ["00:30", "01:00", "01:30"], ["23:30", "00:30", "02:30"]),
    ],
)
def test_the_reference_does_what_debians_cron_did(
    expression: str, gap: list[str], overlap: list[str]
) -> None:
    for first, last, wanted in (
        (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC), gap),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC), overlap),
    ):
        due = Window("Europe/Prague", first, last).due(read(expression), "after", "first")
        times = [datetime.fromtimestamp(one // 1_000_000, UTC).strftime("%H:%M") for one in due]
        assert times == wanted


def test_the_two_lists_of_clock_changes_are_not_the_same_code() -> None:
    change = transitions("Pacific/Apia", 2011, 2011)[-1]
    assert change == Transition("Pacific/Apia", 1325239200, -36000, 50400)
