"""What a filter can ask of a row: fields, and the vocabulary that they make for one kind of row.

Rows are duck-typed: anything with the attributes of `JobRow`, `InstanceRow` or `GroupRow` will do,
so the command line filters with the same words as the console.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from engine.clock import SECOND, Instant

Row = Any
Predicate = Callable[[Row], bool]
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


def table(*fields: Field) -> Mapping[str, Field]:
    """Return the fields by their names."""
    return {each.name: each for each in fields}
