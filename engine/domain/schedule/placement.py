"""Where local times fall on UTC: the daylight-saving contract of a schedule, worked out per zone.

The rule, which equals Debian's cron by default:

- A *wildcard* schedule (its minute or hour field starts with `*`) goes by elapsed time: it fires at
  every instant whose local time matches. A skipped hour does not exist for it, a repeated hour
  happens twice.
- Any other is a *fixed-time* schedule. A local time that a clock change skips (a gap) is due, by
  `dst_gap`: `after` at the first instant after the gap, `skip` not at all, `shift` as much later as
  the gap is long. A local time that happens twice (an overlap) is due, by `dst_overlap`: `first`,
  `last` or `both` times.
- Several local times that fall on one instant are one due instant. (Debian's cron starts the job
  once for each.)
- A change of more than three hours is a correction of the zone, not daylight saving (cron(8)): by
  default the new time holds at once. What `after` would make up for is not due (Apia had no 30
  December 2011, so a daily job had no run for it), and what `first` would leave out is due again.
  The other choices are obeyed whatever the size.

On UTC each stretch between two clock changes is a segment with one offset. Within it the local
times from `low` to before `high` (written as UTC instants here) are due at their own instant; the
local times of the gap before it come in addition.
"""

from functools import lru_cache

from msgspec import Struct

from engine.clock import HOUR, Instant
from engine.domain.schedule import CronSchedule, DstGap, DstOverlap
from engine.domain.schedule.zones import HORIZON, zone

CORRECTION = 3 * HOUR  # a longer change is no daylight saving


class Placement(Struct, frozen=True):
    """Parallel tuples, one entry per segment.

    Shared by all schedules with this zone and contract.
    """

    starts: tuple[Instant, ...]
    offsets: tuple[int, ...]
    lows: tuple[Instant, ...]
    highs: tuple[Instant, ...]
    quiet: tuple[Instant, ...]  # from here on the segment has no more instants from its gap
    gaps: tuple[int, ...]  # length of the gap before the segment that is made up for, or 0
    shifts: bool  # dst_gap is shift: the gap's local times keep their distance


def is_wildcard(schedule: CronSchedule) -> bool:
    """Return whether the schedule goes by elapsed time through a clock change."""
    return schedule.minute.startswith("*") or schedule.hour.startswith("*")


@lru_cache(maxsize=4096)
def placement(timezone: str, *, wildcard: bool, gap: DstGap, overlap: DstOverlap) -> Placement:
    """Return the segments of `timezone` under a contract.

    Raises:
        ScheduleError: there is no such zone.
    """
    table = zone(timezone)
    starts, offsets = table.starts, table.offsets
    ends = (*starts[1:], HORIZON)
    lows, highs, quiet, gaps = list(starts), list(ends), list(starts), [0] * len(starts)
    if not wildcard:
        for i in range(1, len(starts)):
            step = offsets[i] - offsets[i - 1]
            if step > 0 and gap != "skip" and not (gap == "after" and step > CORRECTION):
                gaps[i] = step
                if gap == "shift":
                    quiet[i] = starts[i] + step
            elif step < 0 and overlap == "last":
                highs[i - 1] = starts[i] + step
            elif step < 0 and overlap == "first" and -step <= CORRECTION:
                lows[i] = starts[i] - step
    return Placement(
        starts, offsets, tuple(lows), tuple(highs), tuple(quiet), tuple(gaps), gap == "shift"
    )
