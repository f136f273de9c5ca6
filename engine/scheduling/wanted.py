"""What should be claimed, and what was: the two records that pass through a turn."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from engine.clock import Instant
from engine.domain.instance import Cause
from engine.domain.verdict import Stretch
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Run


class Wanted(Struct):
    """One run that should be claimed, with the verdicts that go along with it."""

    entry: Entry
    cause: Cause
    due_at: Instant | None = None
    late: bool = False
    stands_for: Instant | None = None
    who: str = ""
    options: Mapping[str, Any] | None = None
    requestid: str | None = None
    forced: bool = False  # beside a run that goes on; owns nothing
    until: Instant | None = None  # where the cursor goes; None: it stays
    repeats_until: Instant | None = None  # see clock_watch
    stretches: tuple[Stretch, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether there is anything to run; else there are verdicts alone."""
        return self.due_at is not None or self.until is None


class Claimed(Struct):
    """What a transaction claimed; memory follows once it is durable."""

    runs: list[tuple[Wanted, Run]] = field(default_factory=list)
    accounted: list[Wanted] = field(default_factory=list)  # their cursor moved, nothing runs
