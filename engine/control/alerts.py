"""Alerts: what an operator should know, ongoing until its cause is gone, or transient."""

from typing import Any

from msgspec import Struct

from engine.clock import Instant
from engine.control.context import Context
from engine.control.job_view import iso
from engine.persistence import alerts
from engine.persistence.alerts import Alert


class AlertView(Struct, frozen=True):
    """One alert."""

    alert: Alert

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        alert = self.alert
        return {
            "alertid": alert.alertid,
            "type": alert.kind,
            "alert": alert.alert,
            "object_type": alert.object_type,
            "object": alert.object_name,
            "reason": alert.reason,
            "first_raised": iso(alert.raised),
            "when": iso(alert.updated),
            "cleared": iso(alert.cleared),
            "job_instanceid": alert.job_instanceid,
        }


class Alerts:
    """The service of alerts."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def current(self) -> list[AlertView]:
        """Return the alerts that stand, the newest first."""
        with self._context.read() as tx:
            return [AlertView(each) for each in alerts.current(tx)]

    def count(self) -> int:
        """Return how many stand."""
        with self._context.read() as tx:
            return alerts.count(tx)

    def query(
        self, *, since: Instant | None = None, cleared: bool = True, limit: int = 100
    ) -> list[AlertView]:
        """Return alerts, the newest first; cleared ones too, or none of them."""
        with self._context.read() as tx:
            found = alerts.query(tx, since=since, cleared=cleared, limit=limit)
            return [AlertView(each) for each in found]
