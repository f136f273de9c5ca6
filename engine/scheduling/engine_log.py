"""The engine's own log, `tocsin.engine.log`: what an operator reads after the fact.

Lines are gathered during a turn and written at its end, after what they tell is durable.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from engine.clock import Clock, to_iso
from engine.config import ENGINE_LOG

LARGEST = 10 * 1024 * 1024  # bytes; then it becomes tocsin.engine.log.1, and so on
GENERATIONS = 5


class EngineLog:
    """Appends lines with the instant and the level. A log that cannot be written stops nothing."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / ENGINE_LOG
        self._clock = clock
        self._fd: int | None = None
        self._size = 0
        self._lost = 0  # lines that could not be written; the last of them may be there in part

    def write(self, text: str, level: str = "INFO") -> None:
        """Append one line."""
        self.write_all([text], level)

    def write_all(self, texts: Iterable[str], level: str = "INFO") -> None:
        """Append lines of one moment."""
        stamp = to_iso(self._clock.now())
        lines = [f"{stamp} {level:<5} {_one_line(text)}\n" for text in texts]
        if not lines:
            return
        if self._lost:
            told = f"{self._lost} lines of this log could not be written"
            lines.insert(0, f"\n{stamp} WARN  {told}\n")
        data = "".join(lines).encode("utf-8", "replace")
        try:
            if self._fd is None or self._size > LARGEST:
                self._open()
            is_whole = self._fd is not None and os.write(self._fd, data) == len(data)
        except OSError:
            is_whole = False
        if is_whole:
            self._size += len(data)
            self._lost = 0
        else:
            self._lost += len(lines) - bool(self._lost)
            self.close()

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self) -> None:
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        self._fd = os.open(self._path, flags, 0o640)
        self._size = os.fstat(self._fd).st_size
        if self._size > LARGEST:
            self._rotate()
            self.close()
            self._fd = os.open(self._path, flags, 0o640)
            self._size = 0

    def _rotate(self) -> None:
        for number in range(GENERATIONS - 1, 0, -1):
            older = self._path.with_name(f"{ENGINE_LOG}.{number}")
            if older.exists():
                older.rename(self._path.with_name(f"{ENGINE_LOG}.{number + 1}"))
        self._path.rename(self._path.with_name(f"{ENGINE_LOG}.1"))


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")
