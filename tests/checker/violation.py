"""A violation: which invariant, of which job, and what is wrong."""

from datetime import UTC, datetime
from typing import NamedTuple


class Violation(NamedTuple):
    invariant: str
    job: str
    text: str

    @property
    def instance(self) -> int:
        """The run that the text begins with, as in "instance 12 of session 3"."""
        return int(self.text.split()[1])

    def __str__(self) -> str:
        return f"{self.invariant}: {self.job}: {self.text}"


def shown(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
