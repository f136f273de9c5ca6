"""How a line of a job's log looks: `2026-11-23T07:15:00.123456Z INFO  JI 42: text`.

Output that a job wrote itself has the level OUT or ERR; `OUT~` and `ERR~` mark a piece that did not end its
line. So the bytes that a job wrote are those after `JI 42: `, with the newline where the level has no `~`.
"""

from __future__ import annotations

import time

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR", "OUT", "ERR", "OUT~", "ERR~", "GAP")

_second = -1
_text = ""


def stamp() -> bytes:
    """Return the current instant, UTC, and a space."""
    global _second, _text  # noqa: PLW0603 one conversion a second is enough
    now = time.time_ns() // 1000
    second, micros = divmod(now, 1_000_000)
    if second != _second:
        _second = second
        _text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
    return b"%s.%06dZ " % (_text.encode(), micros)


def prefix(level: str, run: int) -> bytes:
    """Return the beginning of a line, up to and with the space before its text."""
    return stamp() + f"{level:<5} JI {run}: ".encode()


def lines(level: str, run: int, text: bytes) -> bytes:
    """Return `text` as whole lines, each with its own beginning."""
    start = prefix(level, run)
    return b"".join(start + each + b"\n" for each in text.rstrip(b"\n").split(b"\n"))
