"""From a term about an instant to what it asks: so long ago, before a time of day, on a date."""

import re
from datetime import tzinfo

from app.store.query_fields import Compare, Field, Predicate, Row, Test, Until, past
from app.store.query_lexer import Value
from app.store.query_refusals import TermError, cited, not_taken
from app.store.query_values import Side, end_of_day, parse_duration, parse_moment
from engine.clock import SECOND, Instant

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|today|yesterday|tomorrow")
_DAYS = frozenset({"today", "yesterday", "tomorrow"})
_TIME_OF_DAY = re.compile(r"\d{1,2}:.*")


def near_or_on(field: Field, value: Value, zone: tzinfo) -> Test:
    """Return the test of `last:1h` (no further away than that) and of `last:2026-01-02`."""
    seconds = parse_duration(value.text.lower())
    if seconds is not None:
        return _away(field, lambda away, far: away <= far, seconds)
    if _DATE.fullmatch(value.text.lower()):
        return _on_day(field, value, zone)
    raise TermError(f"{cited(f'{field.name}:{value.text}')} is no duration and no date", value)


def compared_time(field: Field, compare: Compare, value: Value, zone: tzinfo) -> Test:
    """Return the test of `last>2h` (longer ago than that) or `next<02:00` (before that)."""
    seconds = parse_duration(value.text.lower())
    if seconds is not None:
        return _away(field, compare, seconds)
    _moment(value, 0, zone, field)
    read = field.read

    def at(now: Instant) -> Predicate:
        moment = _moment(value, now, zone, field)

        def holds(row: Row) -> bool:
            known = read(row, now)
            return known is not None and compare(known, moment)

        return holds

    if value.text.lower() == "now":
        return Test(at, lambda row, now: _reached(read(row, now), now))
    return Test(at, _moves(value, zone))


def _away(field: Field, compare: Compare, seconds: float) -> Test:
    read, far = field.read, round(seconds * SECOND)
    sign = 1 if field.looks_ahead else -1

    def at(now: Instant) -> Predicate:
        def holds(row: Row) -> bool:
            known = read(row, now)
            return known is not None and compare(sign * (known - now), far)

        return holds

    def until(row: Row, now: Instant) -> Instant | None:
        known = read(row, now)
        return None if known is None else past(known - sign * far, now)

    return Test(at, until)


def _on_day(field: Field, value: Value, zone: tzinfo) -> Test:
    read = field.read
    _moment(value, 0, zone, field)

    def at(now: Instant) -> Predicate:
        start = _moment(value, now, zone, field)
        end = end_of_day(start, zone)

        def holds(row: Row) -> bool:
            known = read(row, now)
            return known is not None and start <= known < end

        return holds

    return Test(at, _moves(value, zone))


def _moves(value: Value, zone: tzinfo) -> Until | None:
    """Return when the instant that `value` names becomes another one; None: it never does."""
    text = value.text.lower()
    if text in _DAYS:
        return lambda _row, now: end_of_day(now, zone)
    if _TIME_OF_DAY.fullmatch(text) is None:
        return None
    return lambda _row, now: _reached(parse_moment(text, now, zone, "after"), now)


def _reached(at: Instant | None, now: Instant) -> Instant | None:
    return None if at is None else past(at, now)


def _moment(value: Value, now: Instant, zone: tzinfo, field: Field) -> Instant:
    side: Side = "after" if field.looks_ahead else "before"
    moment = parse_moment(value.text.lower(), now, zone, nearest=side)
    if moment is None:
        raise not_taken(field, value)
    return moment
