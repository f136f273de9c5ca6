"""JSON by its C parts alone: `json` itself would load `re` and `enum` (see __init__)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Context:
    """What the C scanner wants to know of its decoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def _refuse(value: object) -> Any:
    raise TypeError(type(value).__name__)


_scan: Callable[[str, int], tuple[Any, int]] | None = None
_write: Callable[[Any, int], tuple[str, ...]] | None = None
try:
    import _json

    _scan = _json.make_scanner(_Context)  # type: ignore[arg-type]
    _write = _json.make_encoder(
        None, _refuse, _json.encode_basestring_ascii, None, ":", ",", False, False, False
    )
    _scan("".join(_write([{"a": 1.5}, None, "\u00e9"], 0)), 0)
except (ImportError, AttributeError, TypeError, ValueError):  # another Python's: do it the long way
    _scan = _write = None


def loads(text: bytes) -> Any:
    """Return the plain data that one line of JSON stands for.

    Raises:
        ValueError: it is no JSON.
    """
    line = text.decode()
    if _scan is None:
        import json

        return json.loads(line)
    data, end = None, -1
    try:
        data, end = _scan(line, 0)
    except (StopIteration, SystemError):  # the latter where `json` is not loaded
        pass
    if end != len(line):
        raise ValueError(line[:80])
    return data


def dumps(data: Any) -> bytes:
    """Return plain data as one line of JSON, without its newline.

    Raises:
        TypeError, ValueError: it is not plain.
    """
    if _write is None:
        import json

        return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()
    return "".join(_write(data, 0)).encode()
