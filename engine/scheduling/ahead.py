"""Decide about a due instant shortly before it comes, and commit when it has.

What a claim needs (a transaction, the rows, the run's facts) takes a millisecond or two, which a
due job would wait for. So a turn may take the instant that comes next for its `now`, do all of that
ahead, and hold the COMMIT back until the clock shows it: no run is granted, nor handed over, before
it is due. What the decision rests on is locked by its transaction meanwhile, and an engine that
dies there has decided nothing.

Beside a file, whoever else wants to write waits as long. So there is a rest between two such turns,
and an engine with hundreds of due instants a second decides about most of them when they have come.
"""

import select
import time

from engine.clock import SECOND, Clock, Instant

_REST = 10_000  # microseconds from the end of one turn that ran ahead to the next one's begin
_SPIN = 200  # microseconds: sleeping is too coarse for the last ones


class Ahead:
    """How far a turn may run ahead of the clock: `lead` microseconds; 0: not at all."""

    def __init__(self, clock: Clock, lead: Instant = 0) -> None:
        self._clock = clock
        self.lead = lead
        self._rested_at = 0.0  # on the monotonic clock

    def moment(self, wake: Instant | None) -> Instant:
        """Return what a turn takes for now: `wake` if that is about to come, else the clock."""
        now = self._clock.now()
        if wake is None or not now < wake <= now + self.lead or self._rests_for(0):
            return now
        return wake

    def wait(self, wake: Instant) -> Instant:
        """Return the microseconds until the turn for `wake` should begin."""
        left = wake - self._clock.now()
        early = left - self.lead
        return max(left if self._rests_for(early) else early, 0)

    def left(self, moment: Instant) -> Instant:
        """Return for how many microseconds the clock does not show `moment` yet."""
        return min(max(moment - self._clock.now(), 0), self.lead)

    def reach(self, moment: Instant) -> None:
        """Wait until the clock shows `moment`; where it was set back meanwhile, for the lead."""
        left = self.left(moment)
        until = time.monotonic_ns() + left * 1000
        if left > _SPIN:
            select.select((), (), (), (left - _SPIN) / SECOND)
        while time.monotonic_ns() < until and self._clock.now() < moment:
            pass
        self._rested_at = self._clock.monotonic() + _REST / SECOND

    def _rests_for(self, microseconds: Instant) -> bool:
        """Whether that long from now it is still too early to run ahead again."""
        return self._clock.monotonic() + microseconds / SECOND < self._rested_at
