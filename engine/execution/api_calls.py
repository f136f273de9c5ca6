"""Check what comes from a job's process as an API call before the engine sees it.

`jobapi` sends only what is right; but a job may write to its line to the supervisor by itself.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.instance import Severity

_Check = Callable[[Any], bool]
_DEEPEST = 100  # lists and mappings in each other, within one argument


def _anything(value: Any) -> bool:
    del value
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_moment(value: Any) -> bool:
    return value is None or _is_number(value)


_CALLS: dict[str, dict[str, _Check]] = {
    "save_info": {"info": _anything},
    "save_state_data": {"data": lambda value: isinstance(value, dict)},
    "error": {
        "severity": lambda value: isinstance(value, str) and value in set(Severity),
        "error": _is_text,
        "description": _is_text,
        "info": _anything,
        "business_error": lambda value: isinstance(value, bool),
    },
    "progress": {"fraction": lambda value: _is_number(value) and 0 <= value <= 1, "text": _is_text},
    "set_trigger": {"at": _is_moment, "in_seconds": _is_moment},
}


def problem_of(call: Any, arguments: Any) -> str | None:
    """Return why a call cannot be passed on; None: it can. Whatever the job sent, it answers."""
    try:
        return _problem_of(call, arguments)
    except Exception as error:  # noqa: BLE001 - what comes after it must not suffer from one call
        return f"the call cannot be accepted: {type(error).__name__}"


def _problem_of(call: Any, arguments: Any) -> str | None:
    checks = _CALLS.get(call) if isinstance(call, str) else None
    if checks is None:
        return f"there is no call {call!r}"
    if not isinstance(arguments, Mapping) or set(arguments) != set(checks):
        return f"{call} takes {', '.join(checks)}"
    wrong = [name for name, check in checks.items() if not check(arguments[name])]
    if wrong:
        return f"{call}: {', '.join(wrong)} cannot be accepted"
    return _problem_inside(arguments)


def _problem_inside(value: Any, depth: int = 0) -> str | None:
    """Refuse halves of characters, which no database takes, and what is nested without end."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return "a text holds half a character"
    if not isinstance(value, Mapping | list):
        return None
    if depth > _DEEPEST:
        return f"an argument is nested more than {_DEEPEST} deep"
    parts = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
    return next((found for each in parts if (found := _problem_inside(each, depth + 1))), None)
