"""How much will run at once: starts per minute and runs per second, from schedules and durations.

Jobs with the same schedule are counted together. A job never overlaps itself: a run that takes
longer than its interval makes the job run all the time. Intervals of up to half a minute are
counted as an even load, not start by start.
"""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import nsmallest
from itertools import accumulate

from msgspec import Struct, field

from engine.clock import MINUTE, SECOND, Instant
from engine.domain.schedule import RecurringSchedule, Schedule
from engine.domain.schedule.planner import planner_for

_DENSE = 30  # seconds


class Load(Struct):
    """What starts and runs in `since < t <= until`; buckets count from the full minute before."""

    since: Instant
    until: Instant
    starts: "array[float]" = field(default_factory=lambda: array("d"))  # per minute
    _changes: "array[float]" = field(
        default_factory=lambda: array("d")
    )  # of the number of runs, per second
    _even: float = 0.0  # runs that are spread evenly over the whole window

    def __post_init__(self) -> None:
        minutes = (self.until - self.origin) // MINUTE + 1
        self.starts = array("d", bytes(8 * minutes))
        self._changes = array("d", bytes(8 * (minutes * 60 + 1)))

    @property
    def origin(self) -> Instant:
        """The instant at which the first bucket begins."""
        return self.since - self.since % MINUTE

    def add(
        self,
        schedule: Schedule,
        anchor: Instant,
        dues: tuple[Instant, Instant, int],
        took: Mapping[int, int],
    ) -> None:
        """Add jobs that share a schedule, its anchor, and their first and last due instant.

        `took` maps seconds of run time to the number of jobs that take so long.
        """
        if isinstance(schedule, RecurringSchedule) and schedule.seconds <= _DENSE:
            self._add_evenly(schedule, anchor, dues[1], took)
            return
        number = sum(took.values())
        first, last, _ = dues
        starts = list(planner_for(schedule, anchor).between(max(self.since, first - 1), last))
        changes, origin, end = self._changes, self.origin, len(self._changes) - 1
        for i, due in enumerate(starts):
            self.starts[(due - origin) // MINUTE] += number
            second = (due - origin) // SECOND
            changes[second] += number
            following = (starts[i + 1] - origin) // SECOND if i + 1 < len(starts) else end
            for seconds, jobs in took.items():
                changes[min(second + seconds + 1, following, end)] -= jobs

    def running(self) -> "array[float]":
        """Return how many runs go on in each second, from the origin on."""
        return array("d", (count + self._even for count in accumulate(self._changes[:-1])))

    def _add_evenly(
        self, schedule: RecurringSchedule, anchor: Instant, until: Instant, took: Mapping[int, int]
    ) -> None:
        found = planner_for(schedule, anchor).count(self.since, until)
        if found is None:
            return
        number = sum(took.values())
        first, last = (found[0] - self.origin) // MINUTE, (found[1] - self.origin) // MINUTE
        each = number * found[2] / (last - first + 1)
        for minute in range(first, last + 1):
            self.starts[minute] += each
        self._even += sum(
            jobs * min(1.0, max(seconds, 0.5) / schedule.seconds) for seconds, jobs in took.items()
        )


def highest(values: Sequence[float], number: int) -> list[int]:
    """Return the places of the `number` highest values above 0, the highest first."""
    above = (place for place, value in enumerate(values) if value > 0)
    return nsmallest(number, above, key=lambda place: (-values[place], place))


def rounded(took: Sequence[Instant]) -> Counter[int]:
    """Return run times in microseconds as whole seconds, with how many there are of each."""
    return Counter(round(each / SECOND) for each in took)
