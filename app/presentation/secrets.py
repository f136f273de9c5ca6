"""Which values of state data, info and options are not shown.

Those under keys that name a secret.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.sanitize import SafeText

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
