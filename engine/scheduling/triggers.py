"""Triggers: one-shot runs that operators and jobs ask for, earlier than the schedule's next.

One that passed while nothing could run its job is what a due instant is: it is caught up where
`run_skipped` is on, joined by what the schedule catches up, and taken away where it is off. One of
a job that has expired by then starts nothing.
"""

from msgspec.structs import replace

from engine.clock import SECOND, Instant, to_iso, to_text
from engine.domain.catch_up import describe_hold
from engine.domain.instance import Cause
from engine.domain.verdict import Hold
from engine.persistence import audit, holds, jobs
from engine.persistence.transaction import Transaction
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Context, Effects
from engine.scheduling.missed import Missed
from engine.scheduling.wanted import Wanted

_HELD_PAUSE = 1 * SECOND  # until it is seen again whether a peer still runs a triggered job


class Triggers:
    """Takes triggers that have come."""

    def __init__(self, context: Context, missed: Missed) -> None:
        self._context = context
        self._missed = missed

    def take(self, tx: Transaction, entry: Entry, now: Instant, effects: Effects) -> Wanted | None:
        """Take the trigger of a job that has come, and return the run that it wants, if any."""
        trigger = entry.job.trigger_at
        if trigger is None or trigger > now:
            return None
        why_not = self._why_not(tx, entry, trigger, now)
        jobid = entry.job.jobid
        taken = jobs.take_trigger(tx, jobid, trigger)
        if not taken and any(job.trigger_at == trigger for job in jobs.get_many(tx, [jobid])):
            # A peer runs the job: it starts this one too when that run ends, or else we do.
            entry.not_before = self._context.clock.now() + _HELD_PAUSE
            return None
        entry.job = replace(entry.job, trigger_at=None)
        if taken and why_not:
            self._tell(tx, entry, trigger, why_not, effects, now)
        return Wanted(entry, Cause.TRIGGER) if taken and not why_not else None

    def _why_not(self, tx: Transaction, entry: Entry, trigger: Instant, now: Instant) -> str:
        """Return why a trigger that has come starts nothing; "": it does."""
        job = entry.job
        if job.expiry_date is not None and job.expiry_date <= trigger:
            return f"the job expired at {to_text(job.expiry_date)}"
        if job.run_skipped or entry.overran:
            return ""
        for hold in holds.holds_between(tx, trigger - 1, now, job.jobid):
            if hold.engine_key in {"", self._context.key} and _held(hold, trigger):
                return f"{hold.reason} ({describe_hold(hold)}); run_skipped is off"
        for down in self._missed.downtimes(entry):
            if down.since < trigger <= down.until:
                return f"{down.reason}; run_skipped is off"
        return ""

    def _tell(
        self,
        tx: Transaction,
        entry: Entry,
        trigger: Instant,
        why: str,
        effects: Effects,
        now: Instant,
    ) -> None:
        audit.add(
            tx,
            event="JOB-TRIGGER-CHANGED",
            object_type="job",
            object_name=entry.job.name,
            who=f"engine {self._context.key}",
            source=self._context.session.host,
            created=now,
            reason=why,
            before={"trigger": to_iso(trigger)},
            after={"trigger": None},
        )
        effects.engine_lines.append(
            f"job {entry.job.name}: custom trigger of {to_iso(trigger)} taken away: {why}"
        )


def _held(hold: Hold, trigger: Instant) -> bool:
    """Whether a hold kept a trigger from starting its job.

    A switch of the job does so too where it was thrown while the trigger waited for a run to end;
    one of the whole engine, as a pause, only lets it wait.
    """
    return hold.jobid is not None or hold.since <= trigger
