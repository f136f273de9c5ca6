"""From what stood at a moment of the past to the rows that the console works on."""

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from app.client.records import alert_view
from app.client.rows import group_row, instance_row, job_row, session_row
from app.client.views import PastView
from app.store.events import Event, SnapshotBegun, SnapshotDone
from app.store.model import EngineHealth, InstanceRow, JobRow, SessionRow

if TYPE_CHECKING:  # the services are loaded when they are first asked
    from engine.control.past import Past, PastJob

UNKNOWN = "?"
NOT_KEPT = "not kept"
_TEXTS = {
    "schedule": UNKNOWN,
    "timezone": UNKNOWN,
    "version": UNKNOWN,
    "description": NOT_KEPT,
    "tags": {NOT_KEPT: UNKNOWN},
}


def past_view(past: "Past") -> PastView:
    """Return everything that stood at that moment, as rows."""
    sessions = tuple(session_row(each) for each in past.sessions)
    alerts = tuple(alert_view(each) for each in past.alerts)
    rows: list[Event] = [
        SnapshotBegun(len(past.jobs)),
        _health(past, sessions),
        *(
            replace(group_row(each), is_counted=each.name not in past.uncounted)
            for each in past.groups
        ),
        *(_job(each) for each in past.jobs),
        *(_instance(instance_row(each), past.at) for each in past.instances),
        SnapshotDone(),
    ]
    return PastView(past.at, tuple(rows), sessions, alerts, tuple(past.deleted), past.pruned)


def _job(past: "PastJob") -> JobRow:
    row = job_row(past.view)
    if not past.not_kept:
        return row
    told: dict[str, Any] = {name: text for name, text in _TEXTS.items() if name in past.not_kept}
    if "schedule" in past.not_kept:
        row = replace(row, next_at=row.trigger_at)
    if "groups" in past.not_kept:
        told["groups"] = (*row.groups, UNKNOWN)
    return replace(row, not_kept=past.not_kept, **told)


def _instance(row: InstanceRow, at: int) -> InstanceRow:
    return row.as_of(at)


def _health(past: "Past", sessions: tuple[SessionRow, ...]) -> EngineHealth:
    return EngineHealth(
        link="attached" if sessions else "none",
        seen_at=past.at,
        alive_at=past.at if sessions else 0,
        session=sessions[0] if sessions else None,
        sessions=sessions,
        alerts=len(past.alerts),
    )
