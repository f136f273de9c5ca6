"""A group of jobs with one switch. DEFAULT holds every job and cannot be disabled or deleted."""

from msgspec import Struct

from engine.clock import Instant

DEFAULT_GROUP = "DEFAULT"


class Group(Struct, frozen=True):
    """One row of `groups`."""

    groupid: int
    name: str
    description: str = ""
    enabled: bool = True
    disabled_by: str = ""
    disabled_at: Instant | None = None
    change_seq: int = 0
