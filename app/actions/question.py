"""A question on the status line, and which keys answer it.

It takes only `y`: not Enter, not the key that asked, nothing that was typed before it could be
read, and no `y` that a held key repeats.
"""

from collections.abc import Callable

from msgspec import Struct

GUARD_SECONDS = 0.3  # keys this soon after the question opened were meant for something else
_NO = {"n", "N", "escape", "ctrl+c"}  # to keep things as they are is never too quick
PATIENCE_SECONDS = 15.0  # then the answer is No


class Question(Struct):
    """A question on the status line."""

    text: str
    verb: str  # what `y` does: "stop"
    yes: Callable[[], None]
    trigger: str  # the key that asked
    opened: float  # monotonic seconds
    _last_yes: float = -1.0

    def key(self, key: str, now: float) -> bool | None:
        """Return whether `key` agrees (True), refuses (False), or is not listened to (None)."""
        if key == self.trigger and key != "y":
            return None
        if now - self.opened < GUARD_SECONDS:
            self._last_yes = now
            return False if key in _NO else None
        if key == "y":
            is_repeat = now - self._last_yes < GUARD_SECONDS
            self._last_yes = now
            return None if is_repeat else True
        return False

    def is_over(self, now: float) -> bool:
        """Whether it was left unanswered for too long."""
        return now - self.opened >= PATIENCE_SECONDS
