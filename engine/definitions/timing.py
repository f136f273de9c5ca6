"""When a job runs: the keys schedule, duration, timezone, dst-gap, dst-overlap and expiry-date."""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, get_args
from zoneinfo import ZoneInfo

from engine.clock import Instant, from_datetime
from engine.definitions import scalars
from engine.definitions.intended import CRON_FIELDS, in_seconds, instead_of_fields
from engine.definitions.nodes import BLOCK_STYLES, Fields, Node, Text
from engine.definitions.values import Values, found
from engine.domain.schedule import (
    CronSchedule,
    DstGap,
    DstOverlap,
    RecurringSchedule,
    Schedule,
)
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.days import LAST_YEAR
from engine.domain.schedule.recurring import check_recurring
from engine.domain.schedule.zones import BEGINNING, HORIZON
from engine.errors import CronError, ScheduleError
from engine.zones import NOT_KNOWN, zone_fault

_TIMES: Final = ("schedule", "expiry-date")  # that are local ones
_CRON_NAMES: Final = ("minute", "hour", "day", "month", "wday")  # the same in an error
_LONGEST_SCHEDULE: Final = 1024
_NOTHING: Final = RecurringSchedule(1)  # returned after a problem was noted; never used


def read_timezone(
    fields: Mapping[str, Node], values: Values, job: Node, *, named: str, default: str
) -> str:
    """Return the IANA zone of the job, `default` where it names none.

    A `default` of "" is not known: then a job whose times depend on it has to name its own.
    """
    node = fields.get("timezone")
    if node is None:
        if not default and not fields.keys().isdisjoint(_TIMES):
            values.wrong(
                job,
                f"{named} names no `timezone`, and {NOT_KNOWN}. Name it, as in Europe/Prague, here "
                "or for all jobs as `timezone` in settings.yaml",
            )
        return default or "UTC"
    zone = values.text(node, "timezone", 80)
    if fault := zone_fault(zone):
        values.wrong(node, f"'timezone': {fault}")
        return default or "UTC"
    return zone


def read_schedule(
    fields: Mapping[str, Node], values: Values, job: Node, *, named: str, timezone: str
) -> Schedule:
    """Return the schedule of `fields`: exactly one of `schedule` and `duration`."""
    cron, every = fields.get("schedule"), fields.get("duration")
    if cron is not None and every is not None:
        values.wrong(
            every,
            f"{named} sets both `schedule` and `duration`; a job has exactly one. "
            "Remove one of them.",
        )
        return _NOTHING
    if cron is not None:
        return _cron(cron, fields, values, timezone)
    for key in ("dst-gap", "dst-overlap"):
        if key in fields and every is not None:
            values.wrong(
                fields[key], f"'{key}' goes with `schedule`; a `duration` counts elapsed seconds"
            )
    if every is not None:
        return _recurring(every, values, timezone)
    values.wrong(
        job,
        f'{named} has neither `schedule` (as in "*/10 * * * *") nor `duration` (seconds); '
        "it needs one",
    )
    return _NOTHING


def read_expiry(node: Node, values: Values, timezone: str) -> Instant | None:
    """Return the expiry as an instant; a date is its first moment in the job's zone."""
    moment = scalars.moment(node) if isinstance(node, Text) else None
    if moment is None:
        values.wrong(
            node,
            "'expiry-date' must be a date, as in 2027-12-31, or a date with a time, as in "
            f"2027-12-31T18:00; found {found(node)}",
        )
        return None
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    expiry = from_datetime(moment)
    if not BEGINNING <= expiry < HORIZON:
        values.wrong(
            node,
            f"'expiry-date' is outside the years 1970 to {LAST_YEAR - 1}; a job without one "
            f"never expires; found {found(node)}",
        )
        return None
    return expiry


def _recurring(node: Node, values: Values, timezone: str) -> Schedule:
    seconds = scalars.whole_number(node) if isinstance(node, Text) else None
    if seconds is None:
        as_in = ", as in" + in_seconds(node) if in_seconds(node) else ""
        values.wrong(
            node,
            f"'duration' must be a whole number of seconds{as_in}; found {found(node)}",
        )
        return _NOTHING
    try:
        return check_recurring(seconds, timezone)
    except ScheduleError as error:
        values.wrong(node, f"'duration': {error}")
        return _NOTHING


def _cron(node: Node, fields: Mapping[str, Node], values: Values, timezone: str) -> Schedule:
    before = values.noted
    gap, overlap = "after", "first"
    if "dst-gap" in fields:
        gap = values.one_of(fields["dst-gap"], "dst-gap", get_args(DstGap))
    if "dst-overlap" in fields:
        overlap = values.one_of(fields["dst-overlap"], "dst-overlap", get_args(DstOverlap))
    if isinstance(node, Fields):
        if instead := instead_of_fields(node):
            values.wrong(node, instead)
            return _NOTHING
        text = _joined(node, values)
    else:
        text = values.text(node, "schedule", _LONGEST_SCHEDULE)
    if values.noted != before:
        return _NOTHING
    try:
        return _parsed(text, timezone, gap, overlap)
    except CronError as error:
        interval = in_seconds(node)
        instead = f" Write{interval} in place of `schedule`." if interval else ""
        values.wrong(_place(node, error), f"'schedule': {error}{instead}")
    except ScheduleError as error:
        values.wrong(node, f"'schedule': {error}")
    return _NOTHING


def _joined(node: Fields, values: Values) -> str:
    entries = values.fields(node, "schedule", CRON_FIELDS)
    missing = [key for key in CRON_FIELDS if key not in entries]
    if missing:
        values.wrong(
            node,
            f"'schedule' lacks {', '.join(missing)}; give all of {', '.join(CRON_FIELDS)} "
            "('*' for any), or one line, as in schedule: \"*/10 * * * *\"",
        )
    written: list[str] = []
    for key in CRON_FIELDS:
        each = entries.get(key)
        whole = scalars.whole_number(each) if isinstance(each, Text) else None
        if each is None or whole is not None:
            written.append("*" if whole is None else str(whole))
            continue
        field = values.text(each, f"schedule.{key}", 256)
        if not field or any(char.isspace() for char in field):
            values.wrong(each, f"'schedule.{key}' must be one cron field, without spaces")
            field = "*"
        written.append(field)
    return " ".join(written)


def _place(node: Node, error: CronError) -> Node:
    """Return where in the file the part of the schedule stands that `error` is about."""
    if isinstance(node, Fields):
        name = dict(zip(_CRON_NAMES, CRON_FIELDS, strict=True)).get(error.field)
        return next((value for key, value in node.entries if key.value == name), node)
    if not isinstance(node, Text) or node.style in BLOCK_STYLES:
        return node
    quote = 0 if node.style is None else 1
    return Text(node.line, node.column + quote + (error.position or 1) - 1, node.value, node.style)


@lru_cache(maxsize=4096)
def _parsed(text: str, timezone: str, gap: str, overlap: str) -> CronSchedule:
    return parse_cron(text, timezone, gap, overlap)
