"""What a batch of events changed, by key: what a pane repaints, and what it takes away."""

from msgspec import Struct, field


class Changes(Struct):
    """What one batch changed, by key; what went and came again, as another, is among both."""

    jobs: set[int] = field(default_factory=set)
    instances: set[int] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    jobs_gone: set[int] = field(default_factory=set)
    instances_gone: set[int] = field(default_factory=set)
    groups_gone: set[str] = field(default_factory=set)
    health: bool = False

    @property
    def has_rows(self) -> bool:
        """Whether any row changed."""
        return bool(
            self.jobs
            or self.instances
            or self.groups
            or self.jobs_gone
            or self.instances_gone
            or self.groups_gone
        )

    @property
    def is_health_alone(self) -> bool:
        """Whether no row changed."""
        return self.health and not self.has_rows

    def __bool__(self) -> bool:
        return self.health or self.has_rows
