"""What changed since we looked last, one line each: runs, switches, alerts, engines."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo

from msgspec import Struct

from app.client.rows import instance_row, session_row
from app.presentation.instants import clock_time
from app.presentation.spoken import instance_sentence
from app.store.model import SessionRow
from app.store.query import INSTANCES, Query, parse
from engine.control import System
from engine.control.alerts import AlertView
from engine.control.audit import AuditView
from engine.control.instances import InstanceView
from engine.domain.instance import Status

_AT_ONCE = 500  # instances and audit events that are read at once
_MOST_RUNNING = 100_000  # instances: more than run at once


class _Known(Struct, frozen=True):
    """What the last look found."""

    change: int
    running: frozenset[int]  # numbers of instances
    newest_instance: int
    newest_audit: int
    alerts: Mapping[int, AlertView]  # those that stand


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
        self._engines = self._alive()
        change = system.seen_change()
        running = frozenset(self._running())
        instances = system.instances.query(limit=1)
        events = system.audit.query(limit=1)
        self._known = _Known(
            change,
            running,
            max((each.instance.job_instanceid for each in instances), default=0),
            max((each.event.audit_eventid for each in events), default=0),
            self._alerts(),
        )

    def look(self) -> list[str]:
        """Return what changed since the last look, engines first; each line with its time."""
        stamp = clock_time(self._system.now(), self._zone)
        return [f"{stamp} {line}" for line in self._changes()]

    def engines(self) -> list[str]:
        """Return which engines came and went since the last look; nothing else is read."""
        stamp = clock_time(self._system.now(), self._zone)
        return [f"{stamp} {line}" for line in self._engine_changes()]

    def _engine_changes(self) -> Iterator[str]:
        before, self._engines = self._engines, self._alive()
        yield from _engine_lines(before, self._engines)

    def _changes(self) -> Iterator[str]:
        yield from self._engine_changes()
        known = self._known
        change = self._system.seen_change()
        if change == known.change:
            return
        views = self._instances(known)
        events = self._events_after(known.newest_audit)
        alerts = self._alerts()
        for event in (each.event for each in events):
            yield f"{event.event}: {event.object_type} {event.object_name}, by {event.who}"
        yield from _alert_lines(known.alerts, alerts)
        running = frozenset(number for number, view in views.items() if _runs(view))
        for number, view in sorted(views.items()):
            if number in known.running & running:
                continue
            row = instance_row(view)
            if self._query.matches(row, self._system.now()):
                yield str(instance_sentence(row, self._system.now(), self._zone))
        self._known = _Known(
            change,
            running,
            max((known.newest_instance, *views)),
            max((each.event.audit_eventid for each in events), default=known.newest_audit),
            alerts,
        )

    def _instances(self, known: _Known) -> dict[int, InstanceView]:
        """Return what runs, what ran at the last look, and all that began since."""
        views = self._running()
        ended = [number for number in known.running if number not in views]
        views |= _by_number(self._system.instances.get_many(ended))
        return views | _by_number(self._begun_after(known.newest_instance))

    def _running(self) -> dict[int, InstanceView]:
        query = self._system.instances.query
        return _by_number(query(statuses=[Status.IN_PROGRESS], limit=_MOST_RUNNING))

    def _begun_after(self, newest: int) -> list[InstanceView]:
        """Return the instances behind `newest`, in their order."""
        found: list[InstanceView] = []
        while True:
            page = self._system.instances.query(before_id=newest, ascending=True, limit=_AT_ONCE)
            found += page
            if len(page) < _AT_ONCE:
                return found
            newest = page[-1].instance.job_instanceid

    def _events_after(self, newest: int) -> list[AuditView]:
        """Return the audit events behind `newest`, in their order."""
        found: list[AuditView] = []
        before: int | None = None
        while True:
            page = self._system.audit.query(before_id=before, limit=_AT_ONCE)
            found += [each for each in page if each.event.audit_eventid > newest]
            if not page or page[-1].event.audit_eventid <= newest:
                return found[::-1]
            before = page[-1].event.audit_eventid

    def _alerts(self) -> dict[int, AlertView]:
        return {each.alert.alertid: each for each in self._system.alerts.current()}

    def _alive(self) -> dict[int, SessionRow]:
        return {each.sessionid: session_row(each) for each in self._system.engine.alive()}


def _by_number(views: Iterable[InstanceView]) -> dict[int, InstanceView]:
    return {each.instance.job_instanceid: each for each in views}


def _runs(view: InstanceView) -> bool:
    return view.instance.jobstatus is Status.IN_PROGRESS


def _alert_lines(before: Mapping[int, AlertView], after: Mapping[int, AlertView]) -> Iterator[str]:
    for number in sorted(after.keys() - before.keys()):
        alert = after[number].alert
        yield f"alert {alert.alert}: {alert.object_name}: {alert.reason}"
    for number in sorted(before.keys() - after.keys()):
        alert = before[number].alert
        if alert.kind == "ongoing":  # the others are never over, only pruned
            yield f"alert {alert.alert} of {alert.object_name} is over"


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
