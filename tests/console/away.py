"""A store that is out of reach for who wants to open a log or to read more than the rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

from app.client.desk import Desk
from app.client.views import AlertView, Forecast, LedgerView, RanView, StateView
from app.store.log_source import LogSource
from app.store.model import SessionRow
from app.testing.engine import ScriptedEngine
from engine.clock import Instant
from engine.errors import StoreError

AWAY = "the store is out of reach"


class AwayDesk:
    """A desk that finds no log, and reads nothing but the rows, while the store is away."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.is_away = False
        self.asked = 0  # for any of these

    @classmethod
    def before(cls, engine: ScriptedEngine) -> Self:
        """Put one before the desk of an engine."""
        desk = cls(engine.desk)
        engine.desk = cast("Desk", desk)
        return desk

    def __getattr__(self, name: str) -> object:
        return getattr(self._desk, name)

    def job_log(self, name: str) -> LogSource:
        """Return the log of a job."""
        self._look()
        return self._desk.job_log(name)

    def instance_log(self, job_instanceid: int) -> LogSource:
        """Return the log of an instance."""
        self._look()
        return self._desk.instance_log(job_instanceid)

    def state(self, name: str) -> StateView:
        """Return the state data of a job and their saves."""
        self._look()
        return self._desk.state(name)

    def state_data(self, name: str) -> Mapping[str, Any] | None:
        """Return the state data of a job."""
        self._look()
        return self._desk.state_data(name)

    def ledger(self, name: str | None, since: Instant | None) -> LedgerView:
        """Return the account of due instants."""
        self._look()
        return self._desk.ledger(name, since)

    def alerts(self) -> Sequence[AlertView]:
        """Return what stands."""
        self._look()
        return self._desk.alerts()

    def sessions(self) -> Sequence[SessionRow]:
        """Return the sessions of the store."""
        self._look()
        return self._desk.sessions()

    def forecast(self, hours: int, names: Sequence[str] | None, hour: Instant = 0) -> Forecast:
        """Return the starts to come."""
        self._look()
        return self._desk.forecast(hours, names, hour)

    def starts_by_job(
        self, since: Instant, until: Instant, names: Sequence[str] | None
    ) -> Sequence[tuple[str, int]]:
        """Return how often each job is due."""
        self._look()
        return self._desk.starts_by_job(since, until, names)

    def ran_between(self, since: Instant, until: Instant, jobids: Sequence[int] | None) -> RanView:
        """Return what ran in a stretch of time."""
        self._look()
        return self._desk.ran_between(since, until, jobids)

    def _look(self) -> None:
        self.asked += 1
        if self.is_away:
            raise StoreError(AWAY)
