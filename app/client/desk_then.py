"""The desk of a moment of the past: it tells what was known by then, and takes no orders.

What it does not answer is refused, so that a question that nobody thought of is never answered with
what is true now.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

from app.client.desk import Desk
from app.client.views import (
    AlertView,
    AuditView,
    ErrorView,
    Forecast,
    LedgerView,
    MomentView,
    PastView,
    RanView,
    StateView,
)
from app.store.log_source import LogSource
from app.store.log_stretch import Stretch
from app.store.model import InstanceRow, JobRow, SessionRow
from engine.clock import DAY, HOUR, Instant
from engine.errors import EngineError

NOTHING_HEATS = "of a moment of the past, the Gantt chart tells what ran: t"


def desk_then(desk: Desk, past: PastView) -> Desk:
    """Return a desk that answers as of the moment that was read."""
    return cast("Desk", _DeskThen(desk, past))


class _DeskThen:
    def __init__(self, desk: Desk, past: PastView) -> None:
        self._desk = desk
        self._past = past
        self._at = past.at

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def refuse(*arguments: Any, **more: Any) -> Any:
            del arguments, more
            raise EngineError("read only: this is a moment of the past; :live returns")

        return refuse

    # -- jobs ------------------------------------------------------------------------------------

    def why(self, name: str, at: Instant | None) -> list[str]:
        """Return why the job ran or did not at `at`; None: at that moment."""
        if at is not None and at > self._at:
            raise EngineError("that is after the moment that is shown; :live returns to now")
        return self._desk.why(name, self._at if at is None else at)

    def state(self, name: str) -> StateView:
        """Return the state data that were in force, and the saves before them."""
        view = self._desk.state(name)
        saves = tuple(each for each in view.history if each.saved_at <= self._at)
        if not saves:
            return StateView(name, None, is_kept=not view.is_cut)
        last = saves[0]
        if last.data is None:
            return StateView(name, None, history=saves)
        return StateView(name, last.data, last.saved_at, last.job_instanceid, saves)

    # -- instances -------------------------------------------------------------------------------

    def instances(self, job: str | None, *, before_id: int | None, limit: int) -> list[InstanceRow]:
        """Return instances that had begun, as they were."""
        if before_id is None:
            known = [row.job_instanceid for row in self._past.rows if isinstance(row, InstanceRow)]
            before_id = max(known, default=0) + 1
        return self._as_of(self._desk.instances(job, before_id=before_id, limit=limit))

    def ran_between(self, since: Instant, until: Instant, jobids: Sequence[int] | None) -> RanView:
        """Return what had run in a stretch of time, as it was."""
        ran = self._desk.ran_between(since, min(until, self._at + 1), jobids)
        return RanView(tuple(self._as_of(ran.rows)), ran.since)

    def instance(self, job_instanceid: int) -> InstanceRow:
        """Return one instance as it was."""
        return self._desk.instance(job_instanceid).as_of(self._at)

    def errors(self, job_instanceid: int) -> list[ErrorView]:
        """Return the errors of an instance that it had recorded."""
        return [each for each in self._desk.errors(job_instanceid) if each.created <= self._at]

    def _as_of(self, rows: Sequence[InstanceRow]) -> list[InstanceRow]:
        return [row.as_of(self._at) for row in rows if row.started <= self._at]

    # -- the engine and its records --------------------------------------------------------------

    def sessions(self) -> list[SessionRow]:
        """Return the sessions that lived."""
        return list(self._past.sessions)

    def alerts(self) -> list[AlertView]:
        """Return the alerts that stood."""
        return list(self._past.alerts)

    def audit(
        self, object_name: str | None, limit: int, until: Instant | None = None
    ) -> list[AuditView]:
        """Return the changes that were made by then."""
        end = self._at + 1
        return self._desk.audit(object_name, limit, end if until is None else min(until, end))

    def ledger(
        self, name: str | None, since: Instant | None, until: Instant | None = None
    ) -> LedgerView:
        """Return the account up to that moment."""
        begin = self._at - DAY if since is None else since
        end = self._at if until is None else min(until, self._at)
        return self._desk.ledger(name, begin, end)

    def moment(self, at: Instant) -> MomentView:
        """Return what is recorded of an instant."""
        return self._desk.moment(at)

    def past(self, at: Instant) -> PastView:
        """Return another moment."""
        return self._desk.past(at)

    def forecast(self, hours: int, names: Sequence[str] | None, hour: Instant = 0) -> Forecast:
        """Return the next start of each job, as its schedule of then named it."""
        del hours
        rows = (row for row in self._past.rows if isinstance(row, JobRow))
        coming = sorted(
            (row.next_at, row.name)
            for row in rows
            if row.next_at is not None and (names is None or row.name in names)
        )
        return Forecast(self._at - (self._at - hour) % HOUR, (), tuple(coming), (NOTHING_HEATS,))

    def starts_by_job(
        self, since: Instant, until: Instant, names: Sequence[str] | None
    ) -> Sequence[tuple[str, int]]:
        """Return nothing: what came after that moment is not told."""
        del since, until, names
        return ()

    # -- logs ------------------------------------------------------------------------------------

    def job_log(self, name: str) -> LogSource:
        """Return what was in a job's log."""
        return self._until(self._desk.job_log(name))

    def instance_log(self, job_instanceid: int) -> LogSource:
        """Return what was in an instance's log."""
        return self._until(self._desk.instance_log(job_instanceid))

    def engine_log(self) -> LogSource:
        """Return what was in the engine's log."""
        return self._until(self._desk.engine_log())

    def _until(self, source: LogSource) -> LogSource:
        return Stretch(until=self._at + 1).of(source)
