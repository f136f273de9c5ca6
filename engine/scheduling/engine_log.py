"""The engine's own log, `tocsin.engine.log`: what an operator reads after the fact.

Lines are gathered during a turn and written at its end, after what they tell is durable.
"""

from collections.abc import Iterable

from engine.clock import Clock, to_iso
from engine.scheduling.ports import LogFile


class EngineLog:
    """Appends lines with the instant and the level. A log that cannot be written stops nothing."""

    def __init__(self, file: LogFile, clock: Clock) -> None:
        self._file = file
        self._clock = clock

    def write(self, text: str, level: str = "INFO") -> None:
        """Append one line."""
        self.write_all([text], level)

    def write_all(self, texts: Iterable[str], level: str = "INFO") -> None:
        """Append lines of one moment."""
        stamp = to_iso(self._clock.now())
        lines = [f"{stamp} {level:<5} {_one_line(text)}\n" for text in texts]
        if lines:
            self._file.append("".join(lines).encode("utf-8", "replace"))

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        self._file.close()


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")
