"""What the desk answers with: immutable, and free of everything that the store is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.store.events import Event
from app.store.model import InstanceRow, SessionRow
from engine.clock import Instant


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call for one object."""

    name: str
    ok: bool
    text: str = ""  # the reason when refused


@dataclass(frozen=True, slots=True)
class ErrorView:
    """One error of an instance."""

    severity: str
    error: str
    description: str
    created: Instant
    info: str = ""  # YAML or a traceback


@dataclass(frozen=True, slots=True)
class SavedState:
    """One save of a job's state data; `data` None: they were cleared.

    By an operator `who`, or because the run `job_instanceid` was COMPLETE: then `who` says so.
    """

    saved_at: Instant
    data: Mapping[str, Any] | None
    job_instanceid: int | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class StateView:
    """The state data of a job and the history of their saves, newest first."""

    name: str
    data: Mapping[str, Any] | None
    saved_at: Instant | None = None
    job_instanceid: int | None = None
    history: tuple[SavedState, ...] = ()
    is_cut: bool = False  # older saves were there, and are not kept
    is_kept: bool = True  # False: of a moment of the past, and nobody kept what was in force


@dataclass(frozen=True, slots=True)
class AlertView:
    """Something that an operator should look at."""

    alert: str
    object_name: str
    reason: str
    raised: Instant
    cleared: Instant | None = None
    job_instanceid: int | None = None


@dataclass(frozen=True, slots=True)
class AuditView:
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


@dataclass(frozen=True, slots=True)
class LedgerView:
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


@dataclass(frozen=True, slots=True)
class HoldView:
    """A switch that kept a job from running; `name` "": all jobs of an engine."""

    name: str
    reason: str
    since: Instant
    until: Instant | None = None  # None: it still does
    who: str = ""


@dataclass(frozen=True, slots=True)
class MomentView:
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


@dataclass(frozen=True, slots=True)
class PastView:
    """Everything as it stood at an instant of the past."""

    at: Instant
    rows: tuple[Event, ...]  # what a console that had been there would know
    sessions: tuple[SessionRow, ...] = ()  # that lived
    alerts: tuple[AlertView, ...] = ()  # that stood
    deleted: tuple[str, ...] = ()  # jobs that were there, and of which nothing is kept
    pruned: int = 0  # jobs of which records of that time are gone


@dataclass(frozen=True, slots=True)
class DueView:
    """One due instant of the future."""

    due: Instant
    local: str
    note: str = ""  # what a clock change does to it


@dataclass(frozen=True, slots=True)
class Forecast:
    """Starts to come, counted by the engine: `hours[i]` are those of the i-th hour from `since`."""

    since: Instant
    hours: tuple[int, ...]
    coming: tuple[tuple[Instant, str], ...] = ()  # the first of them, in order
    notes: tuple[str, ...] = ()  # where it piles up, in words
