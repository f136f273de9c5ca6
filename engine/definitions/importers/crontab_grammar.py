"""Cron's five fields in tocsin's own grammar, and what of them has no form there."""

from typing import Final

from engine.definitions.importers.crontab_rule import field_values, item_values

_FULL_STEPS: Final = ((60, 0), (24, 0), (31, 1), (12, 1), (7, 0))
_FIELDS: Final = 5
_DAY: Final = 2
_WEEKDAY: Final = 4


def in_our_grammar(when: str) -> tuple[str, list[str]]:
    """Return a schedule as tocsin writes it, and what had to be said otherwise."""
    if when.startswith("@"):
        return when, []
    fields = when.split()
    said: list[str] = []
    for index, text in enumerate(fields):
        fields[index] = ",".join(filter(None, (_item(item, index) for item in text.split(","))))
    if not (_begins_with_star(fields) or _restricts_both(fields)):
        # Cron takes a day that either field names, and one of them names every day.
        fields[_DAY] = fields[_WEEKDAY] = "*"
    rewritten = " ".join(fields)
    if rewritten != when:
        said.append(f"'{when}' is written '{rewritten}'")
    return rewritten, said


def names_nothing(when: str) -> str:
    """Return the field that names no value at all; "" where there is none."""
    fields = [] if when.startswith("@") else when.split()
    return next((each for n, each in enumerate(fields) if not field_values(each, n)), "")


def _item(item: str, index: int) -> str:
    """Return an item of a list in our grammar; "" for a range that names nothing."""
    if not item_values(item, index):
        return ""
    base, slash, step = item.partition("/")
    if base.startswith("*"):
        base = "*"
    elif base.count("-") > 1:
        base = "-".join(base.split("-")[:2])
    if not slash or not step.isdigit():
        return base
    size, first = _FULL_STEPS[index]
    if int(step) >= size:
        return str(first) if base == "*" else base.partition("-")[0]
    return f"{base}/{step}"


def wants_both_days(when: str) -> bool:
    """Whether cron takes only days that both day fields name: no schedule of ours says that."""
    fields = when.split()
    return len(fields) == _FIELDS and _begins_with_star(fields) and _restricts_both(fields)


def _begins_with_star(fields: list[str]) -> bool:
    return fields[_DAY].startswith("*") or fields[_WEEKDAY].startswith("*")


def _restricts_both(fields: list[str]) -> bool:
    days = field_values(fields[_DAY], _DAY)
    weekdays = {day % 7 for day in field_values(fields[_WEEKDAY], _WEEKDAY)}
    return len(days) < _FULL_STEPS[_DAY][0] and len(weekdays) < _FULL_STEPS[_WEEKDAY][0]
