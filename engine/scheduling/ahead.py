"""Decide about a due instant shortly before it comes, and commit when it has.

What a claim needs (a transaction, the rows, the run's facts) takes a millisecond or two, which a
due job would wait for. So a turn may take the instant that comes next for its `now`, do all of that
ahead, and hold the COMMIT back until the clock shows it: no run is granted, nor handed over, before
it is due. What the decision rests on is locked by its transaction meanwhile, and an engine that
dies there has decided nothing.
"""

import select
import time

from engine.clock import SECOND, Clock, Instant

_SPIN = 200  # microseconds: sleeping is too coarse for the last ones


class Ahead:
    """How far a turn may run ahead of the clock: `lead` microseconds; 0: not at all."""

    def __init__(self, clock: Clock, lead: Instant = 0) -> None:
        self._clock = clock
        self.lead = lead

    def moment(self, wake: Instant | None) -> Instant:
        """Return what a turn takes for now: `wake` if that is about to come, else the clock."""
        now = self._clock.now()
        is_near = wake is not None and now < wake <= now + self.lead
        return wake if is_near and wake is not None else now

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
