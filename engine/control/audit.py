"""The audit: who changed what, when, from where, with the value before and after."""

from typing import Any

from msgspec import Struct

from engine.clock import Instant
from engine.control.context import Context
from engine.control.job_view import iso
from engine.persistence import audit
from engine.persistence.audit import AuditEvent


class AuditView(Struct, frozen=True):
    """One recorded change."""

    event: AuditEvent

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        event = self.event
        return {
            "audit_eventid": event.audit_eventid,
            "event": event.event,
            "object_type": event.object_type,
            "object": event.object_name,
            "who": event.who,
            "source": event.source,
            "reason": event.reason,
            "before": event.before,
            "after": event.after,
            "created": iso(event.created),
        }


class Audit:
    """The service of the audit."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def query(
        self,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        object_name: str | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> list[AuditView]:
        """Return recorded changes of `since <= t < until`, the newest first; filters are ANDed.

        `before_id` continues a list: only those with a lower id are returned.
        """
        with self._context.read() as tx:
            found = audit.query(
                tx,
                since=since,
                until=until,
                object_name=object_name,
                limit=limit,
                before_id=before_id,
            )
            return [AuditView(each) for each in found]
