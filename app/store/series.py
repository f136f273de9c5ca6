"""The last runs of a job: what its strip, its p50 and p95 and its count of failures come from."""

from collections import deque
from collections.abc import Sequence

from app.store.model import InstanceRow, Run

KEPT_RUNS = 32


class Series:
    """A ring of the last finished runs of one job, oldest first."""

    __slots__ = ("_ids", "_runs")

    def __init__(self) -> None:
        self._ids: deque[int] = deque(maxlen=KEPT_RUNS)
        self._runs: deque[Run] = deque(maxlen=KEPT_RUNS)

    def add(self, instance: InstanceRow) -> bool:
        """Take a finished instance in; False when it is known already or too old for the ring."""
        seconds = instance.seconds
        if seconds is None or instance.job_instanceid in self._ids:
            return False
        run = Run(instance.status, seconds)
        if not self._ids or instance.job_instanceid > self._ids[-1]:
            self._ids.append(instance.job_instanceid)
            self._runs.append(run)
            return True
        if len(self._ids) == KEPT_RUNS and instance.job_instanceid < self._ids[0]:
            return False
        return self._insert(instance.job_instanceid, run)

    def _insert(self, job_instanceid: int, run: Run) -> bool:
        position = sum(known < job_instanceid for known in self._ids)
        if len(self._ids) == KEPT_RUNS:
            self._ids.popleft()
            self._runs.popleft()
            position -= 1
        self._ids.insert(position, job_instanceid)
        self._runs.insert(position, run)
        return True

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, oldest first."""
        return tuple(self._runs)


def percentile(runs: Sequence[Run], share: float) -> float | None:
    """Return the seconds that `share` (0..1) of the runs do not exceed; None without runs."""
    if not runs:
        return None
    ordered = sorted(run.seconds for run in runs)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
