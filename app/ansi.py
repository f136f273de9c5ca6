"""Read the colours of job output (ANSI SGR) as spans, and drop every other escape sequence.

Colours begin anew on each line: a job that forgets to reset one colours a line, not the rest of the
log. Blinking and hidden text are not honoured: what a job printed is always readable.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from app.cells import cell_width
from app.sanitize import LINE_LIMIT, SafeText, ellipsis, safe

Colour = int | tuple[int, int, int]  # an index of the 256-colour palette, or red, green, blue

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)(?P<sgr>[0-9;:]*)m"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # other control sequences: cursor, erase, modes
    # Strings with an end. None holds what begins one of its kind: else each that has no end would
    # be looked through to the end of the line, and text that was encoded twice is full of them.
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|[\x90\x98\x9d-\x9f][^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"  # the rest
)
_DIGITS, _MOST = 3, 255
_EXTENDED, _DEFAULTS, _PALETTE, _RGB = (38, 48), (39, 49), 5, 2
_BASIC = {base + index: index for base in (30, 40) for index in range(8)} | {
    base + index: index + 8 for base in (90, 100) for index in range(8)
}


class Ink(Struct, frozen=True):
    """How a stretch of text looks; None is the terminal's own colour."""

    foreground: Colour | None = None
    background: Colour | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


class InkSpan(NamedTuple):
    """`ink` of the characters `start` to `end` (exclusive) of a sanitized line."""

    start: int
    end: int
    ink: Ink


_PLAIN = Ink()
_SWITCHES: dict[int, dict[str, bool]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
}


def coloured_line(value: str, limit: int = LINE_LIMIT) -> tuple[SafeText, tuple[InkSpan, ...]]:
    """Return at most `limit` characters of one line of output as displayable text, and its colours.

    As `app.sanitize.safe_line`, but escape sequences are read or dropped instead of made visible.
    """
    text = value[: 4 * limit].rstrip("\r\n")
    shown: list[str] = []
    spans: list[InkSpan] = []
    length = column = 0
    for raw, ink in _pieces(text):
        piece = safe(_untab(raw, column))[: limit - length]
        shown.append(piece)
        if ink != _PLAIN and piece:
            spans.append(InkSpan(length, length + len(piece), ink))
        length += len(piece)
        column += cell_width(piece)
        if length >= limit:
            break
    left_out = len(value) - 4 * limit if len(value) > 4 * limit else 0
    if left_out or length >= limit:
        shown.append(ellipsis())
    return SafeText("".join(shown)), tuple(spans)


def without_escapes(text: str) -> str:
    """Return a line of output without its escape sequences; other control characters stay."""
    return _ESCAPE.sub("", text)


def _pieces(text: str) -> Iterator[tuple[str, Ink]]:
    pen: dict[str, Any] = {}
    start = 0
    for found in _ESCAPE.finditer(text):
        if found.start() > start:
            yield text[start : found.start()], Ink(**pen)
        start = found.end()
        if found["sgr"] is not None:
            _apply(pen, found["sgr"])
    if start < len(text):
        yield text[start:], Ink(**pen)


def _untab(text: str, column: int) -> str:
    if "\t" not in text:
        return text
    return (" " * (column % 8) + text).expandtabs(8)[column % 8 :]


def _apply(pen: dict[str, Any], codes: str) -> None:
    """Change `pen` by the SGR parameters `codes`; unknown ones change nothing."""
    parts = re.split("[;:]", codes)[:32]
    numbers = [int(part or 0) for part in parts if len(part) <= _DIGITS]
    index = 0
    while index < len(numbers):
        number = numbers[index]
        if number in _EXTENDED:
            colour, used = _extended(numbers[index + 1 :])
            if colour is not None:
                pen[_ground(number)] = colour
            index += used
        elif number == 0:
            pen.clear()
        elif number in _SWITCHES:
            pen.update(_SWITCHES[number])
        elif number in _DEFAULTS:
            pen.pop(_ground(number), None)
        elif number in _BASIC:
            pen[_ground(number)] = _BASIC[number]
        index += 1


def _ground(number: int) -> str:
    """Return which of the two colours the SGR code `number` sets."""
    return "background" if number // 10 in {4, 10} else "foreground"


def _extended(rest: list[int]) -> tuple[Colour | None, int]:
    """Return the colour after a 38 or 48, and how many numbers it took."""
    match rest:
        case [kind, index, *_] if kind == _PALETTE:
            return (index if index <= _MOST else None), 2
        case [kind, red, green, blue, *_] if kind == _RGB:
            return (min(red, _MOST), min(green, _MOST), min(blue, _MOST)), 4
    return None, len(rest)
