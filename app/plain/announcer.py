"""What changed since we looked last, one line each: runs, switches, alerts, engines."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from msgspec import Struct, field
from msgspec.structs import replace

from app.client.rows import instance_row, session_row
from app.presentation.instants import clock_time
from app.presentation.spoken import instance_sentence
from app.store.model import SessionRow
from app.store.query import INSTANCES, Query, parse
from engine.control import System
from engine.control.instances import InstanceView
from engine.domain.instance import Status

_LOOKED_AT = 200  # newest instances, audit events and alerts that one look reads


class _Known(Struct, frozen=True):
    """What the last look found."""

    engines: Mapping[int, SessionRow]
    change: int
    statuses: Mapping[int, Status] = field(default_factory=dict)
    newest_instance: int = 0
    newest_audit: int = 0
    newest_alert: int = 0
    standing_alerts: frozenset[int] = frozenset()


class Announcer:
    """Compares the store with what was known at the last look."""

    def __init__(self, system: System, zone: tzinfo, text: str = "") -> None:
        """Take everything as known; `text` filters the instances that are told.

        Raises:
            UsageError: a term of the filter is wrong.
        """
        self._system = system
        self._zone = zone
        self._query: Query = parse(text, INSTANCES, zone).checked()
        self._known = _Known({}, -1)
        list(self._changes())

    def look(self) -> list[str]:
        """Return what changed since the last look, engines first; each line with its time."""
        stamp = clock_time(self._system.now(), self._zone)
        return [f"{stamp} {line}" for line in self._changes()]

    def engines(self) -> list[str]:
        """Return which engines came and went since the last look; nothing else is read."""
        stamp = clock_time(self._system.now(), self._zone)
        return [f"{stamp} {line}" for line in self._engine_changes()]

    def _engine_changes(self) -> Iterator[str]:
        before = self._known.engines
        after = {each.sessionid: session_row(each) for each in self._system.engine.alive()}
        self._known = replace(self._known, engines=after)
        yield from _engine_lines(before, after)

    def _changes(self) -> Iterator[str]:
        yield from self._engine_changes()
        known = self._known
        change = self._system.seen_change()
        if change == known.change:
            return
        views = self._instances(known)
        events = [each.event for each in self._system.audit.query(limit=_LOOKED_AT)]
        alerts = [each.alert for each in self._system.alerts.query(limit=_LOOKED_AT)]
        for event in reversed(events):
            if event.audit_eventid > known.newest_audit:
                yield f"{event.event}: {event.object_type} {event.object_name}, by {event.who}"
        for alert in reversed(alerts):
            if alert.alertid > known.newest_alert and alert.cleared is None:
                yield f"alert {alert.alert}: {alert.object_name}: {alert.reason}"
            elif alert.alertid in known.standing_alerts and alert.cleared is not None:
                yield f"alert {alert.alert} of {alert.object_name} is over"
        for number, view in sorted(views.items()):
            is_fresh = number > known.newest_instance or number in known.statuses
            if is_fresh and known.statuses.get(number) is not view.instance.jobstatus:
                row = instance_row(view)
                if self._query.matches(row, self._system.now()):
                    yield str(instance_sentence(row, self._system.now(), self._zone))
        self._known = _Known(
            known.engines,
            change,
            {number: view.instance.jobstatus for number, view in views.items()},
            max(views, default=known.newest_instance),
            max((each.audit_eventid for each in events), default=known.newest_audit),
            max((each.alertid for each in alerts), default=known.newest_alert),
            frozenset(each.alertid for each in alerts if each.cleared is None),
        )

    def _instances(self, known: _Known) -> dict[int, InstanceView]:
        """Return the newest instances, and those that were in progress at the last look."""
        instances = self._system.instances
        views = {each.instance.job_instanceid: each for each in instances.query(limit=_LOOKED_AT)}
        for number, status in known.statuses.items():
            if status is Status.IN_PROGRESS and number not in views:
                views[number] = instances.get(number)
        return views


def _engine_lines(
    before: Mapping[int, SessionRow], after: Mapping[int, SessionRow]
) -> Iterator[str]:
    for sessionid in before.keys() - after.keys():
        yield f"engine {before[sessionid].engine_key} is not alive any more (session {sessionid})"
    for sessionid, row in after.items():
        if sessionid not in before:
            yield f"engine {row.engine_key} is alive on {row.host} (session {sessionid})"
        elif before[sessionid].mode != row.mode:
            yield f"engine {row.engine_key} is {row.mode}"
    if before and not after:
        yield "no engine is alive: nothing runs until one starts"
