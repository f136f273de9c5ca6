"""How a line of a job's log looks: `2026-11-23T07:15:00.123456Z INFO  JI 42: text`.

What a job wrote itself has the level OUT or ERR; `OUT~` and `ERR~` mark a piece that did not end
its line. So the bytes that a job wrote are those after `JI 42: `, with a newline where the level
has no `~`. GAP stands where bytes were dropped, and says how many.
"""

from __future__ import annotations

import time

OUTPUT_LEVELS = ("OUT", "ERR", "OUT~", "ERR~")
MESSAGE_LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
GAP = "GAP"

_second = -1
_text = b""


def stamp() -> bytes:
    """Return the current instant, UTC, and a space."""
    global _second, _text  # one conversion a second is enough
    second, micros = divmod(time.time_ns() // 1000, 1_000_000)
    if second != _second:
        _second = second
        _text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()
    return b"%b.%06dZ " % (_text, micros)


def prefix(level: str, run: int) -> bytes:
    """Return the beginning of a line, up to and with the space before its text; run 0 is no run."""
    name = level.encode().ljust(5)
    return b"%b%b JI %d: " % (stamp(), name, run) if run else b"%b%b " % (stamp(), name)


def lines(level: str, run: int, text: bytes) -> bytes:
    """Return `text` as whole lines, each with its own beginning."""
    start = prefix(level, run)
    return b"".join([start + each + b"\n" for each in text.rstrip(b"\n").split(b"\n")])


def pieces(level: str, start: bytes, data: bytes) -> bytes:
    """Return output as lines that begin with `start`; a rest without a newline is marked `~`."""
    *whole, rest = data.split(b"\n")
    framed = b"".join([start + each + b"\n" for each in whole])
    if rest:
        name = level.encode()
        at = start.index(name)
        framed += start[:at] + (name + b"~").ljust(5) + start[at + 5 :] + rest + b"\n"
    return framed
