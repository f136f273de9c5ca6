"""A violation: which invariant, of which job, and what is wrong."""

from datetime import UTC, datetime
from typing import NamedTuple


class Violation(NamedTuple):
    invariant: str
    job: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.job}: {self.text}"


def shown(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
