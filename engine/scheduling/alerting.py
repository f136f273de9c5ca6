"""Alerts that runs raise and clear, in the transaction that records the run."""

from engine.clock import Instant, to_text
from engine.domain.eligibility import STOPPING
from engine.domain.job import Job
from engine.events import Event, EventKind
from engine.persistence import alerts
from engine.persistence.instances import Finish
from engine.persistence.transaction import Transaction
from engine.scheduling.context import Context, Effects

INSTANCE_ERROR = "JOB-INSTANCE-ERROR"
STOPPED_JOB = "STOPPED-JOB"
JOB_EXPIRED = "JOB-EXPIRED"
CLOCK_STEP = "CLOCK-STEP"
DISK_FULL = "DISK-FULL"
STORE_AWAY = "STORE-AWAY"
SUPERVISOR_SILENT = "SUPERVISOR-SILENT"
_JOB = "job"


class Alerting:
    """Knows which ongoing alerts are up, so that a good run costs no statement of its own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._up: set[tuple[str, str]] = set()  # (alert, name of the job)
        self._expired: dict[str, Instant] = {}  # when the expiry of a job was last told

    def load(self, tx: Transaction) -> None:
        """Read which alerts are up."""
        current = [each for each in alerts.current(tx) if each.object_type == _JOB]
        self._up = {(each.alert, each.object_name) for each in current if each.kind == "ongoing"}
        self._expired = {}
        for each in current:
            if each.alert == JOB_EXPIRED:
                told = self._expired.get(each.object_name, each.updated)
                self._expired[each.object_name] = max(told, each.updated)

    def of_expiry(self, tx: Transaction, job: Job, effects: Effects, now: Instant) -> None:
        """Tell once that a job has come to its expiry date; no run will clear its failure now."""
        expiry = job.expiry_date
        if expiry is None or not job.active or self._expired.get(job.name, -1) >= expiry:
            return
        reason = f"the job expired at {to_text(expiry)} and is not scheduled any more"
        self.raise_transient(tx, JOB_EXPIRED, _JOB, job.name, reason, effects, now)
        self._expired[job.name] = now
        self.look(tx, {job.name})
        self.clear(tx, INSTANCE_ERROR, job.name, effects, now)
        effects.engine_lines.append(f"job {job.name}: {reason}")

    def look(self, tx: Transaction, names: set[str]) -> None:
        """See which failures peers told of jobs whose good runs end now, or that expire.

        Any engine's good run clears those.

        That a peer cannot plan a job is not disproved by a run here: its zones may be older ones.

        One question for all that end together, and none on a file, where there are no peers.
        """
        if names and tx.dialect != "sqlite":
            up = alerts.up(tx, _JOB, sorted(names))
            self._up |= {each for each in up if each[0] == INSTANCE_ERROR}

    def of_finish(
        self, tx: Transaction, job: Job, finish: Finish, effects: Effects, now: Instant
    ) -> None:
        """Raise the alert of a failed run, or clear what a good one ends."""
        if finish.is_good:
            for alert in (INSTANCE_ERROR, STOPPED_JOB):
                self.clear(tx, alert, job.name, effects, now)
            return
        expired = job.expiry_date is not None and job.expiry_date <= now
        is_scheduled = job.active and not expired and job.retired_at is None
        if is_scheduled and self._context.mode != STOPPING:
            reason = f"instance {finish.job_instanceid} ended {finish.jobstatus} ({finish.ending})"
            if finish.detail:
                reason += f": {finish.detail}"
            self.raise_ongoing(
                tx, INSTANCE_ERROR, job.name, reason, effects, now, finish.job_instanceid
            )

    def raise_ongoing(
        self,
        tx: Transaction,
        alert: str,
        name: str,
        reason: str,
        effects: Effects,
        now: Instant,
        job_instanceid: int | None = None,
    ) -> None:
        """Raise an alert about a job that lasts until it is cleared."""
        alerts.raise_alert(tx, alert, _JOB, name, reason, now, job_instanceid=job_instanceid)
        self._up.add((alert, name))
        effects.events.append(Event(EventKind.ALERT_RAISED, now, alert, name))

    def raise_transient(
        self,
        tx: Transaction,
        alert: str,
        object_type: str,
        name: str,
        reason: str,
        effects: Effects,
        now: Instant,
    ) -> None:
        """Raise an alert that tells of one moment."""
        alerts.raise_alert(tx, alert, object_type, name, reason, now, kind="transient")
        effects.events.append(Event(EventKind.ALERT_RAISED, now, alert, name))

    def clear(self, tx: Transaction, alert: str, name: str, effects: Effects, now: Instant) -> None:
        """Clear an ongoing alert about a job, if it is up."""
        if (alert, name) in self._up:
            self._up.discard((alert, name))
            if alerts.clear_alert(tx, alert, _JOB, name, now):  # else a peer has done so
                effects.events.append(Event(EventKind.ALERT_CLEARED, now, alert, name))
