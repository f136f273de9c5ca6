"""Options of jobs: whether two values are the same one.

They are compared as they are written, because Python takes `true`, `1` and `1.0` for equal, and
job code does not.
"""

import json
from collections.abc import Mapping
from typing import Any


def is_same_value(one: Any, other: Any) -> bool:
    """Whether two values of an option are written alike; the order of keys does not matter."""
    return _written(one) == _written(other)


def are_same(some: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Whether two jobs have the same options, each with the same value."""
    return some.keys() == others.keys() and (not some or is_same_value(some, others))


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
