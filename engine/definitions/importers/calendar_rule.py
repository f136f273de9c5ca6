"""When systemd's calendar event elapses: an evaluator of its own, over local days with `zoneinfo`.

A local time that a clock change skips does not elapse; one that the clocks repeat elapses the first
time only (as `systemd-analyze calendar` shows, of version 252).
"""

import calendar
import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from engine.clock import SECOND, Instant, from_datetime, to_datetime
from engine.definitions.importers.calendar_spec import CalendarSpec


class CalendarRule:
    """A calendar event in a time zone."""

    def __init__(self, spec: CalendarSpec, timezone: str) -> None:
        self._spec = spec
        self._zone = ZoneInfo(timezone)

    def reason(self, instant: Instant) -> str:
        """Return why a definition may differ at `instant`."""
        del instant
        return ""

    def instants(self, after: Instant, until: Instant) -> Iterator[Instant]:
        """Yield the instants of `after < instant <= until`, ascending, each once."""
        day = to_datetime(after).astimezone(self._zone).date() - dt.timedelta(days=1)
        last = to_datetime(until).astimezone(self._zone).date() + dt.timedelta(days=1)
        done = after
        while day <= last:
            if self._matches(day):
                for instant in sorted(self._on(day)):
                    if done < instant <= until:
                        yield instant
                        done = instant
            day += dt.timedelta(days=1)

    def _matches(self, day: dt.date) -> bool:
        spec = self._spec
        number = day.day
        if spec.from_the_end:
            number = calendar.monthrange(day.year, day.month)[1] - day.day + 1
        return (
            day.isoweekday() in spec.weekdays
            and day.year in spec.years
            and day.month in spec.months
            and number in spec.days
        )

    def _on(self, day: dt.date) -> Iterator[Instant]:
        spec = self._spec
        midnight = dt.datetime.combine(day, dt.time(), self._zone)
        if self._offset(midnight) == self._offset(midnight + dt.timedelta(days=1)):
            start = from_datetime(midnight)  # the clocks do not change on that day
            for hour in spec.hours:
                for minute in spec.minutes:
                    for second in spec.seconds:
                        yield start + (hour * 3600 + minute * 60 + second) * SECOND
            return
        for hour in spec.hours:
            for minute in spec.minutes:
                for second in spec.seconds:
                    local = midnight.replace(hour=hour, minute=minute, second=second)
                    instant = from_datetime(local)
                    there = to_datetime(instant).astimezone(self._zone)
                    if there.replace(tzinfo=None) == local.replace(tzinfo=None):
                        yield instant

    @staticmethod
    def _offset(local: dt.datetime) -> dt.timedelta | None:
        return local.utcoffset()


class IntervalRule:
    """A monotonic timer: every so many seconds after its last start."""

    def __init__(self, seconds: int) -> None:
        self._step = seconds * SECOND

    def reason(self, instant: Instant) -> str:
        """Return why a definition may differ at `instant`."""
        del instant
        return ""

    def instants(self, after: Instant, until: Instant) -> Iterator[Instant]:
        """Yield the instants of `after < instant <= until`, counted from `after`."""
        at = after + self._step
        while at <= until:
            yield at
            at += self._step
