"""Everything as it stood at an instant of the past, in the views that tell what stands now.

Read from what the store keeps: instances, revisions, holds, sessions, and the audit trail, by which
later changes are taken back. What nobody kept is named, and never told as it is now.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import SECOND, Instant
from engine.control.alerts import AlertView
from engine.control.context import Context
from engine.control.groups import GroupView
from engine.control.instances import InstanceView
from engine.control.job_view import JobView
from engine.control.set_back import SetBack
from engine.control.standing import Standing
from engine.control.walk_back import GROUPS, Changes, Then, groups_then, job_then, trigger_then
from engine.domain.eligibility import DRAINING, PAUSED, RUNNING
from engine.domain.group import Group
from engine.domain.instance import Instance
from engine.domain.job import Job
from engine.domain.schedule.revision import Revision
from engine.domain.session import Session, SessionStatus
from engine.domain.verdict import Hold, Reason
from engine.errors import UsageError
from engine.persistence import (
    alerts,
    groups,
    holds,
    instance_queries,
    jobs,
    past,
    pruning,
    sessions,
)
from engine.persistence.bulk import collector_paused
from engine.persistence.transaction import Transaction

LAST = "last"  # the last run, among the names of what is not kept
_RECENT = 2000  # instances, as a console reads of now
_MOST_RUNNING = 10_000
_MOST_TRIGGERS = 1000
_BY_REVISION = {"schedule", "timezone", "active", "expiry_date"}


class PastJob(Struct, frozen=True):
    """A job as it stood; `not_kept` names the attributes of which nobody kept that."""

    view: JobView
    not_kept: frozenset[str] = frozenset()


class Past(Struct, frozen=True):
    """What stood at the instant `at`."""

    at: Instant
    jobs: Sequence[PastJob]
    groups: Sequence[GroupView]
    uncounted: frozenset[str]  # groups that are deleted: nobody kept which jobs were in them
    instances: Sequence[InstanceView]  # that had begun, as they are recorded by now
    sessions: Sequence[Session]  # that lived, with their modes of then
    alerts: Sequence[AlertView]  # that stood
    deleted: Sequence[str]  # jobs that were there, and of which nothing is kept
    pruned: int  # jobs of which records of that time are gone


def read_past(context: Context, at: Instant) -> Past:
    """Return what stood at `at`.

    Raises:
        UsageError: it is still to come.
        StoreError: the store is out of reach.
    """
    if at > context.clock.now():
        raise UsageError("that is still to come: the schedule tells what will run")
    with collector_paused(), context.read() as tx:
        changes = Changes.of(past.changes_since(tx, at))
        newest = past.newest_instance(tx, at)
        running = instance_queries.running_at(tx, at, _MOST_RUNNING)
        recent = past.begun(tx, at, newest, _RECENT)
        last = past.last_ended(tx, at, newest)
        facts = _Facts(
            at,
            changes,
            _standing(tx, context.settings.instance_key, at, changes, running, last),
            last,
            trigger_then(past.triggers_set(tx, at, _MOST_TRIGGERS), at),
            pruning.pruned_until(tx),
        )
        there = past.jobids(tx, at)
        known = [job for job in jobs.all_jobs(tx, include_retired=True) if job.jobid in there]
        stood = [AlertView(each) for each in alerts.standing_at(tx, at)]
    names = {job.jobid: job.name for job in known}
    begun = {each.job_instanceid: each for each in (*running, *recent)}
    return Past(
        at,
        [facts.job(job) for job in known],
        [GroupView(group) for group in facts.standing.groups.values()],
        frozenset(each.name for each in facts.standing.groups.values() if not each.groupid),
        [InstanceView(each, names[each.jobid]) for each in begun.values() if each.jobid in names],
        tuple(facts.standing.sessions.values()),
        stood,
        changes.deleted(),
        sum(until > at for until in facts.pruned.values()),
    )


class _Facts(Struct, frozen=True):
    """What is known of that moment."""

    at: Instant
    changes: Changes
    standing: Standing
    last: Mapping[int, Instance]  # that had ended, by job
    triggers: Mapping[str, Instant]
    pruned: Mapping[int, Instant]

    def job(self, job: Job) -> PastJob:
        """Return a job as it stood."""
        then = job_then(job, self.changes.of_jobs.get(job.name, ()), self.at)
        then = _scheduled(then, self.standing.revisions.get(job.jobid))
        ended = self.last.get(job.jobid)
        runs = self.standing.running.get(job.jobid)
        was = replace(
            then.job,
            enabled=not any(
                hold.reason is Reason.JOB_DISABLED
                for hold in self.standing.holds.get(job.jobid, ())
            ),
            trigger_at=self.triggers.get(job.name),
            last_executed=None if ended is None else ended.started,
            last_executed_job_instanceid=None if ended is None else ended.job_instanceid,
            sessionid=runs[0].sessionid if runs and job.single_instance else None,
        )
        not_kept = then.not_kept
        if ended is None and job.jobid in self.pruned:
            not_kept |= {LAST}
        if self.changes.loses_members:
            not_kept |= {GROUPS}
        return PastJob(self.standing.view(was), not_kept)


def _standing(
    tx: Transaction,
    engine_key: str,
    at: Instant,
    changes: Changes,
    running: Sequence[Instance],
    last: Mapping[int, Instance],
) -> Standing:
    """Return the facts by which it is told what a job may do, as they were."""
    held: dict[int | None, list[Hold]] = defaultdict(list)
    for hold in holds.holds_between(tx, at - 1, at):
        if hold.until is None or hold.until > at:
            held[hold.jobid].append(replace(hold, until=None))
    open_then: dict[int, list[Instance]] = defaultdict(list)
    for each in sorted(running, key=lambda one: one.job_instanceid):
        open_then[each.jobid].append(each)
    lived = (each for each in sessions.between(tx, at - 1, at) if _lived(each, at))
    return Standing(
        now=at,
        engine_key=engine_key,
        groups=_switched(groups_then(groups.all_groups(tx), changes.of_groups), held, at),
        revisions=past.in_force(tx, at),
        holds=held,
        running=open_then,
        sessions={each.sessionid: replace(each, mode=_mode(each, held)) for each in lived},
        last=last,
        set_back=SetBack({}, is_correction=False),
    )


def _scheduled(then: Then, revision: Revision | None) -> Then:
    """Return a job with the schedule that was in force, which is kept for ever."""
    if revision is None:
        return then
    job = then.job
    told = job.schedule, job.expiry_date, job.active
    if told != (revision.schedule, revision.expires_at, True):
        job = replace(job, schedule=revision.schedule, expiry_date=revision.expires_at, active=True)
    return Then(job, then.not_kept - _BY_REVISION)


def _switched(
    found: dict[str, Group], held: Mapping[int | None, Sequence[Hold]], at: Instant
) -> dict[str, Group]:
    """Return groups with who had thrown the switch, as the holds of their jobs tell."""
    thrown = {
        hold.detail: hold
        for several in held.values()
        for hold in several
        if hold.reason is Reason.GROUP_DISABLED
    }
    for name, group in found.items():
        hold = thrown.get(name)
        if group.enabled:
            found[name] = replace(group, disabled_by="", disabled_at=None)
        elif hold is not None and (group.disabled_at is None or group.disabled_at > at):
            found[name] = replace(group, disabled_by=hold.who, disabled_at=hold.since)
    return found


def _lived(session: Session, at: Instant) -> bool:
    """Whether a session lived: one that broke off, as long as its lease after its last beat."""
    if session.status is SessionStatus.COMPLETE:
        return session.ended is None or session.ended > at
    return session.beat_at + round(session.lease_seconds * SECOND) >= at


def _mode(session: Session, held: Mapping[int | None, Sequence[Hold]]) -> str:
    """Return whether it was paused or drained, as its own holds tell."""
    for hold in held.get(None, ()):
        if hold.engine_key in {"", session.engine_key}:
            return DRAINING if hold.reason is Reason.DRAINING else PAUSED
    return RUNNING
