"""When an action asks first, and how: by danger, by number of rows, by environment.

A question takes only `y`: not Enter, not the key that asked, nothing that was typed before it could
be read, and no `y` that a held key repeats.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.actions.registry import Action, Danger
from app.actions.scene import Scene

GUARD_SECONDS = 0.3  # keys this soon after the question opened were meant for something else
PATIENCE_SECONDS = 15.0  # then the answer is No
BULK = 50  # more rows than this have to be confirmed by typing their number


def level_of(action: Action, scene: Scene) -> Danger:
    """Return how this press of `action` has to be confirmed."""
    count = max(len(scene.selection.jobs), len(scene.selection.instances))
    danger = action.danger
    if danger is Danger.NONE or action.asks_itself:
        return Danger.NONE
    if count > BULK:
        return Danger.DESTRUCTIVE
    is_run_in_production = action.id == "jobs.run" and scene.console.environment == "prod"
    if danger is Danger.REVERSIBLE and (
        count > 1 or is_run_in_production or scene.selection.groups
    ):
        return Danger.HARD
    return danger


@dataclass(slots=True)
class Question:
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
            return None
        if key == "y":
            is_repeat = now - self._last_yes < GUARD_SECONDS
            self._last_yes = now
            return None if is_repeat else True
        return False

    def is_over(self, now: float) -> bool:
        """Whether it was left unanswered for too long."""
        return now - self.opened >= PATIENCE_SECONDS


def name_rows(names: tuple[str, ...], hidden: int = 0, most: int = 3) -> str:
    """Return the first names and how many more there are."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    text = f"{shown} and {more:,} more" if more > 0 else shown
    return f"{text} ({hidden} of them hidden by the filter)" if hidden else text
