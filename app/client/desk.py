"""The questions and orders that operators have, one method each, answered in the caller's thread.

The client calls these away from the screen. A method that changes something raises a `TocsinError`
with the engine's own reason when it is refused; calls on many jobs answer for each of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

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
from app.store.log_source import LogSource
from app.store.model import InstanceRow, SessionRow
from engine.clock import Instant
from engine.domain.schedule import Schedule


class JobDesk(Protocol):
    """What can be asked of jobs."""

    def run(self, name: str, options: Mapping[str, Any] | None, *, force: bool) -> int:
        """Start the job now and return the instance id; `force` runs beside a running one."""
        ...

    def enable(self, names: Sequence[str]) -> list[Answer]:
        """Turn the operators' switch on."""
        ...

    def disable(self, names: Sequence[str]) -> list[Answer]:
        """Turn the operators' switch off."""
        ...

    def activate(self, names: Sequence[str]) -> list[Answer]:
        """Let the schedule run the jobs."""
        ...

    def deactivate(self, names: Sequence[str]) -> list[Answer]:
        """Keep the schedule from running the jobs."""
        ...

    def reset(self, names: Sequence[str]) -> list[Answer]:
        """Schedule the jobs anew, as after a change."""
        ...

    def set_schedule(self, name: str, schedule: Schedule) -> None:
        """Change the schedule; it then counts as overridden."""
        ...

    def set_expiry(self, name: str, expiry: Instant | None) -> None:
        """Change the expiry date; None: never."""
        ...

    def set_trigger(self, name: str, at: Instant | None) -> None:
        """Run once earlier, at `at`; None takes the trigger away."""
        ...

    def definition(self, name: str) -> str:
        """Return the definition as it would be written to a file, secrets masked."""
        ...

    def why(self, name: str, at: Instant | None) -> list[str]:
        """Return why the job runs or does not, now or at `at`, one reason a line."""
        ...

    def next_dues(self, name: str, count: int) -> list[DueView]:
        """Return the next due instants."""
        ...


class GroupDesk(Protocol):
    """What can be asked of groups."""

    def enable_groups(self, names: Sequence[str]) -> list[Answer]:
        """Let the jobs of the groups run."""
        ...

    def disable_groups(self, names: Sequence[str]) -> list[Answer]:
        """Keep the jobs of the groups from running."""
        ...

    def create_group(self, name: str, description: str) -> None:
        """Create a group."""
        ...

    def delete_groups(self, names: Sequence[str]) -> list[Answer]:
        """Delete groups; their jobs stay."""
        ...

    def add_to_group(self, group: str, names: Sequence[str]) -> list[Answer]:
        """Put jobs into a group."""
        ...

    def remove_from_group(self, group: str, names: Sequence[str]) -> list[Answer]:
        """Take jobs out of a group."""
        ...


class InstanceDesk(Protocol):
    """What can be asked of instances."""

    def instances(self, job: str | None, *, before_id: int | None, limit: int) -> list[InstanceRow]:
        """Return instances, newest first, older than `before_id`."""
        ...

    def ran_between(self, since: Instant, until: Instant, jobids: Sequence[int] | None) -> RanView:
        """Return what ran in `since <= at < until`, wherever it began: of some jobs, or of all."""
        ...

    def instance(self, job_instanceid: int) -> InstanceRow:
        """Return one instance."""
        ...

    def errors(self, job_instanceid: int) -> list[ErrorView]:
        """Return the errors of an instance, oldest first."""
        ...

    def cancel(self, job_instanceid: int) -> None:
        """Ask a running instance to stop."""
        ...

    def kill(self, job_instanceid: int) -> None:
        """Kill a running instance."""
        ...


class EngineDesk(Protocol):
    """What can be asked of the engine and of its records."""

    def pause(self) -> None:
        """Let the engine start nothing new."""
        ...

    def resume(self) -> None:
        """Let the engine start jobs again."""
        ...

    def drain(self) -> None:
        """Let the engine start nothing new and end what runs."""
        ...

    def stop(self) -> None:
        """Stop the engine."""
        ...

    def sessions(self) -> list[SessionRow]:
        """Return the sessions, newest first."""
        ...

    def alerts(self) -> list[AlertView]:
        """Return the alerts that stand."""
        ...

    def audit(
        self, object_name: str | None, limit: int, until: Instant | None = None
    ) -> list[AuditView]:
        """Return recorded changes, newest first; those before `until`."""
        ...

    def ledger(
        self, name: str | None, since: Instant | None, until: Instant | None = None
    ) -> LedgerView:
        """Return the account of due instants, of one job or of all, up to `until` or now."""
        ...

    def moment(self, at: Instant) -> MomentView:
        """Return what is recorded of an instant of the past."""
        ...

    def past(self, at: Instant) -> PastView:
        """Return everything as it stood at an instant of the past."""
        ...

    def forecast(self, hours: int, names: Sequence[str] | None, hour: Instant = 0) -> Forecast:
        """Return the starts to come in `hours`, that of now the first; one begins at `hour`."""
        ...

    def starts_by_job(
        self, since: Instant, until: Instant, names: Sequence[str] | None
    ) -> Sequence[tuple[str, int]]:
        """Return how often each job is due from `since` on and before `until`, busiest first."""
        ...


class Desk(JobDesk, GroupDesk, InstanceDesk, EngineDesk, Protocol):
    """Everything."""

    def state(self, name: str) -> StateView:
        """Return the state data and their saves."""
        ...

    def state_data(self, name: str) -> Mapping[str, Any] | None:
        """Return the state data alone; None: there are none."""
        ...

    def set_state(self, name: str, data: Mapping[str, Any]) -> None:
        """Save state data."""
        ...

    def clear_state(self, name: str) -> None:
        """Clear the state data."""
        ...

    def job_log(self, name: str) -> LogSource:
        """Return a job's log."""
        ...

    def instance_log(self, job_instanceid: int) -> LogSource:
        """Return the part of a job's log that an instance wrote."""
        ...

    def engine_log(self) -> LogSource:
        """Return the engine's log."""
        ...
