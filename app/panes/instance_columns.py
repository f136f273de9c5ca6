"""The columns of the tables of instances."""

from collections.abc import Callable, Sequence

from app.panes.viewpoint import Viewpoint
from app.presentation.instants import duration, long_duration, midnight_after, when
from app.presentation.pieces import Piece
from app.presentation.status import LOOKS, sign_of
from app.presentation.strips import elapsed_bar
from app.sanitize import SafeText, safe
from app.store.conditions import of_status
from app.store.model import InstanceRow
from app.store.view import Order, folded
from app.widgets.columns import Cell, Column
from app.widgets.paint import own
from engine.clock import SECOND, Instant
from engine.domain.instance import Cause

_BAR = 9

# What runs, first, then what has run; the newest first in both, as their names have it.
LIVE_FIRST: Order[InstanceRow] = Order("live", lambda row: not row.is_live, changes_often=False)


def instance_columns(
    view: Viewpoint, p95_of: Callable[[InstanceRow], float | None]
) -> Sequence[Column[InstanceRow]]:
    """Return the columns; `p95_of` tells how long a job usually takes at most, in seconds."""

    def status(row: InstanceRow) -> Cell:
        condition = of_status(row.status)
        look = LOOKS[condition]
        sign = sign_of(condition, view.symbols.name)
        word = "RUNNING" if row.is_live else str(row.status)
        return (Piece(SafeText(f"{sign} {word}"), look.role),)

    def started(row: InstanceRow) -> Cell:
        return (Piece(when(row.started, view.now, view.zone)),)

    def took(row: InstanceRow) -> Cell:
        if not row.is_live:
            return (Piece(duration(row.seconds)),)
        elapsed = max(0, view.now - row.started) / SECOND
        return (Piece(long_duration(elapsed), "running"),)

    def progress(row: InstanceRow) -> Cell:
        if not row.is_live:
            return (own(""),)
        if row.progress is not None:
            return (own(f"{row.progress:4.0%} "), Piece(safe(row.progress_text), "muted"))
        elapsed = max(0, view.now - row.started) / SECOND
        return (elapsed_bar(elapsed, p95_of(row), _BAR, view.symbols),)

    def moves(row: InstanceRow) -> Instant | None:
        return view.now + SECOND if row.is_live else None

    def tomorrow(_row: InstanceRow) -> Instant:
        return midnight_after(view.now, view.zone)

    return [
        Column("id", "INSTANCE", 9, 0, _number, lambda row: row.job_instanceid),
        Column("job", "JOB", 16, 0, _job, lambda row: folded(row.name), widest=32),
        Column("status", "STATUS", 13, 1, status, lambda row: str(row.status)),
        Column(
            "started",
            "STARTED",
            12,
            3,
            started,
            lambda row: row.started,
            until=tomorrow,
        ),
        Column(
            "took", "TOOK", 8, 2, took, lambda row: row.seconds, changes_often=True, until=moves
        ),
        Column("cause", "CAUSE", 9, 5, _cause, lambda row: str(row.cause), widest=18),
        Column("progress", "PROGRESS", _BAR, 6, progress, widest=24, until=moves),
        Column("error", "ERROR", 12, 4, _error, lambda row: row.error or row.detail, widest=44),
    ]


def _number(row: InstanceRow) -> Cell:
    return (own(f"#{row.job_instanceid}"),)


def _job(row: InstanceRow) -> Cell:
    return (Piece(safe(row.name)),)


_CAUSES = {
    Cause.SCHEDULE: "schedule",
    Cause.SKIPPED: "catch-up",
    Cause.MANUAL: "manual",
    Cause.TRIGGER: "trigger",
}


def _cause(row: InstanceRow) -> Cell:
    words = _CAUSES[row.cause]
    if row.who:
        return (own(words + " "), Piece(safe(row.who), "muted"))
    is_late = row.late and row.cause is Cause.SCHEDULE
    return (own("late" if is_late else words),)


def _error(row: InstanceRow) -> Cell:
    text = row.error or (row.detail if row.has_failed else "")
    return (Piece(safe(text.split("\n", 1)[0][:400]), "error" if row.has_failed else "muted"),)
