"""An audited change in words: what was before, what is after, and nothing that stayed the same."""

from collections.abc import Mapping
from typing import Any

from app.presentation.state_diff import Difference, Kind, differences
from app.presentation.state_tree import value_text
from app.sanitize import SafeText, safe_line

_MOST = 6  # differences that are named
_WORDS = {Kind.ADDED: "added ", Kind.REMOVED: "removed ", Kind.CHANGED: ""}


def change_text(before: Any, after: Any, reason: str = "") -> SafeText:
    """Return "enabled: true -> false; removed cursor: 12"; "" where nothing is recorded.

    Secrets stay masked.
    """
    parts = _differences(before, after)
    if reason:
        parts.append(safe_line(reason, 300))
    return SafeText("; ".join(parts))


def _differences(before: Any, after: Any) -> list[str]:
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        found = differences(_mapping(before), _mapping(after))
        told = [each for each in found if (each.before, each.after) != (None, None)]
        shown = [_words(each, is_record=before is None) for each in told]
        more = [f"{len(shown) - _MOST} more"] if len(shown) > _MOST else []
        return shown[:_MOST] + more
    if before is None and after is None:
        return []
    if before is None:
        return [str(value_text(after))]
    return [f"{value_text(before)} -> {value_text(after)}"]


def _words(difference: Difference, *, is_record: bool) -> str:
    """Return "removed cursor: 12"; of what is but a record of values nothing was added to."""
    text = str(difference.line())[2:]  # without the sign, which no one would hear read out
    word = "" if is_record else _WORDS[difference.kind]
    return f"{word}{text}"


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else {"value": value}
