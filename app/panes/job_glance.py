"""What the store alone knows of the job under the cursor: its state data, its next due instants.

Asked for when the cursor rests on another job or that job has changed, and every few seconds while
it runs: then it may save; or where it could not be read. Else nothing is asked. In a frozen view
what was found stays.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from app.actions.scene import Console
from app.client.desk import Desk
from app.panes.viewpoint import Viewpoint
from app.store.model import JobRow
from engine.clock import Instant
from engine.errors import NotFoundError, StoreError, TocsinError

_DUES = 3
_REREAD_SECONDS = 5.0  # while it runs, or where it could not be read


class Glance(Struct, frozen=True):
    """What was found; `data` None: no state data."""

    dues: tuple[Instant, ...] = ()
    data: Mapping[str, Any] | None = None


_NOTHING = Glance()


class JobGlance:
    """Keeps what was found of one job."""

    def __init__(self, console: Console, viewpoint: Viewpoint, came: Callable[[], None]) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._came = came
        self._asked: Sequence[object] = ()
        self._asked_at = 0.0  # monotonic seconds
        self._failed_at: float | None = None  # None: it did not, or the job is gone
        self._jobid = 0
        self._found = _NOTHING

    def forget(self) -> None:
        """Ask anew when it is next wanted."""
        if self._goes_on:
            self._asked = ()

    @property
    def _goes_on(self) -> bool:
        return self._viewpoint.still is None

    @property
    def is_due(self) -> bool:
        """Whether it is time to ask again for what could not be read."""
        failed_at, now = self._failed_at, self._console.clock.monotonic()
        return failed_at is not None and now - failed_at >= _REREAD_SECONDS

    def of(self, row: JobRow) -> Glance:
        """Return what is known of a job by now, and ask where that is old."""
        wanted = (row.jobid, row.schedule, row.next_at, row.last_instanceid, row.running)
        now = self._console.clock.monotonic()
        may_save = bool(row.running) and self._goes_on
        is_old = may_save and now - self._asked_at >= _REREAD_SECONDS
        if wanted != self._asked or is_old:
            self._asked, self._asked_at, self._failed_at = wanted, now, None
            if row.jobid != self._jobid:
                self._jobid, self._found = row.jobid, _NOTHING
            self._ask(row.name, wanted)
        return self._found

    def _ask(self, name: str, wanted: Sequence[object]) -> None:
        def came(found: Glance) -> None:
            if self._asked == wanted and found != self._found:
                self._found = found
                self._came()

        def failed(error: BaseException) -> None:
            if self._asked == wanted:  # the job is gone, or the store is: both are told elsewhere
                is_gone = isinstance(error, NotFoundError)
                self._failed_at = None if is_gone else self._console.clock.monotonic()
                self._asked = ()  # asked for again when it is next told

        self._console.request(lambda desk: _glance(desk, name), came, failed=failed)


def _glance(desk: Desk, name: str) -> Glance:
    try:
        dues = tuple(each.due for each in desk.next_dues(name, _DUES))
    except StoreError:
        raise
    except TocsinError:
        dues = ()  # a moment of the past knows no more than the next one
    try:
        return Glance(dues, desk.state_data(name))
    except TocsinError:
        return Glance(dues, desk.state(name).data)
