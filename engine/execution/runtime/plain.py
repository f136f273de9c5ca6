"""JSON by the C parts of the standard library alone: `json` itself would load `re` and `enum` (see __init__)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Context:
    """What the C scanner wants to know of its decoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


try:
    import _json

    _scan = _json.make_scanner(_Context)  # type: ignore[arg-type]
    _write = _json.make_encoder(
        None, None, _json.encode_basestring_ascii, None, ":", ",", False, False, False
    )

    def loads(text: bytes) -> Any:
        """Return the plain data that one line of JSON stands for.

        Raises:
            ValueError: it is no JSON.
        """
        line = text.decode()
        try:
            data, end = _scan(line, 0)
        except (StopIteration, SystemError):  # the latter where `json` is not loaded
            raise ValueError(line[:80]) from None
        if end != len(line):
            raise ValueError(line[:80])
        return data

    def dumps(data: Any) -> bytes:
        """Return plain data as one line of JSON, without its newline.

        Raises:
            TypeError, ValueError: it is not plain.
        """
        return "".join(_write(data, 0)).encode()

    if loads(dumps([{"a": 1.5}, None, "\u00e9"])) != [{"a": 1.5}, None, "\u00e9"]:
        raise ImportError
except (ImportError, AttributeError, TypeError, ValueError):  # another Python's `json`
    import json

    def loads(text: bytes) -> Any:
        """Return the plain data that one line of JSON stands for."""
        return json.loads(text)

    def dumps(data: Any) -> bytes:
        """Return plain data as one line of JSON, without its newline."""
        return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()
