"""The system API on one store: every service, made when it is first asked for.

A command pays for the services that it uses: importing all of them takes longer than most of them
take to answer.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.clock import Clock, Instant, SystemClock
from engine.config import Settings
from engine.control.asking import Asker
from engine.control.context import Context
from engine.control.living import Living
from engine.errors import StoreError
from engine.persistence.database import Database

if TYPE_CHECKING:
    from engine.control.alerts import Alerts
    from engine.control.audit import Audit
    from engine.control.definitions import Definitions
    from engine.control.engine import EngineControl
    from engine.control.forecast import Forecast
    from engine.control.groups import Groups
    from engine.control.instances import Instances
    from engine.control.jobs import Jobs
    from engine.control.ledger import Ledger
    from engine.control.logs import Logs
    from engine.control.moment import Moment
    from engine.control.overview import Overview
    from engine.control.past import Past
    from engine.control.sessions import Sessions
    from engine.control.state import State
    from engine.control.upkeep import Upkeep
    from engine.control.why import Why


class System:
    """What operators may ask, one service each. Safe to share between threads; close it."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.living = Living(context)
        self._asker = Asker(context, self.living)

    @cached_property
    def jobs(self) -> "Jobs":
        """Jobs: list, look at, run and change them."""
        from engine.control.jobs import Jobs

        return Jobs(self.context, self._asker)

    @cached_property
    def groups(self) -> "Groups":
        """Groups of jobs and their switches."""
        from engine.control.groups import Groups

        return Groups(self.context)

    @cached_property
    def instances(self) -> "Instances":
        """Recorded executions; cancel or kill one."""
        from engine.control.instances import Instances

        return Instances(self.context, self._asker)

    @cached_property
    def state(self) -> "State":
        """State data of jobs."""
        from engine.control.state import State

        return State(self.context)

    @cached_property
    def sessions(self) -> "Sessions":
        """Every life of every engine."""
        from engine.control.sessions import Sessions

        return Sessions(self.context, self.living)

    @cached_property
    def alerts(self) -> "Alerts":
        """What an operator should know."""
        from engine.control.alerts import Alerts

        return Alerts(self.context)

    @cached_property
    def audit(self) -> "Audit":
        """Who changed what, when and from where."""
        from engine.control.audit import Audit

        return Audit(self.context)

    @cached_property
    def definitions(self) -> "Definitions":
        """Definitions: load files, and write a job back as one."""
        from engine.control.definitions import Definitions

        return Definitions(self.context)

    @cached_property
    def logs(self) -> "Logs":
        """Logs of jobs, of instances and of the engine."""
        from engine.control.logs import Logs

        return Logs(self.context)

    @cached_property
    def ledger(self) -> "Ledger":
        """The account of due instants against verdicts."""
        from engine.control.ledger import Ledger

        return Ledger(self.context, self.living)

    @cached_property
    def upkeep(self) -> "Upkeep":
        """Delete what is old, and copy what is there."""
        from engine.control.upkeep import Upkeep

        return Upkeep(self.context)

    @cached_property
    def engine(self) -> "EngineControl":
        """The engine: who is alive, pause, resume, drain, stop."""
        from engine.control.engine import EngineControl

        return EngineControl(self.context, self.living, self._asker)

    @cached_property
    def forecast(self) -> "Forecast":
        """What will run, how much at once, and where it piles up."""
        from engine.control.forecast import Forecast

        return Forecast(self.context, self.jobs)

    @cached_property
    def why(self) -> "Why":
        """Why a job ran, did not run, or will not run."""
        from engine.control.why import Why

        return Why(self.context, self.living, self.jobs)

    def overview(self, since: Instant) -> "Overview":
        """Return what was started since `since`, and what comes next."""
        from engine.control.overview import read_overview

        return read_overview(self.context, self.living, self.jobs, since)

    def moment(self, at: Instant) -> "Moment":
        """Return what is recorded of an instant of the past.

        Raises:
            UsageError: it is still to come.
        """
        from engine.control.moment import read_moment

        return read_moment(self.context, self.ledger, at)

    def past(self, at: Instant) -> "Past":
        """Return everything as it stood at an instant of the past.

        Raises:
            UsageError: it is still to come.
        """
        from engine.control.past import read_past

        return read_past(self.context, at)

    @property
    def settings(self) -> Settings:
        """Where this system is."""
        return self.context.settings

    @property
    def database(self) -> Database:
        """The store itself, for the parts of the engine."""
        return self.context.database

    @property
    def clock(self) -> Clock:
        """The clock of this system."""
        return self.context.clock

    def now(self) -> Instant:
        """Return the wall clock as an instant."""
        return self.context.clock.now()

    def monotonic(self) -> float:
        """Return seconds on a clock that is never set."""
        return self.context.clock.monotonic()

    def seen_change(self) -> int:
        """Return a number that moves when anybody else wrote to the store; cheap."""
        return self.context.database.seen_change()

    def check_version(self) -> None:
        """Refuse a store that another program has upgraded since it was opened.

        Raises:
            StoreVersionError: it did.
            StoreError: the store is out of reach.
        """
        from engine.persistence.migrate import check

        check(self.context.database)

    def close(self) -> None:
        """Close the store."""
        self.context.database.close()


def open_system(
    settings: Settings,
    *,
    create: bool = True,
    clock: Clock | None = None,
    cache_mebibytes: int = 16,
) -> System:
    """Open the system API on the store that `settings` name.

    Args:
        settings: where the store is.
        create: make the store and its folder where there is none, and bring an older one up to
            date; False refuses instead.
        clock: for tests; None: the machine's.
        cache_mebibytes: how much of a file each connection keeps in memory.

    Raises:
        StoreError: the store is not there, newer, foreign, or out of reach.
    """
    if create:
        _make_home(settings.home)
    database = Database.open(settings.database_url, migrate=create, cache_mebibytes=cache_mebibytes)
    return System(Context(settings, database, clock or SystemClock()))


def _make_home(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The home {home} cannot be made: {error.strerror}. Name another with --home DIR."
        ) from error
