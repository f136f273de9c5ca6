"""An audited change in words: what was before, what is after, and nothing that stayed the same."""

from collections.abc import Mapping
from typing import Any

from app.presentation.state_diff import differences
from app.presentation.state_tree import value_text
from app.sanitize import SafeText, safe_line

_MOST = 6  # differences that are named


def change_text(before: Any, after: Any, reason: str = "") -> SafeText:
    """Return "enabled: true -> false"; "" where nothing is recorded. Secrets stay masked."""
    parts = _differences(before, after)
    if reason:
        parts.append(safe_line(reason, 300))
    return SafeText("; ".join(parts))


def _differences(before: Any, after: Any) -> list[str]:
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        found = differences(_mapping(before), _mapping(after))
        shown = [str(each.line())[2:] for each in found if each.before or each.after is not None]
        more = [f"{len(shown) - _MOST} more"] if len(shown) > _MOST else []
        return shown[:_MOST] + more
    if before is None and after is None:
        return []
    if before is None:
        return [str(value_text(after))]
    return [f"{value_text(before)} -> {value_text(after)}"]


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else {"value": value}
