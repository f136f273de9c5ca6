"""Compile the `/re/` of a filter, refusing patterns that could take for ever.

Python's engine backtracks: on a text that does not match it tries every way in which the repeats of
a pattern can share that text among them. A filter runs on every row at every key press, and nothing
else runs meanwhile, so the ways are counted, and a pattern with too many is refused.
"""

import re

from msgspec import Struct

LONGEST_PATTERN = 120
MOST_REPEATS = 2  # unbounded ones that something follows: each multiplies the ways by the length
_BOUNDED = 20  # a counted repeat of at most this many counts as bounded
_UNBOUNDED = 130.0  # ways of an unbounded repeat: those of two share 400 characters
_MOST_WAYS = 4 * _UNBOUNDED**MOST_REPEATS  # at each character: a tenth of a second for a long row

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
    ways: float = 1.0  # of the present choice, without its last atom
    last: float = 1.0  # of that atom
    others: float = 0.0  # of the choices before

    def add(self, ways: float) -> None:
        """Take in an atom that can match in so many ways."""
        self.ways, self.last = self.ways * self.last, ways

    def add_group(self, inner: "_Group") -> None:
        """Take in a pair of parentheses."""
        self.repeats |= inner.repeats
        self.chooses |= inner.chooses
        self.add(inner.total)

    def choose(self) -> None:
        """Begin the next choice."""
        self.chooses, self.others = True, self.total
        self.ways = self.last = 1.0

    @property
    def total(self) -> float:
        """In how many ways it can match."""
        return self.others + self.ways * self.last


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
    if any(token.lastgroup == "backref" for token in _TOKEN.finditer(source)):
        raise PatternError("a reference to a group could take for ever")
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
    unbounded = last_unbounded = 0
    for token in _TOKEN.finditer(source):
        kind, text = token.lastgroup, token.group()
        if kind == "repeat":
            least, most = _bounds(text)
            last_unbounded = int(most > _BOUNDED)
            if last_unbounded:
                _refuse_within(closed)
            unbounded += last_unbounded
            stack[-1].repeats = True
            stack[-1].last = _ways(stack[-1].last, least, most)
            continue
        closed, last_unbounded = _Group(), 0
        if kind == "open" and not text.endswith(("i)", "s)", "m)", "x)", "a)", "u)")):
            stack.append(_Group())
        elif kind == "close" and len(stack) > 1:
            closed = stack.pop()
            stack[-1].add_group(closed)
        elif kind == "choice":
            stack[-1].choose()
        elif kind != "open":
            stack[-1].add(1.0)
    whole = stack[0]
    if unbounded - last_unbounded > MOST_REPEATS:  # what ends the pattern has nothing to fail on
        raise PatternError(
            f"more than {MOST_REPEATS} unbounded repeats before its end could take for ever"
        )
    if (whole.others + whole.ways if last_unbounded else whole.total) > _MOST_WAYS:
        raise PatternError("so many repeats within repeats, or beside each other, take for ever")


def _refuse_within(repeated: _Group) -> None:
    if repeated.repeats or repeated.chooses:
        what = "repeat" if repeated.repeats else "choice"
        raise PatternError(f"a {what} within a repeat could take for ever")


def _ways(of_one: float, least: int, most: int) -> float:
    """Return in how many ways an atom that matches in `of_one` ways can match repeatedly."""
    if most > _BOUNDED:
        return _UNBOUNDED * of_one
    return sum(of_one**count for count in range(least, most + 1))


def _bounds(repeat: str) -> tuple[int, int]:
    """Return how often `repeat` repeats at the least and at the most."""
    without_end = _BOUNDED + 1
    if repeat[0] in "*+":
        return int(repeat[0] == "+"), without_end
    if repeat[0] == "?":
        return 0, 1
    least, comma, most = repeat[1 : repeat.index("}")].partition(",")
    first = int(least or 0)
    return first, int(most) if most else without_end if comma else first
