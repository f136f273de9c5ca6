"""Compile the `/re/` of a filter, refusing patterns that could take for ever.

Python's engine backtracks: a repeat within a repeat takes exponential time on a text that does not
match. A filter runs on every row at every key press, so such a pattern is refused with its reason.
"""

import re

from msgspec import Struct

LONGEST_PATTERN = 120
MOST_REPEATS = 3  # unbounded ones: each multiplies the time by the length of the text
_BOUNDED = 20  # a counted repeat of at most this many counts as bounded

_TOKEN = re.compile(
    r"(?P<backref>\\[1-9]|\(\?P=|\(\?\()"
    r"|(?P<escape>\\.)"
    r"|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<open>\((?:\?(?:P<\w+>|[:=!>]|<[=!]|[a-zA-Z-]+[:)]))?)"
    r"|(?P<close>\))"
    r"|(?P<choice>\|)"
    r"|(?P<repeat>[*+?]|\{\d*,?\d*\})[?+]?"
    r"|(?P<other>.)",
    re.DOTALL,
)


class PatternError(ValueError):
    """The pattern is wrong or dangerous; the text says why."""


class _Group(Struct):
    """What has been met in one pair of parentheses."""

    repeats: bool = False
    chooses: bool = False


def compile_pattern(source: str) -> re.Pattern[str]:
    """Return the pattern for a text in lower case, its own letters in either case.

    Raises:
        PatternError: it is no pattern, or could take for ever.
    """
    if not source:
        raise PatternError("an empty pattern matches everything")
    if len(source) > LONGEST_PATTERN:
        raise PatternError(f"a pattern is at most {LONGEST_PATTERN} characters long")
    plain = _lowered(source)
    try:
        re.compile(source)
        pattern = re.compile(source, re.IGNORECASE) if plain is None else re.compile(plain)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"not a pattern: {error}") from None
    _refuse_endless(source)
    return pattern


def _lowered(source: str) -> str | None:
    """Return `source` with its letters in lower case; None where IGNORECASE has to do it.

    A pattern without that flag is searched several times as fast.
    """
    parts = []
    for token in _TOKEN.finditer(source):
        text, kind = token.group(), token.lastgroup
        if kind == "other" or (kind == "class" and "\\" not in text):
            text = text.lower()
        elif kind not in {"escape", "close", "choice", "repeat"} and text != "(":
            return None
        parts.append(text)
    return "".join(parts)


def _refuse_endless(source: str) -> None:
    """Walk over a valid pattern.

    Raises:
        PatternError: it can backtrack without a bound that is worth waiting for.
    """
    stack = [_Group()]
    closed = _Group()  # what the atom before a repeat holds
    unbounded = 0
    for token in _TOKEN.finditer(source):
        kind, text = token.lastgroup, token.group()
        if kind == "backref":
            raise PatternError("a reference to a group could take for ever")
        if kind == "repeat":
            endless = _most(text) > _BOUNDED
            if endless and (closed.repeats or closed.chooses):
                what = "repeat" if closed.repeats else "choice"
                raise PatternError(f"a {what} within a repeat could take for ever")
            unbounded += endless
            stack[-1].repeats = True
            continue
        closed = _Group()
        if kind == "open" and not text.endswith(("i)", "s)", "m)", "x)", "a)", "u)")):
            stack.append(_Group())
        elif kind == "close" and len(stack) > 1:
            closed = stack.pop()
            stack[-1].repeats |= closed.repeats
            stack[-1].chooses |= closed.chooses
        elif kind == "choice":
            stack[-1].chooses = True
    if unbounded > MOST_REPEATS:
        raise PatternError(f"more than {MOST_REPEATS} unbounded repeats could take for ever")


def _most(repeat: str) -> int:
    """Return how often `repeat` repeats at the most."""
    if repeat[0] in "*+":
        return _BOUNDED + 1
    if repeat[0] == "?":
        return 1
    most = repeat[1 : repeat.index("}")].rpartition(",")[2]
    return int(most) if most else _BOUNDED + 1
