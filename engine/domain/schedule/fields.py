"""One cron field: its grammar, and the set of values it names.

The grammar is ours and stricter than any library's (semantics: "Cron grammar"): what another
program would guess at is refused with the form that says it plainly. What passes is written in
canonical form (numbers for names, no range of one value) and expanded by croniter.
"""

import re
from functools import lru_cache

from msgspec import Struct

from engine.errors import CronError

MAX_LENGTH = 256

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_ITEM = re.compile(
    r"(?P<first>\*|[0-9]+|[a-z]+)(?:-(?P<last>[0-9]+|[a-z]+))?(?:/(?P<step>[0-9]+))?"
)


class Kind(Struct, frozen=True):
    """What a field may hold."""

    name: str
    low: int
    high: int
    size: int  # number of different values: 7 for the days of the week, where 0 and 7 are Sunday
    names: tuple[str, ...] = ()
    base: int = 0  # number of the first name
    place: int = 0  # in a crontab line


MINUTE = Kind("minute", 0, 59, 60, place=0)
HOUR = Kind("hour", 0, 23, 24, place=1)
DAY = Kind("day", 1, 31, 31, place=2)
MONTH = Kind("month", 1, 12, 12, _MONTHS, base=1, place=3)
WDAY = Kind("wday", 0, 7, 7, _DAYS, place=4)
KINDS = (MINUTE, HOUR, DAY, MONTH, WDAY)


class FieldSet(Struct, frozen=True):
    """The values of a field, ascending; Sunday is 0."""

    values: tuple[int, ...]
    is_full: bool  # every value of the field: it restricts nothing


@lru_cache(maxsize=65_536)
def expand(text: str, kind: Kind) -> FieldSet:
    """Return the values that `text` names.

    Raises:
        CronError: `text` is not in the grammar; `position` counts from 1 within `text`.
    """
    if len(text) > MAX_LENGTH:
        raise _error(kind, text[:20] + "...", 1, f"is longer than {MAX_LENGTH} characters")
    canonical = []
    position = 1
    for item in text.split(","):
        canonical.append(_canonical_item(item, kind, text, position))
        position += len(item) + 1
    values = _expand_canonical(",".join(canonical), kind)
    return FieldSet(values, len(values) == kind.size)


def _expand_canonical(field: str, kind: Kind) -> tuple[int, ...]:
    from croniter import CroniterError, croniter  # 60 ms that most commands need not pay

    line = ["*"] * 5
    line[kind.place] = field
    try:
        values = croniter.expand(" ".join(line))[0][kind.place]
    except (CroniterError, ValueError) as error:  # our grammar let something through that is none
        raise CronError(f"{kind.name} '{field}': {error}", field=kind.name, position=1) from error
    if "*" in values:  # alone, or in a list with others
        return tuple(range(kind.low, kind.low + kind.size))
    return tuple(sorted({int(value) for value in values}))


def _canonical_item(item: str, kind: Kind, text: str, position: int) -> str:
    match = _ITEM.fullmatch(item.lower())
    if match is None:
        what = "has an empty item" if not item else f"has '{item}'"
        hint = "" if item else "; remove the extra comma"
        raise _error(kind, text, position, f"{what}{hint or ', which is no ' + _forms(kind)}")
    first, last, step = match["first"], match["last"], match["step"]
    if first == "*":
        if last is not None:
            raise _error(kind, text, position, f"has '{item}': a range needs a value, not '*'")
        return "*" if step is None else f"*/{_step(step, kind, text, position, item)}"
    low = _value(first, kind, text, position)
    if last is None:
        if step is not None:
            raise _error(
                kind,
                text,
                position,
                f"has '{item}': a step follows '*' or a range; write {first}-{kind.high}/{step}",
            )
        return str(low)
    high = _value(last, kind, text, position + len(first) + 1)
    if kind is WDAY and last == "sun" and low > 0:
        high = 7  # a range that ends on Sunday ends the week
    if low > high:
        raise _reversed(item, first, last, low, high, kind, text, position)
    every = 1 if step is None else _step(step, kind, text, position, item)
    if low == high:
        return str(low)  # croniter reads the step of a range of one value as a step of the field
    return f"{low}-{high}" if every == 1 else f"{low}-{high}/{every}"


def _value(word: str, kind: Kind, text: str, position: int) -> int:
    if word[0].isdigit():
        number = int(word)
        if not kind.low <= number <= kind.high:
            raise _error(kind, text, position, f"has {word}, outside {kind.low} to {kind.high}")
        return number
    if word not in kind.names:
        known = f"; its names are {', '.join(kind.names)}" if kind.names else "; it has no names"
        raise _error(kind, text, position, f"has '{word}'{known}")
    return kind.names.index(word) + kind.base


def _step(digits: str, kind: Kind, text: str, position: int, item: str) -> int:
    step = int(digits)
    at = position + item.index("/") + 1
    if step == 0:
        raise _error(kind, text, at, f"has '{item}': a step is at least 1")
    if step >= kind.size:
        raise _error(
            kind,
            text,
            at,
            f"has '{item}': a step is smaller than the field's whole range, {kind.size}; "
            f"write the one value instead",
        )
    return step


def _reversed(
    item: str, first: str, last: str, low: int, high: int, kind: Kind, text: str, position: int
) -> CronError:
    def shown(number: int, word: str) -> str:
        named = not word[0].isdigit()
        return kind.names[number % kind.size - kind.base] if named and kind.names else str(number)

    start = 1 if kind is WDAY else kind.low
    end = 7 if kind is WDAY else kind.high
    ranges = [first if low == end else f"{first}-{shown(end, first)}"]
    if high >= start:
        ranges.append(last if high == start else f"{shown(start, last)}-{last}")
    return _error(
        kind, text, position, f"has '{item}', which runs backwards; write {','.join(ranges)}"
    )


def _forms(kind: Kind) -> str:
    forms = "*, n, a-b, */n, a-b/n or a list of these"
    return f"{forms}, with {kind.low} to {kind.high}" + (" or names" if kind.names else "")


def printable(text: str) -> str:
    """Return `text` as one line that is safe to show, whatever was typed."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _error(kind: Kind, text: str, position: int, what: str) -> CronError:
    return CronError(
        printable(f"Cron field {kind.name} '{text}' {what}."),
        field=kind.name,
        position=position,
        tells_position=True,
    )
