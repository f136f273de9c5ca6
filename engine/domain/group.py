"""A group of jobs with one switch. DEFAULT holds every job and cannot be disabled or deleted."""

from dataclasses import dataclass

from engine.clock import Instant

DEFAULT_GROUP = "DEFAULT"


@dataclass(frozen=True, slots=True)
class Group:
    """One row of `groups`."""

    groupid: int
    name: str
    description: str = ""
    enabled: bool = True
    disabled_by: str = ""
    disabled_at: Instant | None = None
    change_seq: int = 0
