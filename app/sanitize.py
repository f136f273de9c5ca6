"""Make text from data fit to be shown: the only constructor of displayable text.

Names, job output, errors, info and state data are written by others. Sent raw, they can retitle the
terminal, clear it, write its clipboard or turn a line around (CWE-150). What comes out of here
holds no control character, no bidi or invisible character, no lone surrogate, and no more than
three marks on a letter; it takes a known number of cells.

    NUL..US, DEL          the control picture (ESC becomes a visible U+241B)
    C1, bidi, zero-width, tags, line separators, unassigned, surrogates      U+FFFD
    every kind of blank   a space
    emoji style and skin  nothing: they only choose between drawings of the sign before them

With `ascii_output(True)` (a terminal without UTF-8) everything is brought down to printable ASCII:
letters lose their accents, a control character becomes `^[`, the rest `?`.
"""

import unicodedata
from functools import cache
from typing import NewType

from app.sizes import KILO, size_words

SafeText = NewType("SafeText", str)  # came out of this module; may go to a terminal

LINE_LIMIT = 4096  # characters of one shown line
MOST_MARKS = 3  # combining marks on one letter: enough for every living script
_REPLACEMENT = "\ufffd"
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARK_KINDS = frozenset({"Mn", "Me", "Mc"})
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")  # Hangul fillers: letters with no ink
_DELETE = 0x7F
# Signs that became two cells wide in Unicode 16: no two terminals agree, so they would push a row
# out of line.
_WIDTH_IN_DISPUTE = (
    ("\u2630", "\u2637"),
    ("\u268a", "\u268f"),
    ("\u4dc0", "\u4dff"),
    ("\U0001d300", "\U0001d376"),
)
_HANGUL_PARTS = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7ff"))  # drawn inside the syllable before


@cache
def is_mark(char: str) -> bool:
    """Whether `char` takes no cell of its own because it is drawn on the character before it."""
    return unicodedata.category(char) in _MARK_KINDS or _within(char, _HANGUL_PARTS)


def _within(char: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= char <= last for first, last in ranges)


class _Table(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = value = _replacement(chr(code))
        return value


def _replacement(char: str) -> str:
    code = ord(char)
    if code < ord(" "):
        return chr(0x2400 + code)
    if code == _DELETE:
        return "\u2421"
    if "\ufe00" <= char <= "\ufe0f" or "\U0001f3fb" <= char <= "\U0001f3ff":
        return ""
    category = unicodedata.category(char)
    if category in _REFUSED or char in _INVISIBLE_LETTERS or "\U000e0100" <= char <= "\U000e01ef":
        return _REPLACEMENT
    if _within(char, _WIDTH_IN_DISPUTE):
        return _REPLACEMENT
    if category == "Zs" and char != "\u3000":
        return " "
    return char


_TABLE = _Table()
_ASCII_TABLE: dict[int, str] = {}


class _Charset:
    """What the terminal of this process can draw; it has one terminal."""

    ascii_only = False


def ascii_output(on: bool) -> None:
    """Choose whether all that is shown from now on is brought down to ASCII."""
    _Charset.ascii_only = on


def ellipsis() -> SafeText:
    """Return the sign that something was cut off: one cell, or `..` in ASCII."""
    return SafeText(".." if _Charset.ascii_only else "…")


def safe(value: str | bytes) -> SafeText:
    """Return `value` as one piece of displayable text; line ends and tabs become visible pictures.

    Bytes are read as UTF-8 and what is not UTF-8 becomes U+FFFD. Nothing is cut off: see
    `safe_line`.
    """
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if text.isascii():
        if text.isprintable():
            return SafeText(text)
        text = text.translate(_TABLE)
    else:
        text = _cap_marks(text.translate(_TABLE))
    return SafeText(_to_ascii(text)) if _Charset.ascii_only else SafeText(text)


def safe_line(value: str | bytes, limit: int = LINE_LIMIT) -> SafeText:
    """Return at most `limit` characters of `value`, as `safe`, with the size of what was left out.

    Tabs go to the next multiple of eight, a line end at the end is dropped. Costs the time of
    `limit` characters however long `value` is.
    """
    head = value[: limit + 1]
    text = head.decode("utf-8", "replace") if isinstance(head, bytes) else head
    if len(value) <= limit + 1:
        text = text.rstrip("\r\n")
    left_out = len(value) - limit if len(text) > limit else 0
    text = text[:limit]
    if "\t" in text:
        text = text.expandtabs(8)
    shown = safe(text)
    if left_out > 0:
        return SafeText(f"{shown}{ellipsis()} +{_size(left_out)}")
    return shown


def safe_lines(value: str, most: int = 1000, limit: int = LINE_LIMIT) -> list[SafeText]:
    """Return the lines of `value`, each as `safe_line`; a last one tells how many were left out."""
    lines = value.split("\n", most)
    rest = lines.pop() if len(lines) > most else ""
    if lines and not lines[-1] and not rest:
        lines.pop()
    shown = [safe_line(line, limit) for line in lines]
    if rest:
        count = rest.count("\n") + (not rest.endswith("\n"))
        shown.append(SafeText(f"{ellipsis()} +{count:,} line{'' if count == 1 else 's'}"))
    return shown


def _cap_marks(text: str) -> str:
    """Drop marks beyond three on one letter, and give a mark that has no letter one to stand on."""
    if not any(map(is_mark, set(text))):
        return text
    kept: list[str] = []
    marks = MOST_MARKS  # a mark at the very start would sit on our own frame
    for char in text:
        if is_mark(char):
            marks += 1
            if marks > MOST_MARKS:
                if not kept:
                    kept.append(_REPLACEMENT)
                continue
        else:
            marks = 0
        kept.append(char)
    return "".join(kept)


def _to_ascii(text: str) -> str:
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _ascii_char(char) for char in text)


def _ascii_char(char: str) -> str:
    code = ord(char)
    known = _ASCII_TABLE.get(code)
    if known is None:
        if "\u2400" <= char <= "\u241f":
            known = "^" + chr(code - 0x2400 + ord("@"))
        elif char == "\u2421":
            known = "^?"
        else:
            plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
            known = plain if plain.isprintable() else ""
            known = known or ("" if is_mark(char) else "?")
        _ASCII_TABLE[code] = known
    return known


def _size(characters: int) -> str:
    return size_words(characters) if characters >= KILO else f"{characters} characters"
