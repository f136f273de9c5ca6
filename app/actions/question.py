"""A question on the status line, and which keys answer it.

It takes only `y`: not Enter, not the key that asked, nothing that was typed before it could be
read, and no `y` that a held key repeats.
"""

from collections.abc import Callable

from msgspec import Struct, field

from app.held import GUARD_SECONDS, Guard

_NO = {"n", "N", "escape", "ctrl+c"}  # to keep things as they are is never too quick
PATIENCE_SECONDS = 15.0  # then the answer is No


class Question(Struct):
    """A question on the status line."""

    text: str
    verb: str  # what `y` does: "stop"
    yes: Callable[[], None]
    trigger: str  # the key that asked
    opened: float  # monotonic seconds
    _guard: Guard = field(default_factory=lambda: Guard(0.0))

    def __post_init__(self) -> None:
        self._guard = Guard(self.opened, self.trigger)

    def key(self, key: str, now: float) -> bool | None:
        """Return whether `key` agrees (True), refuses (False), or is not listened to (None)."""
        if key == self.trigger and key != "y":
            return None
        if key in _NO:
            return False
        if key != "y" and now - self.opened >= GUARD_SECONDS:
            return False
        return None if self._guard.is_early(key, now) else True

    def is_over(self, now: float) -> bool:
        """Whether it was left unanswered for too long."""
        return now - self.opened >= PATIENCE_SECONDS
