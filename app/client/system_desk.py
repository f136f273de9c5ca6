"""The desk on the real system: every question of the console as calls of `engine.control`."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.client.account import AccountApart, ledger
from app.client.forecast import by_job, hour_of, of_all, of_some
from app.client.log_file import FileLog
from app.client.past_rows import past_view
from app.client.records import alert_view, audit_view, moment_view
from app.client.rows import instance_row, session_row, span_row
from app.client.saved_state import SavedStates
from app.client.views import (
    AlertView,
    Answer,
    AuditView,
    DueView,
    ErrorView,
    Forecast,
    LedgerView,
    MomentView,
    PastView,
    RanView,
    StateView,
)
from app.presentation.instants import full_time, zone_named
from app.presentation.secrets import masked
from app.store.log_source import LogSource
from app.store.model import InstanceRow, SessionRow
from engine.clock import HOUR, Instant
from engine.control import Actor, Outcome, System
from engine.control.job_view import JobView
from engine.domain.schedule import Schedule
from engine.errors import JobError

_ONE_BY_ONE = 50  # jobs that are read by their names; more with all the others, in one query
_MOST_RAN = 20_000  # instances of a stretch of time: as many as the console keeps


class SystemDesk:
    """Answers through the system API, in the thread that calls."""

    def __init__(
        self,
        system: System,
        actor: Actor,
        apart: AccountApart | None = None,
        states: SavedStates | None = None,
    ) -> None:
        self._system = system
        self._actor = actor
        self._apart = apart  # counts the due instants of a large store
        self._states = SavedStates() if states is None else states  # that other desks read

    # -- jobs ------------------------------------------------------------------------------------

    def run(self, name: str, options: Mapping[str, Any] | None, *, force: bool) -> int:
        """Start the job now and return the instance id."""
        return self._system.jobs.run(name, self._actor, options=options, force=force)

    def enable(self, names: Sequence[str]) -> list[Answer]:
        """Turn the operators' switch on."""
        return _answers(self._system.jobs.set_enabled(names, True, self._actor))

    def disable(self, names: Sequence[str]) -> list[Answer]:
        """Turn the operators' switch off."""
        return _answers(self._system.jobs.set_enabled(names, False, self._actor))

    def activate(self, names: Sequence[str]) -> list[Answer]:
        """Let the schedule run the jobs."""
        return _answers(self._system.jobs.set_active(names, True, self._actor))

    def deactivate(self, names: Sequence[str]) -> list[Answer]:
        """Keep the schedule from running the jobs."""
        return _answers(self._system.jobs.set_active(names, False, self._actor))

    def reset(self, names: Sequence[str]) -> list[Answer]:
        """Schedule the jobs anew."""
        return _answers(self._system.jobs.reset(names, self._actor))

    def set_schedule(self, name: str, schedule: Schedule) -> None:
        """Change the schedule."""
        self._system.jobs.set_schedule(name, schedule, self._actor)

    def set_expiry(self, name: str, expiry: Instant | None) -> None:
        """Change the expiry date."""
        self._system.jobs.set_expiry(name, expiry, self._actor)

    def set_trigger(self, name: str, at: Instant | None) -> None:
        """Run once earlier."""
        self._system.jobs.set_trigger(name, at, self._actor)

    def definition(self, name: str) -> str:
        """Return the definition as it would be written to a file, secrets masked."""
        return self._system.definitions.export(name, shown=masked)

    def why(self, name: str, at: Instant | None) -> list[str]:
        """Return why the job ran or did not at an instant; None: why it will or will not."""
        return list(self._system.why.explain(name, at).lines)

    def next_dues(self, name: str, count: int) -> list[DueView]:
        """Return the next due instants."""
        runs = self._system.jobs.next_runs(name, count)
        zone = zone_named(runs.job.schedule.timezone)
        touched = {due: change.effect for change in runs.clock_changes for due in change.due}
        return [DueView(due, full_time(due, zone), touched.get(due, "")) for due in runs.due]

    # -- groups ----------------------------------------------------------------------------------

    def enable_groups(self, names: Sequence[str]) -> list[Answer]:
        """Let the jobs of the groups run."""
        return _answers(self._system.groups.set_enabled(names, True, self._actor))

    def disable_groups(self, names: Sequence[str]) -> list[Answer]:
        """Keep the jobs of the groups from running."""
        return _answers(self._system.groups.set_enabled(names, False, self._actor))

    def create_group(self, name: str, description: str) -> None:
        """Create a group."""
        self._system.groups.create(name, self._actor, description=description)

    def delete_groups(self, names: Sequence[str]) -> list[Answer]:
        """Delete groups; their jobs stay."""
        return _answers(self._system.groups.delete(names, self._actor))

    def add_to_group(self, group: str, names: Sequence[str]) -> list[Answer]:
        """Put jobs into a group."""
        return _answers(self._system.groups.add(group, names, self._actor))

    def remove_from_group(self, group: str, names: Sequence[str]) -> list[Answer]:
        """Take jobs out of a group."""
        return _answers(self._system.groups.remove(group, names, self._actor))

    # -- instances -------------------------------------------------------------------------------

    def instances(self, job: str | None, *, before_id: int | None, limit: int) -> list[InstanceRow]:
        """Return instances, newest first."""
        views = self._system.instances.query(job=job, before_id=before_id, limit=limit)
        return [instance_row(view) for view in views]

    def ran_between(self, since: Instant, until: Instant, jobids: Sequence[int] | None) -> RanView:
        """Return what ran in a stretch of time, wherever it began."""
        ran = self._system.instances.ran_between(since, until, jobids=jobids, limit=_MOST_RAN)
        return RanView(tuple(span_row(each) for each in ran.views), ran.since)

    def instance(self, job_instanceid: int) -> InstanceRow:
        """Return one instance with the first line of its first error."""
        detail = self._system.instances.info(job_instanceid)
        first = detail.errors[0] if detail.errors else None
        error = "" if first is None else f"{first.error}: {first.description}"
        return instance_row(detail.view, error.split("\n", 1)[0])

    def errors(self, job_instanceid: int) -> list[ErrorView]:
        """Return the errors of an instance."""
        return [
            ErrorView(str(each.severity), each.error, each.description, each.created, each.info)
            for each in self._system.instances.errors(job_instanceid)
        ]

    def cancel(self, job_instanceid: int) -> None:
        """Ask a running instance to stop."""
        _must(self._system.instances.cancel([job_instanceid], self._actor))

    def kill(self, job_instanceid: int) -> None:
        """Kill a running instance."""
        _must(self._system.instances.kill([job_instanceid], self._actor))

    # -- state data ------------------------------------------------------------------------------

    def state(self, name: str) -> StateView:
        """Return the state data and their saves."""
        return self._states.of(self._system, name)

    def state_data(self, name: str) -> Mapping[str, Any] | None:
        """Return the state data alone; None: there are none."""
        found = self._system.state.get(name)
        return None if found is None else found.data

    def set_state(self, name: str, data: Mapping[str, Any]) -> None:
        """Save state data."""
        self._system.state.set(name, data, self._actor)

    def clear_state(self, name: str) -> None:
        """Clear the state data."""
        _must(self._system.state.clear([name], self._actor))

    # -- the engine and its records --------------------------------------------------------------

    def pause(self) -> None:
        """Let the engine start nothing new."""
        self._system.engine.pause(self._actor)

    def resume(self) -> None:
        """Let the engine start jobs again."""
        self._system.engine.resume(self._actor)

    def drain(self) -> None:
        """Let the engine start nothing new and end what runs."""
        self._system.engine.drain(self._actor)

    def stop(self) -> None:
        """Stop the engine."""
        self._system.engine.stop(self._actor)

    def sessions(self) -> list[SessionRow]:
        """Return the sessions, newest first."""
        views = self._system.sessions.all(limit=50)
        return [session_row(view.session, view.lost_at, is_alive=view.is_alive) for view in views]

    def alerts(self) -> list[AlertView]:
        """Return the alerts that stand."""
        return [alert_view(view) for view in self._system.alerts.current()]

    def audit(
        self, object_name: str | None, limit: int, until: Instant | None = None
    ) -> list[AuditView]:
        """Return recorded changes, newest first."""
        views = self._system.audit.query(object_name=object_name, until=until, limit=limit)
        return [audit_view(view) for view in views]

    def ledger(
        self, name: str | None, since: Instant | None, until: Instant | None = None
    ) -> LedgerView:
        """Return the account of due instants: of the last day unless `since` says otherwise."""
        if name is None and self._apart is not None and self._apart.is_wanted:
            return self._apart.ledger(since, until)
        return ledger(self._system, since, name, until)

    def moment(self, at: Instant) -> MomentView:
        """Return what is recorded of an instant of the past."""
        return moment_view(self._system.moment(at))

    def past(self, at: Instant) -> PastView:
        """Return everything as it stood at an instant of the past."""
        return past_view(self._system.past(at))

    def forecast(self, hours: int, names: Sequence[str] | None, hour: Instant = 0) -> Forecast:
        """Return the starts to come."""
        now = self._system.now()
        if names is not None:
            return of_some(self._views(names), now, hours, hour)
        until = hour_of(now, hour) + hours * HOUR
        report = self._system.forecast.window(now, until, hour)
        return of_all(report, self._system.jobs.all(), now, hour)

    def starts_by_job(
        self, since: Instant, until: Instant, names: Sequence[str] | None
    ) -> Sequence[tuple[str, int]]:
        """Return how often each job is due in a window to come."""
        return by_job(self._views(names), max(since, self._system.now() + 1), until)

    def _views(self, names: Sequence[str] | None) -> Sequence[JobView]:
        """Return the jobs of these names, all of them for None: many are read at once."""
        jobs = self._system.jobs
        if names is not None and len(names) <= _ONE_BY_ONE:
            return [jobs.get(name) for name in names]
        views, wanted = jobs.all(), None if names is None else set(names)
        return [view for view in views if wanted is None or view.name in wanted]

    # -- logs ------------------------------------------------------------------------------------

    def job_log(self, name: str) -> LogSource:
        """Return a job's log."""
        return FileLog(name, self._system.logs.job_path(name))

    def instance_log(self, job_instanceid: int) -> LogSource:
        """Return the part of a job's log that an instance wrote."""
        log = self._system.logs.instance(job_instanceid)
        return FileLog(
            f"{log.name} #{job_instanceid}",
            log.path,
            begins_at=log.start,
            ends_at=log.end,
            needle=f"JI {job_instanceid}:".encode(),
        )

    def engine_log(self) -> LogSource:
        """Return the engine's log."""
        return FileLog("engine", self._system.logs.engine_path())


def _answers(outcomes: Sequence[Outcome]) -> list[Answer]:
    return [Answer(each.name, each.ok, each.message) for each in outcomes]


def _must(outcomes: Sequence[Outcome]) -> None:
    """Raise the refusal of a batch of one."""
    for each in outcomes:
        if not each.ok:
            raise JobError(each.message)
