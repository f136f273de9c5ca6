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
    parse_float: Any = float
    parse_int = int
    parse_constant: Any = float


def _finite(text: str) -> float:
    """Return a number; `dumps` would refuse to pass on what is none."""
    value = float(text)
    if value - value != 0:
        raise ValueError(text)
    return value


class _Heard(_Context):
    """The same for what a job's process says."""

    parse_float = _finite
    parse_constant = _finite


def _refuse(value: object) -> Any:
    raise TypeError(type(value).__name__)


_DEEPEST = 110  # lists and mappings in each other; the job API takes 100 and puts some around them
_TOO_DEEP = "it is nested too deep"
_scan: Callable[[str, int], tuple[Any, int]] | None = None
_scan_heard: Callable[[str, int], tuple[Any, int]] | None = None
_write: Callable[[Any, int], tuple[str, ...]] | None = None
try:
    import _json

    _scan = _json.make_scanner(_Context)  # type: ignore[arg-type]
    _scan_heard = _json.make_scanner(_Heard)  # type: ignore[arg-type]
    _write = _json.make_encoder(
        None, _refuse, _json.encode_basestring_ascii, None, ":", ",", False, False, False
    )
    _scan("".join(_write([{"a": 1.5}, None, "\u00e9"], 0)), 0)
except (ImportError, AttributeError, TypeError, ValueError):  # another Python's: do it the long way
    _scan = _scan_heard = _write = None


def loads(text: bytes) -> Any:
    """Return the plain data that one line of JSON stands for.

    Raises:
        ValueError: it is no JSON.
    """
    return _read(text.decode(), _scan, _Context)


def heard(text: bytes) -> Any:
    """Return what a job's process says in one line, if everybody on its way can take it.

    Raises:
        ValueError: it is no JSON, or it holds no plain number, or it is nested too deep.
    """
    try:
        data = _read(text.decode(), _scan_heard, _Heard)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if text.count(b"[") + text.count(b"{") <= _DEEPEST:
        return data
    level = [data]
    for _ in range(_DEEPEST):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return data
    raise ValueError(_TOO_DEEP)


def _parts(data: Any) -> list[Any]:
    """Return what in plain data is a list or a mapping itself."""
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [each for each in inside if isinstance(each, (list, dict))]


def _read(line: str, scan: Callable[[str, int], tuple[Any, int]] | None, hooks: Any) -> Any:
    if scan is None:
        import json

        return json.loads(line, parse_float=hooks.parse_float, parse_constant=hooks.parse_constant)
    data, end = None, -1
    try:
        data, end = scan(line, 0)
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
