"""YAML that jobs wrote (`info`) as plain data, without the traps of YAML.

Aliases are refused before anything is built, so that a small text cannot become a huge tree; what
is too large or not readable stays the text that it is. Large info is JSON, and is read as that.
"""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

LARGEST = 1 << 20  # characters
_DEEPEST = 100
_JSON_STARTS = ("{", "[")


def from_yaml(text: str | None) -> Any:
    """Return what `text` describes, `text` itself where that is not safely possible, or None."""
    if text is None:
        return None
    if text[:1] in _JSON_STARTS and (found := _from_json(text)) is not None:
        return found
    if len(text) > LARGEST:
        return text
    import yaml  # slow to import, and most rows have no info

    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                return text
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _DEEPEST:
                    return text
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
        return _plain(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError, RecursionError):
        return text


def _from_json(text: str) -> Any:
    """Return what JSON describes, in no time; None where `text` is none, or not plain."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if is_plain(found) else None


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether `value` is made of mappings (keys are text), lists, text, finite numbers, None."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and is_plain(value[key], depth + 1) for key in value)
    if isinstance(value, list | tuple):
        return all(is_plain(each, depth + 1) for each in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
