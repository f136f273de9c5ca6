"""What the desk answers with: immutable, and free of everything that the store is made of."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import force_setattr

from app.store.events import Event
from app.store.model import InstanceRow, SessionRow
from engine.clock import Instant


class Answer(Struct, frozen=True):
    """What became of a call for one object."""

    name: str
    ok: bool
    text: str = ""  # the reason when refused


class ErrorView(Struct, frozen=True):
    """One error of an instance."""

    severity: str
    error: str
    description: str
    created: Instant
    info: str = ""  # YAML or a traceback


class RanView(Struct, frozen=True):
    """What ran in a stretch of time, the newest first: when, and how it ended, no more of each."""

    rows: tuple[InstanceRow, ...]
    since: Instant  # all that began from then on are among them; those before it were too many


class SavedState(Struct, frozen=True):
    """One save of a job's state data; `data` None: they were cleared.

    By an operator `who`, or because the run `job_instanceid` was COMPLETE: then `who` says so.
    """

    saved_at: Instant
    data: Mapping[str, Any] | None
    job_instanceid: int | None = None
    who: str = ""
    octets: int = 0  # that the data take in the store, counted once: they may be large

    def __post_init__(self) -> None:
        """Count them where the save is made, which is away from the screen."""
        force_setattr(self, "octets", _octets(self.data))


class StateView(Struct, frozen=True):
    """The state data of a job and the history of their saves, newest first."""

    name: str
    data: Mapping[str, Any] | None
    saved_at: Instant | None = None
    job_instanceid: int | None = None
    history: tuple[SavedState, ...] = ()
    is_cut: bool = False  # older saves were there, and are not kept
    is_kept: bool = True  # False: of a moment of the past, and nobody kept what was in force
    octets: int = 0  # that the data take in the store

    def __post_init__(self) -> None:
        """Count them where no save of the history did."""
        same = (each.octets for each in self.history if each.data is self.data)
        octets = next(same, None)
        force_setattr(self, "octets", _octets(self.data) if octets is None else octets)


def _octets(data: Mapping[str, Any] | None) -> int:
    from app.presentation.state_tree import stored_size  # few look at state data

    return 0 if data is None else stored_size(data)


class AlertView(Struct, frozen=True):
    """Something that an operator should look at."""

    alert: str
    object_name: str
    reason: str
    raised: Instant
    cleared: Instant | None = None
    job_instanceid: int | None = None


def newest_first(alerts: Iterable[AlertView]) -> list[AlertView]:
    """Return alerts in the order of the times that are shown of them."""
    return sorted(alerts, key=lambda each: (-each.raised, each.alert, each.object_name))


class AuditView(Struct, frozen=True):
    """One recorded change: who, from where, what, before and after."""

    created: Instant
    event: str
    object_type: str
    object_name: str
    who: str
    source: str
    before: Any = None
    after: Any = None
    reason: str = ""


class LedgerView(Struct, frozen=True):
    """The account of all due instants since some time; `lines` tell what did not just run."""

    since: Instant
    until: Instant
    due: int
    ran: int
    late: int
    coalesced: int
    skipped: int
    missed: int
    unexplained: int
    lines: tuple[str, ...] = ()
    pruned_until: Instant | None = None  # records before it are gone, of one job at least
    pending: int = 0  # due, and waiting for their turn: behind a run, or for the engine's next step
    unknown: int = 0  # stretches of time of which nobody can tell what was due

    @property
    def unexplained_text(self) -> str:
        """How many instants nothing explains; "?" says that not all that was due is known."""
        return f"{self.unexplained:,}{'?' if self.unknown else ''}"

    @property
    def unexplained_role(self) -> str:
        """The role of that text."""
        return "error" if self.unexplained else "warning" if self.unknown else "success"


class HoldView(Struct, frozen=True):
    """A switch that kept a job from running; `name` "": all jobs of an engine."""

    name: str
    reason: str
    since: Instant
    until: Instant | None = None  # None: it still does
    who: str = ""


class MomentView(Struct, frozen=True):
    """What is recorded of one instant of the past."""

    at: Instant
    sessions: tuple[SessionRow, ...]  # that lived then
    running: tuple[InstanceRow, ...]
    ledger: LedgerView  # of the due instants from a minute before to a minute after
    not_run: tuple[str, ...]  # those among them that nothing ran for, in words
    holds: tuple[HoldView, ...]
    changes: tuple[AuditView, ...]  # of the hour before, newest first
    alerts: tuple[AlertView, ...]
    pruned: int = 0  # jobs of which records of that time are gone


class PastView(Struct, frozen=True):
    """Everything as it stood at an instant of the past."""

    at: Instant
    rows: tuple[Event, ...]  # what a console that had been there would know
    sessions: tuple[SessionRow, ...] = ()  # that lived
    alerts: tuple[AlertView, ...] = ()  # that stood
    deleted: tuple[str, ...] = ()  # jobs that were there, and of which nothing is kept
    pruned: int = 0  # jobs of which records of that time are gone


class DueView(Struct, frozen=True):
    """One due instant of the future."""

    due: Instant
    local: str
    note: str = ""  # what a clock change does to it


class Forecast(Struct, frozen=True):
    """Starts to come, counted by the engine: `hours[i]` are those of the i-th hour from `since`."""

    since: Instant
    hours: tuple[int, ...]
    coming: tuple[tuple[Instant, str], ...] = ()  # the first of them, in order
    notes: tuple[str, ...] = ()  # where it piles up, in words
