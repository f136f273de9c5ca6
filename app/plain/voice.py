"""What the operator hears: one line after the other, all of it sanitized."""

from collections.abc import Iterable
from typing import TextIO

from app.sanitize import SafeText, safe_line

LINE_LIMIT = 2000  # characters; longer ones say how much was left out


class Voice:
    """Writes lines to a stream, each at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def say(self, text: str) -> None:
        """Say one line; `text` may hold data."""
        self._stream.write(safe_line(text, LINE_LIMIT) + "\n")
        self._stream.flush()

    def say_all(self, lines: Iterable[str]) -> None:
        """Say several lines."""
        for line in lines:
            self.say(line)

    def prompt(self, text: SafeText) -> None:
        """Say that an answer is waited for, on the line that it will be typed on."""
        self._stream.write(text)
        self._stream.flush()

    def end_line(self) -> None:
        """End the line of a prompt that was not answered."""
        self._stream.write("\n")
        self._stream.flush()
