"""What stood at one moment of the past: what ran, what was due and became of it, what was switched.

All of it is what the store has recorded; what is pruned by now is said to be gone, not guessed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from engine.clock import HOUR, MINUTE, Instant
from engine.control.alerts import AlertView
from engine.control.audit import AuditView
from engine.control.context import Context
from engine.control.instances import InstanceView
from engine.control.job_view import iso
from engine.control.ledger import JobLedger, Ledger, LedgerReport
from engine.domain.session import Session
from engine.domain.verdict import Hold
from engine.errors import UsageError
from engine.persistence import (
    alerts,
    audit,
    holds,
    instance_queries,
    jobs,
    pruning,
    sessions,
)
from engine.persistence.transaction import Transaction

AROUND = MINUTE  # due instants are accounted for so long before and after
BEFORE = HOUR  # changes so long before are told
_MOST = 500


class Moment(Struct, frozen=True):
    """What is recorded of the instant `at`."""

    at: Instant
    sessions: tuple[Session, ...]  # that lived then
    running: tuple[InstanceView, ...]  # by now most of them have ended, as their status says
    account: LedgerReport  # of the due instants from a minute before to a minute after
    holds: tuple[tuple[str, Hold], ...]  # switches that kept a job, or "" all jobs, from running
    changes: tuple[AuditView, ...]  # of the hour before, the newest first
    alerts: tuple[AlertView, ...]  # that stood
    pruned: int  # jobs of which records of that time are gone

    @property
    def not_run(self) -> list[tuple[str, str]]:
        """The jobs of which not all ran that was due, and what became of the rest, in words."""
        found = ((job.name, _rest(job)) for job in self.account.jobs)
        return [(name, words) for name, words in found if words]

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {
            "at": iso(self.at),
            "sessions": [
                {
                    "sessionid": each.sessionid,
                    "instance": each.engine_key,
                    "host": each.host,
                    "started": iso(each.started),
                    "ended": iso(each.ended),
                }
                for each in self.sessions
            ],
            "running": [each.as_json() for each in self.running],
            "ledger": self.account.as_json(),
            "holds": [
                {
                    "job": name or None,
                    "reason": str(hold.reason),
                    "detail": hold.detail,
                    "since": iso(hold.since),
                    "until": iso(hold.until),
                    "who": hold.who,
                }
                for name, hold in self.holds
            ],
            "alerts": [each.as_json() for each in self.alerts],
            "changes": [each.as_json() for each in self.changes],
            "pruned_jobs": self.pruned,
        }


def read_moment(context: Context, ledger: Ledger, at: Instant) -> Moment:
    """Return what is recorded of an instant.

    Raises:
        UsageError: it is still to come.
    """
    now = context.clock.now()
    if at > now:
        raise UsageError("that is still to come: the schedule tells what will run")
    account = ledger.report(at - AROUND, min(at + AROUND, now))
    with context.read() as tx:
        running = instance_queries.running_at(tx, at, _MOST)
        held = holds.holds_between(tx, at - 1, at)[:_MOST]
        changes = audit.query(tx, since=at - BEFORE, until=at + 1, limit=_MOST)
        names = _names(tx, [*(each.jobid for each in running), *(each.jobid for each in held)])
        return Moment(
            at,
            tuple(sessions.between(tx, at - 1, at)),
            tuple(InstanceView(each, names.get(each.jobid, "")) for each in running),
            account,
            tuple(("" if each.jobid is None else names.get(each.jobid, ""), each) for each in held),
            tuple(AuditView(each) for each in changes),
            tuple(AlertView(each) for each in alerts.standing_at(tx, at)[:_MOST]),
            sum(until > at - AROUND for until in pruning.pruned_until(tx).values()),
        )


def _names(tx: Transaction, jobids: Sequence[int | None]) -> Mapping[int, str]:
    known = {jobid for jobid in jobids if jobid is not None}
    return {each.jobid: each.name for each in jobs.get_many(tx, sorted(known))}


def _rest(job: JobLedger) -> str:
    counts = (
        *((f"skipped, {reason}", count) for reason, count in job.skipped_by.items()),
        *((f"missed, {reason}", count) for reason, count in job.missed_by.items()),
        ("coalesced", job.coalesced),
        ("unexplained", job.unexplained),
    )
    told = [word if count == 1 else f"{word} x{count}" for word, count in counts if count]
    return "; ".join([*told, "unknown what was due"] if job.unknown else told)
