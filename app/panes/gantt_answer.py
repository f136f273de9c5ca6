"""What came of a stretch of time that the Gantt chart asked for, and how its runs went on since."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from app.client.views import RanView
from app.presentation.gantt import Axis
from app.store.model import InstanceRow
from engine.clock import Instant

_PARTS = 16  # of a chart: a stretch begins and ends at a whole one, not at the microsecond


class Stretch(Struct, frozen=True):
    """What is asked for."""

    begin: Instant
    until: Instant
    only: tuple[str, ...] | None
    goes_on: bool  # up to the time of the question: what begins later, the console is told
    snapshots: int  # that the console had read by then


def stretch_of(axis: Axis, now: Instant, only: tuple[str, ...] | None, snapshots: int) -> Stretch:
    """Return what to ask for to fill `axis`.

    A chart of the past moves on with the clock. Its ends are rounded outward, so that it is asked
    for anew when a part of it has passed, and not whenever it is drawn.
    """
    part = max(1, (axis.end - axis.start) // _PARTS)
    until = min(axis.end + -axis.end % part, now)
    return Stretch(axis.start - axis.start % part, until, only, until == now, snapshots)


class Answer:
    """The runs of a stretch. What goes on in it, the console is told of, but does not keep."""

    def __init__(self, stretch: Stretch, ran: RanView, newest: int) -> None:
        self.stretch = stretch
        self.since = ran.since  # the stretch is whole from then on
        self.newest = newest  # that the console knew when it asked
        self._rows = {row.job_instanceid: row for row in ran.rows}
        self._live = {key for key, row in self._rows.items() if row.is_live}
        self._told: set[int] = set()  # of those that go on: what the console was told of

    def beside(self, kept: Mapping[int, InstanceRow]) -> Sequence[InstanceRow]:
        """Return the runs that are not among those that the console keeps."""
        self._follow(kept)
        return [row for key, row in self._rows.items() if key not in kept]

    def _follow(self, kept: Mapping[int, InstanceRow]) -> None:
        """Take over how runs ended. One that the console knew and gave up had ended unseen."""
        for key in tuple(self._live):
            row = kept.get(key)
            if row is not None:
                self._told.add(key)
                self._rows[key] = row
            elif key in self._told:
                del self._rows[key]
            if key not in self._rows or not self._rows[key].is_live:
                self._live.discard(key)
