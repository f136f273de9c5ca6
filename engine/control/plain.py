"""YAML that jobs wrote (`info`) as plain data, without the traps of YAML.

Aliases are refused before anything is built, so that a small text cannot become a huge tree; what
is too large or not readable stays the text that it is.
"""

from typing import Any

_LONGEST = 1 << 20
_DEEPEST = 100


def from_yaml(text: str | None) -> Any:
    """Return what `text` describes, `text` itself where that is not safely possible, or None."""
    if text is None or len(text) > _LONGEST:
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


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
