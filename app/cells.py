"""How many terminal cells a text takes, and cutting and padding it by cells.

The command line prints tables too and must not import Rich, so this is our own small measure. It
agrees with Rich's for every character that `app.sanitize` lets through (a test compares them all),
so what is cut here fits there. All functions expect sanitized text: a control character would count
as one cell.
"""

import unicodedata
from typing import Literal

from app.sanitize import SafeText, ellipsis, is_mark

_CACHE: dict[str, int] = {}


def _char_width(char: str) -> int:
    """Return the cells of one character: 0 for a mark, 2 for East Asian wide, else 1."""
    width = _CACHE.get(char)
    if width is None:
        wide = unicodedata.east_asian_width(char) in "WF"
        width = 0 if is_mark(char) else 2 if wide else 1
        _CACHE[char] = width
    return width


def cell_width(text: str) -> int:
    """Return how many cells the sanitized `text` takes."""
    if text.isascii():
        return len(text)
    return sum(map(_char_width, text))


def _take(text: str, width: int) -> tuple[str, int]:
    """Return the longest start of `text` in at most `width` cells, and the cells it takes."""
    if text.isascii():
        return text[:width], min(len(text), width)
    used = 0
    for index, char in enumerate(text):
        cells = _char_width(char)
        if used + cells > width:
            return text[:index], used
        used += cells
    return text, used


def cut(text: SafeText, width: int) -> SafeText:
    """Return `text` in at most `width` cells, ending in an ellipsis where something was cut off."""
    if width <= 0:
        return SafeText("")
    if (len(text) <= width and text.isascii()) or cell_width(text) <= width:
        return text
    mark = ellipsis()[:width]
    start, _ = _take(text, width - len(mark))
    return SafeText(start + mark)


def fit(text: SafeText, width: int, align: Literal["left", "right"] = "left") -> SafeText:
    """Return `text` cut or padded with spaces to exactly `width` cells."""
    shown = cut(text, width)
    padding = " " * (max(width, 0) - cell_width(shown))
    return SafeText(padding + shown if align == "right" else shown + padding)


def window(text: SafeText, start: int, width: int) -> SafeText:
    """Return the cells `start` to `start + width` of `text`, as a scrolled line shows them.

    A wide character that the edge cuts through becomes a space, and a mark never stands without its
    letter.
    """
    if width <= 0:
        return SafeText("")
    if text.isascii():
        return SafeText(text[start : start + width])
    skipped, used = _take(text, start)
    rest = text[len(skipped) :]
    lead = ""
    if used < start and rest:  # a wide character straddles the left edge
        lead, rest = " ", rest[1:]
    while rest and _char_width(rest[0]) == 0:
        rest = rest[1:]
    shown, taken = _take(rest, width - len(lead))
    straddles = taken + len(lead) < width and len(shown) < len(rest)
    return SafeText(lead + shown + (" " if straddles else ""))


def wrap_words(text: SafeText, width: int) -> list[SafeText]:
    """Return `text` in pieces of at most `width` cells, broken between words where it can be.

    A word that is wider than a line is broken anywhere.
    """
    lines: list[SafeText] = []
    line = ""
    for word in text.split(" "):
        grown = f"{line} {word}" if line else word
        if cell_width(grown) <= width:
            line = grown
            continue
        if line:
            lines.append(SafeText(line))
        *full, last = wrap(SafeText(word), width)
        lines += full
        line = last
    return [*lines, SafeText(line)] if line or not lines else lines


def wrap(text: SafeText, width: int) -> list[SafeText]:
    """Return `text` in pieces of at most `width` cells, broken anywhere: logs keep columns."""
    if width <= 0 or not text:
        return [text]
    pieces = []
    rest: str = text
    while rest:
        piece, _ = _take(rest, max(width, 2))
        piece = piece or rest[:1]
        pieces.append(SafeText(piece))
        rest = rest[len(piece) :]
    return pieces
