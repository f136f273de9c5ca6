"""Options as they are typed: K=V, where V is JSON, or text where it is not."""

import json
import math
from collections.abc import Iterable
from typing import Any

from engine.errors import UsageError


def read_assignments(words: Iterable[str]) -> dict[str, Any]:
    """Return the options that `words` set.

    Raises:
        UsageError: one is not K=V.
    """
    found: dict[str, Any] = {}
    for each in words:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"'{each}' is no option: options are written KEY=VALUE.")
        found[name.strip()] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_number)
    except (ValueError, RecursionError):
        return text


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):  # 1e999: no number that could be stored
        raise ValueError(text)
    return number
