"""Read a cron schedule as people write it: one line, a macro, or a mapping of five fields."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, cast, get_args

from engine.domain.schedule import CronSchedule, DstGap, DstOverlap
from engine.domain.schedule.describe import MONTH_NAMES
from engine.domain.schedule.fields import (
    DAY,
    KINDS,
    MAX_LENGTH,
    MONTH,
    WDAY,
    FieldSet,
    expand,
    printable,
)
from engine.domain.schedule.zones import zone
from engine.errors import CronError, ScheduleError

MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
KEYS = ("minutes", "hours", "days", "months", "dow")  # of the mapping, as Qorus names them

_MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def parse_cron(
    text: str | Mapping[str, Any],
    timezone: str = "UTC",
    dst_gap: str = "after",
    dst_overlap: str = "first",
) -> CronSchedule:
    """Return the schedule that `text` describes, checked in every part.

    `text` is five fields, a macro such as `@daily`, or a mapping of minutes, hours, days, months
    and dow.

    Raises:
        CronError: a field is not in the grammar, or the schedule can never fire. `field` names it
            (empty: the line as a whole); `position` counts characters from 1 in `text`, or in the
            field's own text for a mapping.
        ScheduleError: the time zone or a daylight-saving choice is unknown.
    """
    words, positions = _words_of_mapping(text) if isinstance(text, Mapping) else _words(text)
    sets = []
    for kind, word, position in zip(KINDS, words, positions, strict=True):
        try:
            sets.append(expand(word, kind))
        except CronError as error:
            raise _moved(error, position) from None
    _check_can_fire(dict(zip((kind.name for kind in KINDS), sets, strict=True)), positions)
    zone(timezone)
    minute, hour, day, month, wday = words
    return CronSchedule(
        minute,
        hour,
        day,
        month,
        wday,
        timezone=timezone,
        dst_gap=cast("DstGap", _choice(dst_gap, "dst-gap", get_args(DstGap))),
        dst_overlap=cast("DstOverlap", _choice(dst_overlap, "dst-overlap", get_args(DstOverlap))),
    )


def _words(text: str) -> tuple[list[str], list[int]]:
    if len(text) > MAX_LENGTH:
        raise CronError(
            f"The cron schedule is {len(text)} characters long; at most {MAX_LENGTH} are read.",
            position=MAX_LENGTH + 1,
        )
    line = text.strip()
    if line.startswith("@"):
        expansion = MACROS.get(line.lower())
        if expansion is None:
            near = get_close_matches(line.lower(), MACROS, n=1)
            hint = f"nearest: {near[0]}; " if near else ""
            known = " ".join(MACROS)
            message = f"No cron macro is named '{line}' ({hint}known: {known})."
            raise CronError(printable(message), position=1)
        return expansion.split(), [1] * 5
    found = list(re.finditer(r"\S+", text))
    if len(found) != len(KINDS):
        names = " ".join(kind.name for kind in KINDS)
        seconds = " None of them is for seconds." if len(found) == len(KINDS) + 1 else ""
        raise CronError(
            printable(
                f"A cron schedule has five fields ({names}); '{line}' has {len(found)}.{seconds}"
            ),
            position=found[len(KINDS)].start() + 1 if len(found) > len(KINDS) else len(text) + 1,
        )
    return [match.group() for match in found], [match.start() + 1 for match in found]


def _words_of_mapping(fields: Mapping[str, Any]) -> tuple[list[str], list[int]]:
    for key in fields:
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, n=1)
            hint = f"Nearest: '{near[0]}'. " if near else ""
            raise CronError(
                printable(f"A schedule has no field '{key}'. {hint}Its fields: {', '.join(KEYS)}."),
                field=str(key),
                position=1,
            )
    words = []
    for key, kind in zip(KEYS, KINDS, strict=True):
        if key not in fields:
            raise CronError(
                f"The schedule lacks '{key}'; give all of {', '.join(KEYS)} ('*' for any).",
                field=kind.name,
                position=1,
            )
        value = fields[key]
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise CronError(
                f"The schedule's '{key}' is to be text such as \"*/5\", not {value!r}.",
                field=kind.name,
                position=1,
            )
        words.append(str(value).strip())
    return words, [1] * 5


def _moved(error: CronError, start: int) -> CronError:
    """Return `error` with its position counted from the start of the line."""
    position = start + (error.position or 1) - 1
    return CronError(
        error.reason, field=error.field, position=position, tells_position=error.tells_position
    )


def _check_can_fire(sets: Mapping[str, FieldSet], positions: list[int]) -> None:
    if sets[DAY.name].is_full or not sets[WDAY.name].is_full:
        return  # every day of some month, or some day of each week
    months = sets[MONTH.name].values
    first_day = sets[DAY.name].values[0]
    if any(first_day <= _MONTH_LENGTHS[month - 1] for month in months):
        return
    names = " or ".join(MONTH_NAMES[month - 1] for month in months)
    raise CronError(
        f"The schedule never fires: {names} has no day {first_day}.",
        field=DAY.name,
        position=positions[DAY.place],
    )


def _choice(value: str, name: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ScheduleError(f"{name} is '{value}'; it is one of {', '.join(known)}.")
    return value
