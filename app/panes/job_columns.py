"""The columns of the jobs table, by the design's priorities."""

from collections.abc import Sequence

from app.cells import cut
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import (
    age,
    age_until,
    ahead,
    ahead_until,
    duration,
    midnight_after,
    when,
)
from app.presentation.pieces import Piece
from app.presentation.status import LOOKS, sign_of
from app.presentation.strips import run_strip
from app.sanitize import SafeText, safe
from app.store.conditions import Condition, is_overdue, last_condition, switch_condition
from app.store.model import JobRow
from app.store.view import folded
from app.widgets.columns import Cell, Column
from app.widgets.paint import own

_STRIP = 12
_BY_HAND = SafeText(" ~")  # no field of cron looks like it
_UNCUT = 1_000  # cells of what is not on the screen: a line of CSV


def job_columns(view: Viewpoint) -> Sequence[Column[JobRow]]:
    """Return the columns, as seen from `view`."""

    def last(row: JobRow) -> Cell:
        if "last" in row.not_kept and not row.running:
            return (own("?", "muted"),)
        condition = last_condition(row)
        since = row.started_at
        text = sign_of(condition, view.symbols.name)
        if since is not None:
            text = SafeText(f"{text} {age(since, view.now)}")
        return (Piece(text, LOOKS[condition].role),)

    def due(row: JobRow) -> Cell:
        switch = switch_condition(row)
        if switch is not None:
            return (Piece(LOOKS[switch].word, "muted"),)
        if row.next_at is None and "schedule" in row.not_kept:
            return (own("?", "muted"),)
        if is_overdue(row, view.now):
            return (Piece(ahead(row.next_at, view.now), LOOKS[Condition.OVERDUE].role),)
        return (Piece(ahead(row.next_at, view.now)),)

    def strip(row: JobRow, width: int) -> Cell:
        runs = run_strip(
            row.runs, row.p95_seconds, width, view.symbols, is_running=bool(row.running)
        )
        return runs or (own(""),)

    return (
        Column("name", "NAME", 18, 0, _name, lambda row: folded(row.name), widest=28),
        Column(
            "group",
            "GROUP",
            8,
            4,
            lambda row: _group(row, _UNCUT),
            lambda row: row.group.lower(),
            sized_cell=_group,
            widest=14,
        ),
        Column("en", "EN", 4, 3, _switch, lambda row: row.switch),
        Column(
            "schedule",
            "SCHEDULE",
            12,
            5,
            lambda row: _schedule(row, _UNCUT),
            lambda row: row.schedule,
            sized_cell=_schedule,
            widest=18,
        ),
        Column(
            "last",
            "LAST",
            9 if view.symbols.name == "ascii" else 7,
            1,
            last,
            _last_value,
            changes_often=True,
            until=lambda row: age_until(row.started_at, view.now),
        ),
        Column(
            "next",
            "NEXT",
            9,
            2,
            due,
            lambda row: row.next_at,
            changes_often=True,
            until=lambda row: ahead_until(row.next_at, view.now),
        ),
        Column("p95", "P95", 5, 8, _p95, lambda row: row.p95_seconds, changes_often=True),
        Column(
            "started",
            "LAST START",
            12,
            9,
            lambda row: (Piece(when(row.started_at, view.now, view.zone)),),
            lambda row: row.started_at,
            changes_often=True,
            until=lambda row: midnight_after(view.now, view.zone) if row.started_at else None,
        ),
        Column(
            "runs",
            "LAST RUNS",
            _STRIP,
            7,
            lambda row: strip(row, _STRIP),
            lambda row: row.fails or None,
            sized_cell=strip,
            widest=24,
            changes_often=True,
        ),
    )


def _name(row: JobRow) -> Cell:
    return (Piece(safe(row.name), "" if row.switch == "on" else "muted"),)


def _group(row: JobRow, width: int) -> Cell:
    """Return one group, cut if need be, and how many more there are, which is never cut."""
    more = sum(name != "DEFAULT" for name in row.groups) - 1
    if more < 1:
        return (Piece(safe(row.group), "muted" if row.group == "DEFAULT" else ""),)
    return _with_sign(row.group, SafeText(f" +{more}"), "muted", width)


def _with_sign(text: str, sign: SafeText, role: str, width: int) -> Cell:
    """Return a text that is cut before the sign behind it is."""
    return (Piece(cut(safe(text), width - len(sign))), Piece(sign, role))


def _switch(row: JobRow) -> Cell:
    switch = row.switch
    return (own(switch, "" if switch == "on" else "warning"),)


def _schedule(row: JobRow, width: int) -> Cell:
    """Return the schedule; where an operator changed it a sign, set apart, says so."""
    if "schedule" not in row.overridden:
        return (Piece(safe(row.schedule)),)
    return _with_sign(row.schedule, _BY_HAND, "warning", width)


def _p95(row: JobRow) -> Cell:
    return (Piece(duration(row.p95_seconds), "muted"),)


_URGENCY = {"CRASH": 0, "ERROR": 1, "COMPLETE": 3}


def _last_value(row: JobRow) -> tuple[int, int]:
    """Sort what needs eyes first: crashes, errors, what runs, what ended well, what never ran."""
    if row.running:
        return 2, -(row.running_since or 0)
    if row.last_status is None:
        return 4, 0
    return _URGENCY.get(str(row.last_status), 3), -(row.last_at or 0)
