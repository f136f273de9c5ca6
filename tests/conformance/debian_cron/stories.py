"""What the daemon is asked: clock changes of several zones, and days on which the day rule shows.

`{a}` is the hour that is skipped or repeated, `{z}` the one before it and `{b}` the one after.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CHANGES = (  # a name, the zone, when the clocks change, the hour that is skipped or repeated
    ("prague-forward", "Europe/Prague", "2026-03-29T01:00", 2),
    ("prague-back", "Europe/Prague", "2026-10-25T01:00", 2),
    ("new-york-forward", "America/New_York", "2026-03-08T07:00", 2),
    ("new-york-back", "America/New_York", "2026-11-01T06:00", 1),
    ("lord-howe-forward", "Australia/Lord_Howe", "2026-10-03T15:30", 2),
    ("lord-howe-back", "Australia/Lord_Howe", "2026-04-04T15:00", 1),
    ("sao-paulo-forward", "America/Sao_Paulo", "2018-11-04T03:00", 0),
    ("sao-paulo-back", "America/Sao_Paulo", "2019-02-17T02:00", 23),
    ("casablanca-back", "Africa/Casablanca", "2026-02-15T02:00", 2),
    ("casablanca-forward", "Africa/Casablanca", "2026-03-22T02:00", 2),
    ("apia-skips-a-day", "Pacific/Apia", "2011-12-30T10:00", 0),
)
AT_CHANGES = (
    "* * * * *",
    "*/20 * * * *",
    "0 * * * *",
    "30 * * * *",
    "5 0-23 * * *",
    "30 */2 * * *",
    "0 */3 * * *",
    "* {a} * * *",
    "*/15 {a} * * *",
    "*/30 {a},{b} * * *",
    "0 {a} * * *",
    "15 {a} * * *",
    "30 {a} * * *",
    "45 {a} * * *",
    "59 {a} * * *",
    "0 {b} * * *",
    "30 {b} * * *",
    "30 {z} * * *",
    "0,15,30,45 {a} * * *",
    "0 {a},{b} * * *",
    "30 {z},{a},{b} * * *",
    "1-59/7 {a} * * *",
    "30 {a} * * {wday}",
    "30 {a} {day} {month} *",
    "30 {a} */2 * {wday}",
    "0-59/20 {a},{b} * * {wday}",
)
DAYS = ("2026-03-01", "2026-03-02", "2026-03-03", "2026-03-06", "2026-03-09", "2026-03-13")
AT_MIDNIGHT = (
    "1 0 */2 * mon",
    "1 0 */2 * *",
    "1 0 1-31 * mon",
    "1 0 1-31/2 * mon",
    "1 0 * * mon",
    "1 0 13 * fri",
    "1 0 13 * *",
    "1 0 13 * */5",
    "1 0 1,2 * 0-6",
    "1 0 1,2 * 7",
    "1 0 1,3 * sun,tue",
    "1 0 */7 3 mon-fri",
    "1 0 * 3 */2",
    "1 0 2 * */2",
    "1 0 9 4 mon",
    "1 0 * jan-mar MON",
)
ODD_DAY = "2026-03-01"  # a Sunday
ODD = (  # cron takes these; what it makes of them is another matter
    "* 22-2 * * *",
    "59-2 * * * *",
    "1 0 * * sat-sun",
    "1 0 * * sun-tue",
    "1 0 * * fri-mon",
    "1 0 * * 7-1",
    "1,59-2 * * * *",
    "1-2-3 0 * * *",
    "*-1 0 * * *",
    "*/90 * * * *",
    "0-59/60 * * * *",
)


@dataclass(frozen=True, slots=True)
class Story:
    """One life of the daemon: from half a minute before `start` (UTC), for some minutes."""

    name: str
    zone: str
    start: datetime
    minutes: int
    expressions: tuple[str, ...]


def stories() -> Iterator[Story]:
    """Yield all of them."""
    for name, zone, text, hour in CHANGES:
        change = datetime.fromisoformat(text).replace(tzinfo=UTC)
        before = 65 if "back" in name else 40
        start = change - timedelta(minutes=before)
        day = (change - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
        if hour == 0:  # the gap is the first hour of the day after
            day += timedelta(minutes=2)
        fields = {
            "a": hour,
            "z": (hour - 1) % 24,
            "b": (hour + 1) % 24,
            "day": day.day,
            "month": day.month,
            "wday": day.isoweekday() % 7,
        }
        yield Story(
            name, zone, start, before + 100, tuple(each.format(**fields) for each in AT_CHANGES)
        )
    for text in DAYS:
        start = datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(minutes=2)
        yield Story(f"midnight-{text}", "UTC", start, 5, AT_MIDNIGHT)
    start = datetime.fromisoformat(ODD_DAY).replace(tzinfo=UTC) - timedelta(minutes=2)
    yield Story("odd-fields", "UTC", start, 5, ODD)
