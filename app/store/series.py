"""The last runs of a job: what its strip, its p50 and p95 and its count of failures come from."""

from bisect import bisect_left
from collections.abc import Sequence

from msgspec.structs import replace

from app.store.model import InstanceRow, JobRow, Run
from engine.domain.instance import Status

KEPT_RUNS = 32


class Series:
    """A ring of the last finished runs of one job, oldest first; its tuples are those of the row.

    Most jobs of a large store have few runs, so that a ring of a fixed size would be mostly empty.
    """

    __slots__ = ("_ids", "runs")

    def __init__(self) -> None:
        self._ids: tuple[int, ...] = ()
        self.runs: tuple[Run, ...] = ()

    def add(self, instance: InstanceRow) -> bool:
        """Take a finished instance in; False when it is known already or too old for the ring."""
        seconds, number, ids = instance.seconds, instance.job_instanceid, self._ids
        if seconds is None:
            return False
        at = bisect_left(ids, number)
        if (at < len(ids) and ids[at] == number) or (at == 0 and len(ids) == KEPT_RUNS):
            return False
        run = Run(instance.status, seconds)
        self._ids = (*ids[:at], number, *ids[at:])[-KEPT_RUNS:]
        self.runs = (*self.runs[:at], run, *self.runs[at:])[-KEPT_RUNS:]
        return True


def with_runs(row: JobRow, runs: tuple[Run, ...]) -> JobRow:
    """Return a job with its last finished runs, oldest first, and what they come to."""
    return replace(
        row,
        runs=runs,
        p50_seconds=percentile(runs, 0.5),
        p95_seconds=percentile(runs, 0.95),
        fails=sum(run.status is not Status.COMPLETE for run in runs),
    )


def percentile(runs: Sequence[Run], share: float) -> float | None:
    """Return the seconds that `share` (0..1) of the runs do not exceed; None without runs."""
    if not runs:
        return None
    ordered = sorted(run.seconds for run in runs)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
