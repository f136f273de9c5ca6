"""The system API on one store: every service, wired."""

from dataclasses import dataclass
from pathlib import Path

from engine.clock import Clock, Instant, SystemClock
from engine.config import Settings
from engine.control.alerts import Alerts
from engine.control.asking import Asker
from engine.control.audit import Audit
from engine.control.context import Context
from engine.control.definitions import Definitions
from engine.control.engine import EngineControl
from engine.control.groups import Groups
from engine.control.instances import Instances
from engine.control.jobs import Jobs
from engine.control.living import Living
from engine.control.overview import Overview, read_overview
from engine.control.sessions import Sessions
from engine.control.state import State
from engine.errors import StoreError
from engine.persistence.database import Database


@dataclass(frozen=True, slots=True)
class System:
    """What operators may ask, one service each. Safe to share between threads; close it."""

    settings: Settings
    context: Context
    jobs: Jobs
    groups: Groups
    instances: Instances
    state: State
    sessions: Sessions
    alerts: Alerts
    audit: Audit
    definitions: Definitions
    engine: EngineControl
    living: Living

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

    def overview(self, since: Instant) -> Overview:
        """Return what was started since `since`, and what comes next."""
        return read_overview(self.context, self.living, self.jobs, since)

    def seen_change(self) -> int:
        """Return a number that moves when anybody else wrote to the store; cheap."""
        return self.context.database.seen_change()

    def close(self) -> None:
        """Close the store."""
        self.context.database.close()


def _make_home(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The home {home} cannot be made: {error.strerror}. Name another with --home DIR."
        ) from error


def open_system(settings: Settings, *, create: bool = True, clock: Clock | None = None) -> System:
    """Open the system API on the store that `settings` name.

    Args:
        settings: where the store is.
        create: make the store and its folder where there is none, and bring an older one up to
            date; False refuses instead.
        clock: for tests; None: the machine's.

    Raises:
        StoreError: the store is not there, newer, foreign, or out of reach.
    """
    if create:
        _make_home(settings.home)
    database = Database.open(settings.database_url, migrate=create)
    context = Context(settings, database, clock or SystemClock())
    living = Living(context)
    asker = Asker(context, living)
    return System(
        settings=settings,
        context=context,
        jobs=Jobs(context, asker),
        groups=Groups(context),
        instances=Instances(context, asker),
        state=State(context),
        sessions=Sessions(context, living),
        alerts=Alerts(context),
        audit=Audit(context),
        definitions=Definitions(context),
        engine=EngineControl(context, living, asker),
        living=living,
    )
