"""From a field term to the test it means."""

import re
from collections.abc import Callable
from datetime import tzinfo
from difflib import get_close_matches
from fnmatch import translate
from operator import eq, ge, gt, le, lt

from app.store.query_fields import Compare, Field, Predicate, Row, Test, Until, past, soonest
from app.store.query_lexer import Operator, Token, Value
from app.store.query_refusals import TermError, cited, example, not_taken
from app.store.query_times import compared_time, near_or_on
from app.store.query_values import parse_duration
from engine.clock import SECOND, Instant

_COMPARE: dict[Operator, Compare] = {":": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
_MOST_STARS = 4
_PRESENT = frozenset({"yes", "any", "set"})
_ABSENT = frozenset({"no", "none", "never"})


def field_test(field: Field, token: Token, zone: tzinfo) -> Test:
    """Return what `token` asks of `field`.

    Raises:
        TermError: an operator or a value that the field does not take.
    """
    for value in token.values:
        if not value.text:
            raise TermError(f"'{field.name}{token.operator}' needs a value: {example(field)}")
    if token.operator == "!=":
        return negated(_equal(field, token, zone))
    if token.operator == ":":
        return _equal(field, token, zone)
    if field.kind not in {"number", "duration", "time"}:
        raise TermError(f"'{field.name}' cannot be compared; write {field.name}:value")
    if len(token.values) > 1:
        raise TermError(f"'{token.operator}' takes one value", token.values[1])
    return _compared(field, token.operator, token.values[0], zone)


def negated(test: Test) -> Test:
    """Return the test of the rows that `test` does not let through."""
    return Test(lambda now: _not(test.at(now)), test.until)


def _not(holds: Predicate) -> Predicate:
    return lambda row: not holds(row)


def _equal(field: Field, token: Token, zone: tzinfo) -> Test:
    if field.kind == "words":
        return _words(field, token)
    if field.kind in {"text", "names"}:
        return _texts(field, token)
    tests = [_equal_value(field, value, zone) for value in token.values]
    if len(tests) == 1:
        return tests[0]

    def at(now: Instant) -> Predicate:
        bound = [each.at(now) for each in tests]
        return lambda row: any(each(row) for each in bound)

    return Test(at, soonest(each.until for each in tests))


def _words(field: Field, token: Token) -> Test:
    wanted = set()
    for value in token.values:
        word = field.words.get(value.text.lower())
        if word is None:
            near = get_close_matches(value.text.lower(), field.words, n=1)
            hint = f"nearest: {near[0]}" if near else f"accepted: {example(field)}"
            raise TermError(f"'{field.name}' is never {cited(value.text)} ({hint})", value)
        wanted.add(word)
    words = frozenset(wanted)
    made = field.test
    if made is None:
        raise TermError(f"'{field.name}' cannot be asked for")
    return Test(lambda now: made(words, now), field.turns(words))


def _texts(field: Field, token: Token) -> Test:
    read, part = field.read, field.kind == "text"
    exact = frozenset(value.text.lower() for value in token.values if not _is_glob(value))
    globs = [_glob(value) for value in token.values if _is_glob(value)]

    accepts = [*(_containing(text) for text in exact), *globs] if part else globs
    accept = accepts[0] if len(accepts) == 1 else lambda text: any(one(text) for one in accepts)

    def at(now: Instant) -> Predicate:
        if part:
            return lambda row: accept(read(row, now).lower())
        if not globs:
            return lambda row: not exact.isdisjoint(read(row, now))
        return lambda row: not exact.isdisjoint(read(row, now)) or any(map(accept, read(row, now)))

    return Test(at)


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
        return Test(lambda now: lambda row: read(row, now) is not None)
    if word in _ABSENT:
        return Test(lambda now: lambda row: read(row, now) is None)
    if field.kind == "time":
        return near_or_on(field, value, zone)
    return _compared(field, ":", value, zone)


def _compared(field: Field, operator: Operator, value: Value, zone: tzinfo) -> Test:
    compare, read = _COMPARE[operator], field.read
    if field.kind == "time":
        return compared_time(field, compare, value, zone)
    limit: float | None
    if field.kind == "number":
        number = value.text.lstrip("#")
        limit = int(number) if number.isascii() and number.isdigit() and len(number) < 20 else None  # noqa: PLR2004
    else:
        limit = parse_duration(value.text.lower())
    if limit is None:
        raise not_taken(field, value)

    def at(now: Instant) -> Predicate:
        def holds(row: Row) -> bool:
            known = read(row, now)
            return known is not None and compare(known, limit)

        return holds

    return Test(at, _grows_past(field, limit))


def _grows_past(field: Field, limit: float) -> Until | None:
    """Return when a duration that goes on comes to `limit`."""
    since = field.since
    if since is None:
        return None
    far = round(limit * SECOND)

    def until(row: Row, now: Instant) -> Instant | None:
        start = since(row)
        return None if start is None else past(start + far, now)

    return until
