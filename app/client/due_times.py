"""When each job is due next, in eight bytes for each: that it passes may be news."""

from array import array

from engine.clock import Instant

_NEVER = -1


class DueTimes:
    """The next due instants by job id; ids are small and dense, as the store draws them."""

    def __init__(self) -> None:
        self._due = array("q")

    def clear(self) -> None:
        """Forget all."""
        self._due = array("q")

    def keep(self, jobid: int, due: Instant | None) -> None:
        """Remember when a job is due; None: nothing is."""
        missing = jobid + 1 - len(self._due)
        if missing > 0:
            self._due.extend([_NEVER] * missing)
        self._due[jobid] = _NEVER if due is None else due

    def take_passed(self, until: Instant) -> list[int]:
        """Forget and return the jobs that were due before `until`."""
        passed = [jobid for jobid, due in enumerate(self._due) if _NEVER < due < until]
        for jobid in passed:
            self._due[jobid] = _NEVER
        return passed

    def first(self) -> Instant | None:
        """Return when the first of them is due; None: none is."""
        return min((due for due in self._due if due != _NEVER), default=None)
