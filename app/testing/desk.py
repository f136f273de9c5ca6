"""The scripted engine's answers. Each order is recorded in `engine.asked`, in the words here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.client.views import (
    AlertView,
    AuditView,
    ErrorView,
    Forecast,
    HoldView,
    LedgerView,
    MomentView,
    PastView,
    RanView,
    SavedState,
    StateView,
)
from app.store.model import InstanceRow, SessionRow
from app.testing.job_desk import ScriptedJobDesk
from app.testing.past import past_of
from engine.clock import HOUR, Instant
from engine.errors import NotFoundError


class BytesLog:
    """A log in memory."""

    def __init__(self, title: str, read: Callable[[], bytes]) -> None:
        self.title = title
        self.base = 0
        self.begins_at = 0
        self.ends_at: int | None = None
        self.needle = b""
        self.has_lost = False
        self._read = read

    def size(self) -> int:
        """Return the number of bytes."""
        return len(self._read())

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`."""
        return self._read()[offset : offset + size]


class ScriptedDesk(ScriptedJobDesk):
    """Answers from a `ScriptedStage`: all that the console asks."""

    # -- instances -------------------------------------------------------------------------------

    def instances(self, job: str | None, *, before_id: int | None, limit: int) -> list[InstanceRow]:
        """Return instances, newest first."""
        rows = [
            row
            for row in sorted(self._engine.instances.values(), key=_by_id, reverse=True)
            if job in {None, row.name} and (before_id is None or row.job_instanceid < before_id)
        ]
        return rows[:limit]

    def ran_between(self, since: Instant, until: Instant, jobids: Sequence[int] | None) -> RanView:
        """Return what ran in a stretch of time, the last `most_ran` of what began in it."""
        most = self._engine.most_ran
        rows = [
            row
            for row in sorted(
                self._engine.instances.values(), key=lambda row: row.started, reverse=True
            )
            if row.started < until
            and (row.completed is None or row.completed > since)
            and (jobids is None or row.jobid in jobids)
        ]
        begun = [row for row in rows if row.started >= since]
        kept = begun[:most]
        whole = begun[most].started + 1 if len(begun) > most else since
        reach_in = [row for row in rows if row.started < since]
        return RanView((*kept, *reach_in), whole)

    def instance(self, job_instanceid: int) -> InstanceRow:
        """Return one instance."""
        return self._engine.instances[job_instanceid]

    def errors(self, job_instanceid: int) -> list[ErrorView]:
        """Return the errors of an instance."""
        return self._engine.errors.get(job_instanceid, [])

    def cancel(self, job_instanceid: int) -> None:
        """Take the order."""
        self._engine.order(f"cancel {job_instanceid}")

    def kill(self, job_instanceid: int) -> None:
        """Take the order."""
        self._engine.order(f"kill {job_instanceid}")

    # -- state data ------------------------------------------------------------------------------

    def state(self, name: str) -> StateView:
        """Return the state data and their saves."""
        saves = self._engine.states.get(name, [])
        if not saves:
            return StateView(name, None)
        last = saves[-1]
        history = tuple(reversed(saves))
        return StateView(name, last.data, last.saved_at, last.job_instanceid, history)

    def state_data(self, name: str) -> Mapping[str, Any] | None:
        """Return the state data alone."""
        return self.state(name).data

    def set_state(self, name: str, data: Mapping[str, Any]) -> None:
        """Save state data."""
        self._engine.order(f"set state {name}")
        save = SavedState(self._engine.clock.now(), data, who="ops")
        self._engine.states.setdefault(name, []).append(save)

    def clear_state(self, name: str) -> None:
        """Clear state data."""
        self._engine.order(f"clear state {name}")
        save = SavedState(self._engine.clock.now(), None, who="ops")
        self._engine.states.setdefault(name, []).append(save)

    # -- the engine and its records --------------------------------------------------------------

    def pause(self) -> None:
        """Pause."""
        self._mode("pause", "paused")

    def resume(self) -> None:
        """Resume."""
        self._mode("resume", "running")

    def drain(self) -> None:
        """Drain."""
        self._mode("drain", "draining")

    def stop(self) -> None:
        """Stop."""
        self._mode("stop", "stopping")

    def _mode(self, verb: str, mode: str) -> None:
        self._engine.order(verb)
        self._engine.mode = mode
        self._engine.emit(self._engine.health())

    def sessions(self) -> list[SessionRow]:
        """Return the sessions."""
        return list(self._engine.health().sessions)

    def alerts(self) -> list[AlertView]:
        """Return what a test raised."""
        return list(self._engine.alerts)

    def audit(
        self, object_name: str | None, limit: int, until: Instant | None = None
    ) -> list[AuditView]:
        """Return the orders as audit events."""
        del until
        now = self._engine.clock.now()
        events = [
            AuditView(now, asked.split()[0].upper(), "job", asked.split()[-1], "ops", "console")
            for asked in reversed(self._engine.asked)
        ]
        return [event for event in events if object_name in {None, event.object_name}][:limit]

    def ledger(
        self, name: str | None, since: Instant | None, until: Instant | None = None
    ) -> LedgerView:
        """Return an account that adds up."""
        del name
        now = until or self._engine.clock.now()
        count = sum(row.due_at is not None for row in self._engine.instances.values())
        waits = self._engine.pending
        return LedgerView(
            since or now - 24 * HOUR, now, count + waits, count, 0, 0, 0, 0, 0, pending=waits
        )

    def moment(self, at: Instant) -> MomentView:
        """Return what ran then; of the rest the account that `ledger` gives."""
        rows = sorted(self._engine.instances.values(), key=lambda row: -row.job_instanceid)
        then = [row for row in rows if row.started <= at < (row.completed or at + 1)]
        held = [
            HoldView(job.name, "job disabled", at - HOUR, None, "ops")
            for job in (self._engine.row(name) for name in self._engine.jobs)
            if not job.enabled
        ]
        sessions = tuple(self.sessions())
        return MomentView(at, sessions, tuple(then), self.ledger(None, at), (), tuple(held), (), ())

    def past(self, at: Instant) -> PastView:
        """Return everything as it stood, but for the switches."""
        return past_of(self._engine, at)

    def forecast(self, hours: int, names: Sequence[str] | None, hour: Instant = 0) -> Forecast:
        """Return one start of each job per hour."""
        now = self._engine.clock.now()
        jobs = [name for name in self._engine.jobs if names is None or name in names]
        coming = sorted((self._engine.nexts[name], name) for name in jobs)
        return Forecast(now - (now - hour) % HOUR, (len(jobs),) * hours, tuple(coming))

    def starts_by_job(
        self, since: Instant, until: Instant, names: Sequence[str] | None
    ) -> Sequence[tuple[str, int]]:
        """Return one start of each job."""
        del since, until
        return tuple((name, 1) for name in sorted(self._engine.jobs) if not names or name in names)

    # -- logs ------------------------------------------------------------------------------------

    def job_log(self, name: str) -> BytesLog:
        """Return the log of a job."""
        return self._log(name)

    def instance_log(self, job_instanceid: int) -> BytesLog:
        """Return the log of the instance's job."""
        row = self._engine.instances.get(job_instanceid)
        if row is None:
            raise NotFoundError("instance", str(job_instanceid), numbered=True)
        log = self._log(row.name)
        log.needle = f"JI {job_instanceid}:".encode()
        return log

    def engine_log(self) -> BytesLog:
        """Return the engine's log."""
        return self._log("engine")

    def _log(self, name: str) -> BytesLog:
        return BytesLog(name, lambda: self._engine.logs.get(name, b""))


def _by_id(row: InstanceRow) -> int:
    return row.job_instanceid
