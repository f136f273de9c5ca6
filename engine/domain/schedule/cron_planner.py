"""Walks the due instants of a cron schedule: local times, placed on UTC between clock changes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache

from engine.clock import MINUTE, Instant
from engine.domain.schedule import CronSchedule, fields as grammar
from engine.domain.schedule.days import day_set
from engine.domain.schedule.fields import expand
from engine.domain.schedule.placement import is_wildcard, placement
from engine.domain.schedule.zones import BEGINNING, HORIZON

_DAY_MINUTES = 1440


@lru_cache(maxsize=131_072)
def cron_planner(schedule: CronSchedule) -> "CronPlanner":
    """Return the shared planner of a cron schedule, with the raises of `planner.planner_for`."""
    return CronPlanner(schedule)


class CronPlanner:
    """Walks expanded sets on naive local minutes and places them on UTC segment by segment."""

    __slots__ = ("_days", "_every_day", "_first", "_place", "_slots")

    def __init__(self, schedule: CronSchedule) -> None:
        minute, hour = expand(schedule.minute, grammar.MINUTE), expand(schedule.hour, grammar.HOUR)
        self._slots = _slots_of_day(hour.values, minute.values)
        self._first = self._slots[0]
        self._days = day_set(
            expand(schedule.day, grammar.DAY),
            expand(schedule.month, grammar.MONTH),
            expand(schedule.wday, grammar.WDAY),
        )
        self._every_day = self._days.is_every_day
        self._place = placement(
            schedule.timezone,
            wildcard=is_wildcard(schedule),
            gap=schedule.dst_gap,
            overlap=schedule.dst_overlap,
        )

    def next_after(self, instant: Instant) -> Instant | None:
        """Return the first due instant strictly after `instant`.

        None: there is none before 2200.
        """
        place = self._place
        instant = max(instant, BEGINNING - 1)
        segment = bisect_right(place.starts, instant) - 1
        offset = place.offsets[segment]
        low = place.lows[segment]
        day, minute = divmod(
            ((instant if instant >= low else low - 1) + offset) // MINUTE, _DAY_MINUTES
        )
        slots = self._slots
        index = bisect_right(slots, minute)
        if index < len(slots) and (self._every_day or self._days.has(day)):
            due = (day * _DAY_MINUTES + slots[index]) * MINUTE - offset
        else:
            due = (self._days.at_or_after(day + 1) * _DAY_MINUTES + self._first) * MINUTE - offset
        if due < place.highs[segment] and instant >= place.quiet[segment]:
            return due
        return self._next_across(segment, instant)

    def previous_at(self, instant: Instant) -> Instant | None:
        """Return the last due instant at or before `instant`; None: there is none since 1970."""
        instant = min(instant, HORIZON - 1)
        segment = bisect_right(self._place.starts, instant) - 1
        while segment >= 0:
            low, high = self._own_range(segment, BEGINNING - 1, instant)
            found = self._last_at_or_before(segment, high)
            made_up = [at for at in self._made_up(segment) if at <= instant]
            if low <= found <= high:
                made_up.append(found)
            if made_up:
                return max(made_up)
            segment -= 1
        return None

    def count(self, after: Instant, until: Instant) -> tuple[Instant, Instant, int] | None:
        """Return first, last and number of the due instants in `after < due <= until`."""
        after, until = max(after, BEGINNING - 1), min(until, HORIZON - 1)
        first = self.next_after(after)
        if first is None or first > until:
            return None
        last = self.previous_at(until)
        assert last is not None  # noqa: S101 - `first` is one
        total = 0
        for segment in self._segments(after, until):
            low, high = self._own_range(segment, after, until)
            total += self._count_own(segment, low, high)
            total += sum(
                1
                for at in self._made_up(segment)
                if after < at <= until and not self._is_own(segment, at)
            )
        return first, last, total

    def between(self, after: Instant, until: Instant) -> Iterator[Instant]:
        """Yield the due instants of `after < due <= until`, ascending."""
        after, until = max(after, BEGINNING - 1), min(until, HORIZON - 1)
        for segment in self._segments(after, until):
            low, high = self._own_range(segment, after, until)
            made_up = {at for at in self._made_up(segment) if after < at <= until}
            if made_up:
                last = max(made_up)
                yield from sorted(made_up.union(self._own(segment, low, min(last, high))))
                low = max(low, last + 1)
            yield from self._own(segment, low, high)

    def local_times(self, low: int, high: int) -> list[int]:
        """Return the matching local times of `low <= local < high`, in microseconds of local time.

        They are what the schedule names, before a clock change moves or removes any of them.
        """
        return list(self._local(low, high - 1, 0))

    def _segments(self, after: Instant, until: Instant) -> range:
        starts = self._place.starts
        return range(bisect_right(starts, after) - 1, bisect_right(starts, until))

    def _own_range(self, segment: int, after: Instant, until: Instant) -> tuple[Instant, Instant]:
        """Return the first and the last instant of the segment within `after < due <= until`."""
        place = self._place
        return max(place.lows[segment], after + 1), min(place.highs[segment] - 1, until)

    def _next_across(self, segment: int, instant: Instant) -> Instant | None:
        for ahead in range(segment, len(self._place.starts)):
            low, high = self._own_range(ahead, instant, HORIZON)
            found = self._first_at_or_after(ahead, low)
            made_up = [at for at in self._made_up(ahead) if at > instant]
            if found <= high:
                made_up.append(found)
            if made_up:
                return min(made_up)
        return None

    def _made_up(self, segment: int) -> list[Instant]:
        """Return the instants at which local times of the gap before `segment` are made up for."""
        place = self._place
        gap = place.gaps[segment]
        if not gap:
            return []
        start = place.starts[segment]
        before = place.offsets[segment - 1]
        if place.shifts:
            return list(self._local(start + before, start + before + gap - 1, before))
        low = start + before
        first = self._naive_at_or_after(-(-low // MINUTE)) * MINUTE
        return [start] if first < low + gap else []

    def _own(self, segment: int, low: Instant, high: Instant) -> Iterator[Instant]:
        offset = self._place.offsets[segment]
        return self._local(low + offset, high + offset, offset)

    def _local(self, low: int, high: int, offset: int) -> Iterator[Instant]:
        """Yield the instants of the matching local times in `low <= local <= high`."""
        first, last = -(-low // MINUTE), high // MINUTE
        day, last_day = self._days.at_or_after(first // _DAY_MINUTES), last // _DAY_MINUTES
        slots = self._slots
        while day <= last_day:
            base = day * _DAY_MINUTES
            begin = bisect_left(slots, first - base) if base < first else 0
            end = bisect_right(slots, last - base) if day == last_day else len(slots)
            start = base * MINUTE - offset
            yield from [start + slot * MINUTE for slot in slots[begin:end]]
            day = self._days.at_or_after(day + 1)

    def _is_own(self, segment: int, at: Instant) -> bool:
        low, high = self._own_range(segment, at - 1, at)
        return low <= high and self._first_at_or_after(segment, at) == at

    def _first_at_or_after(self, segment: int, at: Instant) -> Instant:
        offset = self._place.offsets[segment]
        return self._naive_at_or_after(-(-(at + offset) // MINUTE)) * MINUTE - offset

    def _last_at_or_before(self, segment: int, at: Instant) -> Instant:
        offset = self._place.offsets[segment]
        day, minute = divmod((at + offset) // MINUTE, _DAY_MINUTES)
        index = bisect_right(self._slots, minute)
        if index and self._days.has(day):
            return (day * _DAY_MINUTES + self._slots[index - 1]) * MINUTE - offset
        day = self._days.at_or_before(day - 1)
        return (day * _DAY_MINUTES + self._slots[-1]) * MINUTE - offset

    def _naive_at_or_after(self, at: int) -> int:
        """Return the first matching local minute that is not before `at`."""
        day, minute = divmod(at, _DAY_MINUTES)
        index = bisect_left(self._slots, minute)
        if index < len(self._slots) and self._days.has(day):
            return day * _DAY_MINUTES + self._slots[index]
        return self._days.at_or_after(day + 1) * _DAY_MINUTES + self._first

    def _count_own(self, segment: int, low: Instant, high: Instant) -> int:
        if high < low:
            return 0
        offset = self._place.offsets[segment]
        return self._count_to((high + offset) // MINUTE) - self._count_to(
            -(-(low + offset) // MINUTE) - 1
        )

    def _count_to(self, minute: int) -> int:
        """Return how many local minutes match up to and with `minute`, from some fixed day on."""
        day, minute = divmod(minute, _DAY_MINUTES)
        whole = self._days.count(_COUNT_FROM, day - 1) * len(self._slots)
        return whole + (bisect_right(self._slots, minute) if self._days.has(day) else 0)


_COUNT_FROM = -2  # a day before the first that any zone can see in 1970


@lru_cache(maxsize=65_536)
def _slots_of_day(hours: tuple[int, ...], minutes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the matching minutes of a day."""
    return tuple(hour * 60 + minute for hour in hours for minute in minutes)
