"""The overview: what the last hours came to, and how the whole is.

Health as Qorus has it: no alert GREEN, fewer than ten YELLOW, ten or more RED; ongoing alerts and
the transient ones of the last hour count. A store without a living engine is never GREEN.
"""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from engine.clock import HOUR, Instant
from engine.control.context import Context
from engine.control.job_view import JobView, counts_json, iso
from engine.control.jobs import Jobs
from engine.control.living import Living
from engine.domain.instance import Status
from engine.domain.session import Session
from engine.persistence import alerts, instance_queries

Health = Literal["GREEN", "YELLOW", "RED"]
_MANY_ALERTS = 10
_SHOWN_NEXT = 10


class Overview(Struct, frozen=True):
    """The last hours in numbers, and what comes next."""

    now: Instant
    since: Instant
    engines: tuple[Session, ...]
    jobs: tuple[JobView, ...]
    counts: Mapping[Status, int]
    by_job: Mapping[str, Mapping[Status, int]]
    alerts: int
    health: Health

    @property
    def coming(self) -> list[JobView]:
        """The jobs that are due next, the earliest first."""
        due = [view for view in self.jobs if view.next is not None]
        return sorted(due, key=lambda view: (view.next or 0, view.name))[:_SHOWN_NEXT]

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {
            "now": iso(self.now),
            "since": iso(self.since),
            "health": self.health,
            "engines": [
                {
                    "instance": each.engine_key,
                    "host": each.host,
                    "pid": each.pid,
                    "mode": each.mode,
                    "started": iso(each.started),
                }
                for each in self.engines
            ],
            "alerts": self.alerts,
            "jobs": {
                "total": len(self.jobs),
                "active": sum(view.job.active for view in self.jobs),
                "disabled": sum(not view.job.enabled for view in self.jobs),
                "expired": sum(view.is_expired for view in self.jobs),
                "running": sum(bool(view.running) for view in self.jobs),
            },
            "counts": counts_json(self.counts),
            "by_job": [
                {"name": name, **counts_json(counts)}
                for name, counts in sorted(self.by_job.items())
            ],
            "next": [{"name": view.name, "next": iso(view.next)} for view in self.coming],
        }


def read_overview(context: Context, living: Living, jobs: Jobs, since: Instant) -> Overview:
    """Gather the overview of what was started since `since`."""
    now = context.clock.now()
    engines = tuple(living.engines())
    views = tuple(jobs.all())
    with context.read() as tx:
        counts = dict(instance_queries.counts_by_status(tx, since))
        by_jobid = instance_queries.counts_by_job(tx, since)
        shown = [
            each
            for each in alerts.current(tx)
            if each.kind == "ongoing" or now - each.updated <= HOUR
        ]
    names = {view.job.jobid: view.name for view in views}
    return Overview(
        now=now,
        since=since,
        engines=engines,
        jobs=views,
        counts=counts,
        by_job={names[jobid]: each for jobid, each in by_jobid.items() if jobid in names},
        alerts=len(shown),
        health=health_of(len(shown), engine_alive=bool(engines)),
    )


def health_of(alert_count: int, *, engine_alive: bool) -> Health:
    """Return the health that this many alerts make."""
    if not engine_alive or alert_count >= _MANY_ALERTS:
        return "RED"
    return "GREEN" if alert_count == 0 else "YELLOW"
