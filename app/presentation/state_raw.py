"""State data and info as text: YAML or JSON, and back from what an operator edited."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from app.presentation.secrets import masked
from app.sanitize import SafeText, safe_lines
from engine.errors import StateDataError

MOST_LINES = 20_000


def yaml_lines(data: Any, *, reveal: bool = False) -> list[SafeText]:
    """Return `data` as lines of YAML to show, with secrets masked unless `reveal`."""
    return safe_lines(to_yaml(data if reveal else masked(data)), most=MOST_LINES)


def json_lines(data: Any, *, reveal: bool = False) -> list[SafeText]:
    """Return `data` as lines of JSON to show, with secrets masked unless `reveal`."""
    shown = data if reveal else masked(data)
    return safe_lines(json.dumps(shown, indent=2, ensure_ascii=False, default=str), most=MOST_LINES)


def to_yaml(data: Any) -> str:
    """Return `data` as YAML, keys in their stored order: data, to be edited, not to be shown."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", None)
    # Four times as fast, and it escapes what would not be read back; half a character is too much.
    with suppress(UnicodeEncodeError):
        if dumper is not None:
            text: str = yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True)
            if "\\U" not in text:  # an emoji, which can be read as it is
                return text
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    if text.isascii() or yaml.safe_load(text) == data:
        return text
    # PyYAML writes U+0085 and its kind as they are, and reads them back as line breaks.
    return yaml.safe_dump(data, sort_keys=False)


def from_yaml(text: str) -> Mapping[str, Any]:
    """Return the state data that an operator wrote as YAML (JSON is YAML too).

    Raises:
        StateDataError: it is no YAML, or no mapping of plain values; the message names the line.
    """
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = 0 if error.problem_mark is None else error.problem_mark.line + 1
        raise StateDataError(f"line {line}: {error.problem or 'not YAML'}") from None
    except yaml.YAMLError as error:
        raise StateDataError(f"not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, Mapping):
        raise StateDataError("state data are a mapping of keys to values, as in `cursor: 12`")
    _check(data, "")
    return data


def _check(value: Any, path: str) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise StateDataError(f"the key {key!r} under '{path or '(top)'}' is not text")
            _check(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check(inner, f"{path}[{index}]")
    elif value is not None and not isinstance(value, str | int | float | bool):
        raise StateDataError(
            f"'{path}' is a {type(value).__name__}; put dates and other values into quotes"
        )
