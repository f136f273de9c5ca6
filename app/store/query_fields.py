"""What a filter can ask of a row: fields, and the vocabulary that they make for one kind of row.

Rows are duck-typed: anything with the attributes of `JobRow`, `InstanceRow` or `GroupRow` will do,
so the command line filters with the same words as the console.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from engine.clock import SECOND, Instant

Row = Any
Predicate = Callable[[Row], bool]
Compare = Callable[[Any, Any], bool]
Until = Callable[[Row, Instant], Instant | None]  # the next instant of a row; None: none comes
Kind = Literal["text", "names", "words", "number", "duration", "time"]


class Field(Struct, frozen=True):
    """One field of the filter language.

    text      part of it, or a pattern with * and ?
    names     one of a set of lower-case names, whole or with * and ?
    words     one of `words`; `test` makes the predicate
    number    equal, or compared
    duration  seconds, compared; None where there is none
    time      an instant, compared; None where there is none
    """

    name: str
    kind: Kind
    help: str
    read: Callable[[Row, Instant], Any] = lambda _row, _now: None
    words: Mapping[str, str] = field(default_factory=dict)  # word or alias → word
    test: Callable[[frozenset[str], Instant], Predicate] | None = None
    looks_ahead: bool = False  # a duration measures from now into the future, not into the past
    since: Callable[[Row], Instant | None] | None = None  # when a duration that grows began
    turns: Callable[[frozenset[str]], Until | None] = lambda _words: (
        None
    )  # what `test` says of time


class Test(Struct, frozen=True):
    """What a term asks of rows, and until when the answer for a row holds, if it tells time."""

    at: Callable[[Instant], Predicate]  # as of that instant
    until: Until | None = None  # from when on the answer may be another; None: it tells no time


class Vocabulary(Struct, frozen=True):
    """The fields of one kind of row, and the text that plain words are searched in."""

    noun: str
    fields: Mapping[str, Field]
    haystack: Callable[[Row], str]  # lower case
    number_sign: str = ""  # the field that `#123` asks for
    other_words: Mapping[str, str] = field(default_factory=dict)  # of columns, options → a field


YES_NO = {
    "yes": "yes",
    "no": "no",
    "on": "yes",
    "off": "no",
    "true": "yes",
    "false": "no",
}

STATUS_ALIASES = {
    "ok": "complete",
    "completed": "complete",
    "err": "error",
    "errors": "error",
    "crashed": "crash",
    "run": "running",
    "in-progress": "running",
    "off": "disabled",
    "grp": "group-disabled",
    "exp": "expired",
    "idle": "inactive",
    "late": "overdue",
    "gone": "retired",
    "fail": "failed",
    "failing": "failed",
}
FAILED = "failed"


def flag(read: Callable[[Row], bool]) -> Callable[[frozenset[str], Instant], Predicate]:
    """Return the test of a yes-or-no field."""

    def test(wanted: frozenset[str], _now: Instant) -> Predicate:
        if len(wanted) > 1:
            return lambda _row: True
        yes = "yes" in wanted
        return lambda row: read(row) is yes

    return test


def seconds_since(start: Instant | None, now: Instant) -> float | None:
    """Return how long ago `start` was; None where there was none."""
    return None if start is None else max(0, now - start) / SECOND


def soonest(ends: Iterable[Until | None]) -> Until | None:
    """Return until when several answers hold together."""
    asked = [each for each in ends if each is not None]
    if len(asked) < 2:  # noqa: PLR2004
        return asked[0] if asked else None

    def until(row: Row, now: Instant) -> Instant | None:
        found = [at for each in asked if (at := each(row, now)) is not None]
        return min(found, default=None)

    return until


def past(at: Instant, now: Instant) -> Instant | None:
    """Return when the clock comes to `at`, and when it is past it; None: it is past already."""
    if now < at:
        return at
    return at + 1 if now == at else None


def table(*fields: Field) -> Mapping[str, Field]:
    """Return the fields by their names."""
    return {each.name: each for each in fields}
