"""What a line of a log says: its instant, its level, its instance, its text.

The format is the engine's: `2026-11-23T07:15:00.123456Z INFO  JI 42: text`. Captured output has
the levels OUT and ERR, with `~` where it did not end its line. Other lines are shown as they are.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from app.store.log_scan import LogLine, is_stamped

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
_RANK = {
    b"TRACE": 0, b"DEBUG": 0, b"INFO": 1, b"OUT": 1, b"OUT~": 1, b"ERR": 1, b"ERR~": 1,
    b"WARN": 2, b"WARNING": 2, b"MINOR": 3, b"ERROR": 3, b"MAJOR": 3, b"FATAL": 3, b"CRITICAL": 3,
}  # fmt: skip
_STAMP = 27  # characters of an instant
_ERROR = 3
_PREFIX = re.compile(rb".{27} \S+ +(?:JI \d+: ?)?")
_INSTANCE = re.compile(rb"JI (\d+): ?")


Test = Callable[[bytes], bool]


class Parsed(NamedTuple):
    """One line, taken apart; `stamp` is "" where the line has none."""

    stamp: str  # "2026-11-23T07:15:00.123456Z"
    level: str
    job_instanceid: int | None
    text: bytes
    left_out: int  # bytes of the line that were not kept


def parse_line(line: LogLine) -> Parsed:
    """Take a line apart."""
    head = line.head
    return Parsed(*parse_head(head), max(0, line.length - 1 - len(head)))


def parse_head(head: bytes) -> tuple[str, str, int | None, bytes]:
    """Return instant, level, instance and text of a line, or of what was read of it."""
    if not is_stamped(head):
        return "", "", None, head
    level, _, rest = head[_STAMP + 1 :].partition(b" ")
    rest = rest.lstrip(b" ") if level not in {b"OUT", b"ERR", b"OUT~", b"ERR~"} else rest
    found = _INSTANCE.match(rest.lstrip(b" "))
    number = None
    if found is not None:
        number = int(found[1])
        rest = rest.lstrip(b" ")[found.end() :]
    stamp = head[:_STAMP].decode("ascii", "replace")
    return stamp, level.decode("ascii", "replace"), number, rest


def text_start(head: bytes) -> int:
    """Return where the text of a line begins, after instant, level and instance."""
    found = _PREFIX.match(head)
    return 0 if found is None or not is_stamped(head) else found.end()


def rank_of(head: bytes) -> int:
    """Return how grave a line is: 0 debug, 1 info and output, 2 warning, 3 error."""
    if not is_stamped(head):
        return 1
    return _RANK.get(head[_STAMP + 1 : _STAMP + 10].split(b" ", 1)[0], 1)


def is_error(head: bytes) -> bool:
    """Whether a line tells of an error."""
    return rank_of(head) >= _ERROR
