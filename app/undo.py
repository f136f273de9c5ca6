"""The last reversible action, for as long as it may be taken back."""

from collections.abc import Callable

from engine.clock import Clock

UNDO_SECONDS = 10.0


class Undo:
    """One step, gone after ten seconds or with the next action."""

    def __init__(self, clock: Clock, key: str) -> None:
        self._clock = clock
        self._key = key  # that takes it back
        self._undo: Callable[[], None] | None = None
        self._until = 0.0
        self.text = ""
        self._by_hand = ""
        self._late = ""  # says what could have been taken back until its time was over

    @property
    def why_not(self) -> str:
        """Why nothing can be taken back, and what cannot any more; "": something can be."""
        if self.text:
            return ""
        return self._late or "nothing to take back"

    @property
    def hint(self) -> str:
        """What the status line shows at its right."""
        return f"{self._key} undo" if self.text else ""

    def offer(self, text: str, undo: Callable[[], None], by_hand: str = "") -> None:
        """Keep `undo` for ten seconds; `text` says what it takes back, `by_hand` how to later."""
        self.text, self._undo, self._by_hand = text, undo, by_hand
        self._until = self._clock.monotonic() + UNDO_SECONDS

    def undo(self) -> None:
        """Take the action back."""
        undo = self._undo
        self.forget()
        if undo is not None:
            undo()

    def forget(self) -> None:
        """Another action was done: nothing can be taken back."""
        self.text, self._undo, self._late = "", None, ""

    def expire(self) -> bool:
        """Forget it when its time is over; True when it was forgotten now."""
        if self.text and self._clock.monotonic() >= self._until:
            by_hand = f"; {self._by_hand}" if self._by_hand else ""
            late = f"too late ({UNDO_SECONDS:g}s) to take back: {self.text}{by_hand}"
            self.forget()
            self._late = late
            return True
        return False
