"""What was due, expanded without the engine: day by day, and minute by minute where clocks change.

A day on which a zone's offset is the same from the day before to the day after is its times at that
offset. Any other is left to the brute force of `tests.conformance.reference`.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.checker.rows import Revision
from tests.conformance.reference import Rule, Window, read

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = 86_400 * _SECOND
_EPOCH = date(1970, 1, 1).toordinal()


def expand(revisions: Sequence[Revision], after: int, until: int) -> list[int]:
    """Return what was due in `after < due <= until`, ascending."""
    found: list[int] = []
    for revision in revisions:
        last = until if revision.ended_at is None else min(until, revision.ended_at)
        if revision.expires_at is not None:
            last = min(last, revision.expires_at - 1)
        first = max(after, revision.began_at)
        if first < last:
            found += _of_revision(revision, first, last)
    return found


def _of_revision(revision: Revision, after: int, until: int) -> list[int]:
    if revision.recurring is not None:
        step = revision.recurring * _SECOND
        anchor = revision.began_at if revision.anchor_at is None else revision.anchor_at
        number = max(0, (after - anchor) // step) + 1
        return list(range(anchor + number * step, until + 1, step))
    contract = (" ".join(revision.fields), revision.timezone)
    found: list[int] = []
    for day in range(after // _DAY, until // _DAY + 1):
        found += _of_day(*contract, revision.dst_gap, revision.dst_overlap, day)
    return [due for due in found if after < due <= until]


@lru_cache(maxsize=100_000)
def _of_day(expression: str, timezone: str, gap: str, overlap: str, day: int) -> list[int]:
    """Return what is due on a UTC day, which shows parts of two or three local ones."""
    rule = _rule(expression)
    offset = _steady_offset(timezone, day)
    start = day * _DAY
    if offset is None:
        return _window(timezone, day).due(rule, gap, overlap)
    found: list[int] = []
    for local_day in range(day - 1, day + 2):
        if rule.names_day(date.fromordinal(_EPOCH + local_day)):
            base = local_day * _DAY - offset
            found += [base + time for time in _times(expression)]
    return [due for due in found if start <= due < start + _DAY]


@lru_cache(maxsize=10_000)
def _rule(expression: str) -> Rule:
    return read(expression)


@lru_cache(maxsize=10_000)
def _times(expression: str) -> list[int]:
    rule = _rule(expression)
    return sorted((hour * 60 + minute) * _MINUTE for hour in rule.hours for minute in rule.minutes)


@lru_cache(maxsize=100_000)
def _steady_offset(timezone: str, day: int) -> int | None:
    """Return the offset of a zone, if it does not change from the day before to the day after."""
    info = ZoneInfo(timezone)
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day - 1)
    offsets = {
        (start + timedelta(hours=hours)).astimezone(info).utcoffset() for hours in range(0, 73, 6)
    }
    if len(offsets) > 1:
        return None
    offset = offsets.pop() or timedelta()
    return offset // timedelta(microseconds=1)


@lru_cache(maxsize=64)
def _window(timezone: str, day: int) -> Window:
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    # The window leaves its first minute out and takes its last one in.
    return Window(timezone, start - timedelta(minutes=1), start + timedelta(hours=23, minutes=59))
