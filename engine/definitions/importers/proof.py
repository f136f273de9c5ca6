"""Compare a definition with the rule it came from, one due instant after the other."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct

from engine.clock import DAY, HOUR, Instant, to_datetime
from engine.definitions.importers.result import SourceRule
from engine.domain.job import Definition
from engine.domain.schedule import CronSchedule
from engine.domain.schedule.planner import planner_for

_YEAR = 365 * DAY + DAY // 4
_MOST = 1_000  # differences that are listed; all are counted


class Difference(Struct, frozen=True):
    """An instant at which only one of the two runs the job."""

    at: Instant
    in_source: bool  # True: only the source runs it then; False: only tocsin does
    reason: str


class Proof(Struct, frozen=True):
    """The comparison of one job over a stretch of time."""

    after: Instant
    until: Instant
    compared: int  # instants that either of them names
    differing: int
    differences: tuple[Difference, ...]  # the first of them

    @property
    def is_equal(self) -> bool:
        """Whether both name exactly the same instants."""
        return self.differing == 0

    def reasons(self) -> dict[str, int]:
        """Return how many of the listed differences have which reason."""
        return dict(Counter(difference.reason for difference in self.differences))


def prove(rule: SourceRule, definition: Definition, after: Instant, years: float = 2.0) -> Proof:
    """Compare the due instants of the coming years, in `after < instant <= after + years`.

    Args:
        rule: when the source runs the job.
        definition: what became of it; a recurring schedule counts from `after`.
        after: where the comparison starts.
        years: for how long.
    """
    until = end_of(after, years)
    ours = planner_for(definition.schedule, after).between(after, until)
    compared = differing = 0
    listed: list[Difference] = []
    for at, in_source, in_ours in _merged(rule.instants(after, until), ours):
        compared += 1
        if in_source and in_ours:
            continue
        differing += 1
        if len(listed) < _MOST:
            reason = rule.reason(at) or _clock_change(definition, at) or "not explained"
            listed.append(Difference(at, in_source, reason))
    return Proof(after, until, compared, differing, tuple(listed))


def end_of(after: Instant, years: float) -> Instant:
    """Return the last instant of a comparison that starts at `after`."""
    return after + round(years * _YEAR)


def _merged(
    source: Iterator[Instant], ours: Iterator[Instant]
) -> Iterator[tuple[Instant, bool, bool]]:
    one, other = next(source, None), next(ours, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one < other):
            yield one or 0, True, False
            one = next(source, None)
        elif one is None or other < one:
            yield other, False, True
            other = next(ours, None)
        else:
            yield one, True, True
            one, other = next(source, None), next(ours, None)


def _clock_change(definition: Definition, at: Instant) -> str:
    """Return that clocks change near `at`, if they do."""
    schedule = definition.schedule
    if not isinstance(schedule, CronSchedule):
        return ""
    zone = ZoneInfo(schedule.timezone)
    around = (at + hours * HOUR for hours in range(-4, 5))
    offsets = [to_datetime(each).astimezone(zone).utcoffset() for each in around]
    if any(before != after for before, after in pairwise(offsets)):
        return "the clocks change at that time, and the two treat it differently"
    return ""
