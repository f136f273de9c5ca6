"""From a field term to the predicate it means."""

import re
from collections.abc import Callable
from datetime import tzinfo
from difflib import get_close_matches
from fnmatch import translate
from operator import eq, ge, gt, le, lt
from typing import Any

from app.sanitize import ellipsis
from app.store.query_fields import Field, Predicate, Row
from app.store.query_lexer import Operator, Token, Value
from app.store.query_values import Side, parse_duration, parse_moment
from engine.clock import DAY, SECOND, Instant

Test = Callable[[Instant], Predicate]
Compare = Callable[[Any, Any], bool]

_COMPARE: dict[Operator, Compare] = {":": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
_MOST_STARS = 4
_CITED = 24  # characters of what was typed
_PRESENT = frozenset({"yes", "any", "set"})
_ABSENT = frozenset({"no", "none", "never"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|today|yesterday|tomorrow")


class TermError(ValueError):
    """A wrong term; `place` narrows it down to one value."""

    def __init__(self, message: str, value: Value | None = None) -> None:
        super().__init__(message)
        self.place = None if value is None else (value.start, value.end)


def cited(text: str) -> str:
    """Return what was typed in quotes, no more of it than a message has room for."""
    return f"'{text}'" if len(text) <= _CITED else f"'{text[:_CITED]}{ellipsis()}'"


def field_test(field: Field, token: Token, zone: tzinfo) -> Test:
    """Return what `token` asks of `field`.

    Raises:
        TermError: an operator or a value that the field does not take.
    """
    for value in token.values:
        if not value.text:
            raise TermError(f"'{field.name}{token.operator}' needs a value: {_example(field)}")
    if token.operator == "!=":
        test = _equal(field, token, zone)
        return lambda now: _not(test(now))
    if token.operator == ":":
        return _equal(field, token, zone)
    if field.kind not in {"number", "duration", "time"}:
        raise TermError(f"'{field.name}' cannot be compared; write {field.name}:value")
    if len(token.values) > 1:
        raise TermError(f"'{token.operator}' takes one value", token.values[1])
    return _compared(field, token.operator, token.values[0], zone)


def _not(test: Predicate) -> Predicate:
    return lambda row: not test(row)


def _example(field: Field) -> str:
    if field.kind == "words":
        return " ".join(sorted(set(field.words.values())))
    return {
        "text": "part of it, or a pattern with * and ?",
        "names": "a name, or a pattern with * and ?",
        "number": "a number",
        "duration": "a duration such as 90s or 1h30m",
        "time": "a duration such as 2h, a date or a time of day",
    }[field.kind]


def _equal(field: Field, token: Token, zone: tzinfo) -> Test:
    if field.kind == "words":
        return _words(field, token)
    if field.kind in {"text", "names"}:
        return _texts(field, token)
    tests = [_equal_value(field, value, zone) for value in token.values]
    if len(tests) == 1:
        return tests[0]

    def test(now: Instant) -> Predicate:
        bound = [each(now) for each in tests]
        return lambda row: any(each(row) for each in bound)

    return test


def _words(field: Field, token: Token) -> Test:
    wanted = set()
    for value in token.values:
        word = field.words.get(value.text.lower())
        if word is None:
            near = get_close_matches(value.text.lower(), field.words, n=1)
            hint = f"nearest: {near[0]}" if near else f"accepted: {_example(field)}"
            raise TermError(f"'{field.name}' is never {cited(value.text)} ({hint})", value)
        wanted.add(word)
    words = frozenset(wanted)
    made = field.test
    if made is None:
        raise TermError(f"'{field.name}' cannot be asked for")
    return lambda now: made(words, now)


def _texts(field: Field, token: Token) -> Test:
    read, part = field.read, field.kind == "text"
    exact = frozenset(value.text.lower() for value in token.values if not _is_glob(value))
    globs = [_glob(value) for value in token.values if _is_glob(value)]

    accepts = [*(_containing(text) for text in exact), *globs] if part else globs
    accept = accepts[0] if len(accepts) == 1 else lambda text: any(one(text) for one in accepts)

    def test(now: Instant) -> Predicate:
        if part:
            return lambda row: accept(read(row, now).lower())
        if not globs:
            return lambda row: not exact.isdisjoint(read(row, now))
        return lambda row: not exact.isdisjoint(read(row, now)) or any(map(accept, read(row, now)))

    return test


def _containing(part: str) -> Callable[[str], bool]:
    return lambda text: part in text


def _is_glob(value: Value) -> bool:
    return not value.quoted and ("*" in value.text or "?" in value.text)


def _glob(value: Value) -> Callable[[str], bool]:
    sought = re.sub(r"\*+", "*", value.text.lower())
    core = sought.strip("*")
    if sought.count("*") > _MOST_STARS:
        raise TermError(f"at most {_MOST_STARS} * in one pattern", value)
    if "*" not in core and "?" not in core:
        if sought == f"*{core}":
            return lambda text: text.endswith(core)
        if sought == f"{core}*":
            return lambda text: text.startswith(core)
        return lambda text: core in text
    fits = re.compile(translate(sought)).match
    return lambda text: fits(text) is not None


def _equal_value(field: Field, value: Value, zone: tzinfo) -> Test:
    """Return the test of `field:value` for numbers, durations and times."""
    read, word = field.read, value.text.lower()
    if word in _PRESENT:
        return lambda now: lambda row: read(row, now) is not None
    if word in _ABSENT:
        return lambda now: lambda row: read(row, now) is None
    if field.kind == "time":
        seconds = parse_duration(word)
        if seconds is not None:
            return _within(field, seconds)
        if _DATE.fullmatch(word):
            return _on_day(field, value, zone)
        raise TermError(f"{cited(f'{field.name}:{value.text}')} is no duration and no date", value)
    return _compared(field, ":", value, zone)


def _within(field: Field, seconds: float) -> Test:
    """Return the test of `last:1h` and `next:1h`: no further away than that."""
    read, far = field.read, round(seconds * SECOND)
    sign = 1 if field.looks_ahead else -1

    def test(now: Instant) -> Predicate:
        def holds(row: Row) -> bool:
            at = read(row, now)
            return at is not None and sign * (at - now) <= far

        return holds

    return test


def _on_day(field: Field, value: Value, zone: tzinfo) -> Test:
    read = field.read
    _moment(value, 0, zone, field)

    def test(now: Instant) -> Predicate:
        start = _moment(value, now, zone, field)

        def holds(row: Row) -> bool:
            at = read(row, now)
            return at is not None and start <= at < start + DAY

        return holds

    return test


def _compared(field: Field, operator: Operator, value: Value, zone: tzinfo) -> Test:
    if field.kind == "time":
        return _compared_time(field, operator, value, zone)
    compare, read = _COMPARE[operator], field.read
    limit: float | None
    if field.kind == "number":
        number = value.text.lstrip("#")
        limit = int(number) if number.isascii() and number.isdigit() and len(number) < 20 else None  # noqa: PLR2004
    else:
        limit = parse_duration(value.text.lower())
    if limit is None:
        raise TermError(f"'{field.name}' takes {_example(field)}, not {cited(value.text)}", value)

    def test(now: Instant) -> Predicate:
        def holds(row: Row) -> bool:
            known = read(row, now)
            return known is not None and compare(known, limit)

        return holds

    return test


def _compared_time(field: Field, operator: Operator, value: Value, zone: tzinfo) -> Test:
    """Return the test of `last>2h` (longer ago than that) or `next<02:00` (before that)."""
    compare, read = _COMPARE[operator], field.read
    seconds = parse_duration(value.text.lower())
    if seconds is not None:
        far, sign = round(seconds * SECOND), 1 if field.looks_ahead else -1

        def away(now: Instant) -> Predicate:
            def holds(row: Row) -> bool:
                at = read(row, now)
                return at is not None and compare(sign * (at - now), far)

            return holds

        return away
    _moment(value, 0, zone, field)

    def against(now: Instant) -> Predicate:
        moment = _moment(value, now, zone, field)

        def holds(row: Row) -> bool:
            at = read(row, now)
            return at is not None and compare(at, moment)

        return holds

    return against


def _moment(value: Value, now: Instant, zone: tzinfo, field: Field) -> Instant:
    side: Side = "after" if field.looks_ahead else "before"
    moment = parse_moment(value.text.lower(), now, zone, nearest=side)
    if moment is None:
        raise TermError(f"'{field.name}' takes {_example(field)}, not {cited(value.text)}", value)
    return moment
