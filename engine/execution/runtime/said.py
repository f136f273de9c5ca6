"""What a job's process says of its end, in the form that everybody on its way can take.

Job code can write to the descriptor that its process speaks on, so nothing there is taken on trust.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PARTS = 3  # of an error: its name, its text, a traceback
_HIGHEST_CODE = 255


def end_of(said: list[Any]) -> list[Any]:
    """Return kind, exit code, error or None, and whether it saw the wish to stop.

    Raises:
        ValueError: this is no end.
    """
    kind, code, error, saw_stop = said
    if type(kind) is not str or type(saw_stop) is not bool:
        raise ValueError("no end")
    if type(code) is not int or not 0 <= code <= _HIGHEST_CODE:
        raise ValueError("no exit code")
    return [kind, code, None if error is None else error_of(error), saw_stop]


def error_of(said: Any) -> list[str]:
    """Return name, text and traceback of an error.

    Raises:
        ValueError: this is none.
    """
    if type(said) is not list or len(said) != _PARTS or {type(part) for part in said} != {str}:
        raise ValueError("no error")
    return said
