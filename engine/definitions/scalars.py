"""What YAML makes of an unquoted text, and the traps in that.

YAML 1.1 reads `no` as false, `12:30:45` as the number 45045, `010` as 8, `1e3` as text and
`2026-01-01` as a date. A definition means what it looks like: wherever the reading could surprise,
the value is refused, with what YAML made of it and how to write either meaning.
"""

import datetime as dt
import math
import re
from functools import lru_cache
from typing import Any, Final

import yaml

from engine.definitions.nodes import Text
from engine.definitions.problems import shown

_CORE: Final = "tag:yaml.org,2002:"
_PLAIN_INT: Final = re.compile(r"-?(0|[1-9][0-9]{0,38})\Z")
_PLAIN_FLOAT: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?\Z")
_NUMBER_LIKE: Final = re.compile(r"[-+]?(0[oO][0-7]+|\.?[0-9][0-9.]*[eE][-+]?[0-9]+)\Z")
_RESOLVERS: Final[dict[str, list[tuple[str, re.Pattern[str]]]]] = (
    yaml.SafeLoader.yaml_implicit_resolvers
)
_WHAT: Final = {"bool": "a yes/no value", "null": "nothing", "timestamp": "a date", "str": "text"}


class TrapError(ValueError):
    """YAML reads a value as something else than it looks like; the text says what to write."""


@lru_cache(maxsize=4096)
def kind_of(value: str) -> str:
    """Return what an unquoted `value` is in YAML 1.1: str, bool, int, float, null, timestamp ..."""
    for tag, pattern in _RESOLVERS.get(value[:1], ()):
        if pattern.match(value):
            return tag[len(_CORE) :]
    return "str"


def kind(text: Text) -> str:
    """Return the kind of a scalar; anything in quotes or a block is `str`."""
    return kind_of(text.value) if text.style is None else "str"


def as_read(text: Text) -> str:
    """Return how YAML reads an unquoted scalar, in words: `the number 45045`, `false`, `a date`."""
    found = kind(text)
    if found in {"int", "float"}:
        return f"the number {_number(text.value, found)}"
    if found == "bool":
        return "true" if _bool(text.value) else "false"
    return _WHAT.get(found, "something of its own")


def describe(text: Text) -> str:
    """Return what was found, for a message."""
    found = kind(text)
    if found == "str":
        return f"the text {shown(text.value)}" if text.value else "an empty text"
    if found == "null":
        return "nothing"
    if text.value in {"true", "false"} or _PLAIN_INT.match(text.value):
        return as_read(text)
    return f"{text.value[:60]}, which YAML reads as {as_read(text)}"


def plain_value(text: Text) -> Any:
    """Return an unquoted scalar as a plain value (text, whole number, number, true, false, None).

    Raises:
        TrapError: YAML's reading is not the one that meets the eye, or is no plain data (dates,
        infinities).
    """
    value, found = text.value, kind(text)
    if found == "str":
        if text.style is None and _NUMBER_LIKE.match(value):
            raise TrapError(f'YAML reads {value} as text; write "{value}", or the number in full')
        return value
    if found == "null":
        return None
    if found == "bool" and value in {"true", "false"}:
        return value == "true"
    if found == "int" and _PLAIN_INT.match(value):
        return int(value)
    if found == "float" and _PLAIN_FLOAT.match(value) and math.isfinite(float(value)):
        return float(value)
    raise TrapError(trap(text))


def trap(text: Text, *, wants_text: bool = False) -> str:
    """Return what YAML made of `text` and how to write what was meant."""
    value, made = text.value[:60], as_read(text)
    if wants_text:
        return f'YAML reads {value} as {made}; write "{value}"'
    if kind(text) in {"bool", "int", "float"} and not made.endswith(("inf", "nan", "digits")):
        write = made.removeprefix("the number ")
        return f'YAML reads {value} as {made}; write {write}, or "{value}" for text'
    return f'YAML reads {value} as {made}, which is no plain value; write "{value}" for text'


def boolean(text: Text) -> bool | None:
    """Return a YAML yes/no value, None if it is something else."""
    return _bool(text.value) if kind(text) == "bool" else None


def whole_number(text: Text) -> int | None:
    """Return a whole number written in the ordinary way, None if it is something else."""
    if text.style is None and _PLAIN_INT.match(text.value):
        return int(text.value)
    return None


def number(text: Text) -> float | None:
    """Return a number written in the ordinary way (`60`, `0.5`), None if it is something else."""
    whole = whole_number(text)
    if whole is not None:
        return whole
    if text.style is None and _PLAIN_FLOAT.match(text.value):
        found = float(text.value)
        return found if math.isfinite(found) else None
    return None


def moment(text: Text) -> dt.datetime | dt.date | None:
    """Return a date, or a date with time (naive where it names no zone), or None."""
    value = text.value.strip()
    if not re.match(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        if len(value) == len("2026-01-01"):
            return dt.date.fromisoformat(value)
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None


def _bool(value: str) -> bool:
    return value.lower() in {"yes", "true", "on"}


def _number(value: str, found: str) -> str:
    make: Any = yaml.constructor.SafeConstructor()
    node = yaml.ScalarNode(_CORE + found, value)
    try:
        made = make.construct_yaml_int(node) if found == "int" else make.construct_yaml_float(node)
        return (
            "of more than 40 digits" if math.isfinite(made) and abs(made) >= 10**40 else str(made)
        )
    except (ValueError, OverflowError):  # Python's limit on the digits of a number
        return "of more than 40 digits"
