"""Which values of state data, info and options are not shown.

Those under keys that name a secret.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.sanitize import SafeText

_YAML_KEY = re.compile(r"(?P<lead>\s*(?:- )*)(?P<key>[^\s:][^:]{0,200}?)\s*:(?:\s+(?P<value>.*))?$")
MASK = SafeText("********")
_SECRET = re.compile(
    r"pass(word|wd|phrase|code)?$|^pwd$|secret|credential|authorization|bearer|cookie"
    r"|(^|[-_.])token$|(access|refresh|auth|api|id|csrf)[-_.]?token|(^|[-_.])pin$"
    r"|(api|access|private|secret|encryption|signing|ssh)[-_.]?key$|^key$|^dsn$",
    re.IGNORECASE,
)


def names_a_secret(key: object) -> bool:
    """Whether what stands under `key` is hidden until an operator asks to see it."""
    return isinstance(key, str) and _SECRET.search(key) is not None


def masked(data: Any) -> Any:
    """Return a copy of `data` with every value under a secret's key replaced by the mask."""
    if isinstance(data, Mapping):
        return {
            key: MASK if names_a_secret(key) and value not in (None, "") else masked(value)
            for key, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [masked(value) for value in data]
    return data


def masked_lines(text: str) -> list[str]:
    """Return the lines of YAML that a job stored (its info), values under a secret's key masked.

    It works on lines: the text is a stranger's, and parsing it could cost any amount of time.
    """
    shown: list[str] = []
    hidden_below = -1  # where the key of a masked value stands; -1: none is being masked
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip(" "))
        is_item = indent == hidden_below and line.startswith("- ", indent)
        if hidden_below >= 0 and (indent > hidden_below or is_item or not line.strip()):
            continue
        hidden_below = -1
        found = _YAML_KEY.match(line)
        if found is None or not names_a_secret(found["key"].strip("'\"")):
            shown.append(line)
            continue
        if (found["value"] or "").rstrip(",") in {"null", "''", '""'}:
            shown.append(line)
            continue
        shown.append(f"{found['lead']}{found['key']}: {MASK}")
        hidden_below = len(found["lead"])
    return shown
