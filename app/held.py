"""Which keys are meant for what just opened, and which for what was there before."""

from msgspec import Struct

GUARD_SECONDS = 0.3  # keys this soon after something opened were meant for something else
HELD_SECONDS = 0.7  # a key that is held down comes for the second time by then


class Guard(Struct):
    """Holds back what comes too soon after something opened, and a held key until it is let go."""

    since: float  # monotonic seconds
    opener: str = ""  # the key that opened it
    _is_held: bool = False

    def is_early(self, key: str, now: float) -> bool:
        """Return whether `key` comes too soon; if so, what it repeats does, too."""
        is_first = key == self.opener and not self._is_held
        is_early = now - self.since < (HELD_SECONDS if is_first else GUARD_SECONDS)
        if is_early:
            self.since, self._is_held = now, True
        return is_early
