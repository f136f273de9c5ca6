"""Instants as people write them: ISO 8601, a date, a time of today, or a time from now as 24h, 7d.

A time without a zone is read in the zone that the command names in its help: the job's, or the
machine's.
"""

import re
from datetime import datetime, time, tzinfo
from typing import Literal

import click
from msgspec import Struct

from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime, to_datetime

_DURATION = re.compile(r"(?P<sign>[+-]?)(?P<parts>(\d{1,9}[smhdw])+)", re.ASCII)
_PART = re.compile(r"(\d+)([smhdw])", re.ASCII)
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
_LATEST = 7_258_118_400 * SECOND  # 2200-01-01T00:00:00Z
_LONGEST = 10_000 * 366 * DAY
_ACCEPTED = (
    "2026-11-22T19:00:00Z, 2026-11-22T20:00+01:00, 2026-11-22 (midnight), 19:00 (today), now, "
    "or a time from now such as 90s, 10m, 24h, 7d"
)


class Moment(Struct, frozen=True):
    """What was written: a local time, an instant, or a distance from now."""

    written: str
    moment: datetime | None = None  # without a zone: in the zone that `at` is given
    distance: Instant | None = None  # microseconds
    signed: bool = False  # written with + or -
    today: time | None = None  # at this time of the day that `now` is in

    def at(self, now: Instant, direction: Literal[-1, 1], zone: tzinfo | None = None) -> Instant:
        """Return the instant; a distance without a sign goes into `direction`.

        `zone` None is the machine's. A local time that occurs twice is the first of the two.
        """
        if self.distance is not None:
            return now + (self.distance if self.signed else direction * self.distance)
        moment = self.moment or to_datetime(now).astimezone(zone)
        if self.today is not None:
            moment = datetime.combine(moment.date(), self.today)
        if moment.tzinfo is None:
            moment = moment.astimezone() if zone is None else moment.replace(tzinfo=zone)
        return from_datetime(moment)


def read_moment(text: str) -> Moment:
    """Return what `text` says.

    Raises:
        ValueError: it is none of the accepted forms; the message lists them.
    """
    stripped = text.strip()
    if stripped == "now":
        return Moment(text, distance=0)
    if found := _DURATION.fullmatch(stripped):
        total = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(found["parts"]))
        if total > _LONGEST:
            message = f"'{text}' is too far away"
            raise ValueError(message)
        return Moment(
            text, distance=-total if found["sign"] == "-" else total, signed=bool(found["sign"])
        )
    try:
        if _TIME.fullmatch(stripped):
            return Moment(text, today=time.fromisoformat(stripped.zfill(5)))
        moment = datetime.fromisoformat(stripped)
    except ValueError:
        message = f"'{text}' is no instant. Accepted: {_ACCEPTED}"
        raise ValueError(message) from None
    return Moment(text, moment=moment)


class MomentParam(click.ParamType[Moment]):
    """An instant, or a time from now."""

    name = "instant"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Moment:
        """Return what was written, or refuse it with the accepted forms."""
        if isinstance(value, Moment):
            return value
        try:
            moment = read_moment(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        if moment.moment is not None and not _is_in_range(moment):
            self.fail(f"'{value}' is outside the years 1970 to 2199.", param, ctx)
        return moment


def _is_in_range(moment: Moment) -> bool:
    try:
        return 0 <= moment.at(0, 1) < _LATEST
    except (ValueError, OverflowError):  # the first and the last day there are, in another zone
        return False


class DurationParam(click.ParamType[float]):
    """A length of time such as 90s, 24h or 90d, as seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return seconds."""
        if isinstance(value, float):
            return value
        found = _DURATION.fullmatch(str(value).strip())
        if not found or found["sign"]:
            self.fail(
                f"'{value}' is no length of time. Accepted: 90s, 10m, 24h, 7d, 2w, 1d12h.",
                param,
                ctx,
            )
        total = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(found["parts"]))
        if total > _LONGEST:
            self.fail(f"'{value}' is longer than 10,000 years.", param, ctx)
        return total / SECOND


class SecondsParam(DurationParam):
    """A whole number of seconds, or a length of time such as 5m, as whole seconds."""

    name = "seconds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return seconds, negative ones too: whoever uses them says what is accepted."""
        text = str(value).strip()
        if re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
            return int(text)
        if not _DURATION.fullmatch(text):
            accepted = "a whole number of seconds, or a length of time such as 10m, 24h"
            self.fail(f"'{value}' is not {accepted}.", param, ctx)
        return int(super().convert(text, param, ctx))


MOMENT = MomentParam()
DURATION = DurationParam()
SECONDS = SecondsParam()
