"""A crontab as a file: which form it has, whether cron reads it, and what of it is left out."""

import re
from collections.abc import Iterator
from typing import Final, Literal

Form = Literal["user", "system"]

MARK: Final = "\ufeff"  # the byte order mark that some editors write


def oddities(text: str, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield what of the file itself is left out."""
    if text.startswith(MARK):
        yield 1, "a byte order mark is left out; cron would not understand this line"
    if any(line.endswith("\r") for line in lines):
        yield 1, "the lines end with CR LF; cron hands the CR to the commands, it is left out here"
    if lines[-1].strip():
        yield len(lines), "the last line has no newline, so that cron would not take the file"


def form_of(path: str) -> Form:
    """Return the form that a crontab at `path` has: `system` for those of /etc."""
    return "system" if path == "/etc/crontab" or path.startswith("/etc/cron.d") else "user"


def is_read_by_cron(name: str) -> bool:
    """Whether cron takes a file of this name from its folder: nothing with a dot, no backups."""
    return re.fullmatch(r"[A-Za-z0-9_-]+", name) is not None
