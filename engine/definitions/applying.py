"""Bring the store in line with a plan: one transaction, its audit rows included.

A schedule, zone, contract, expiry or switch that changes ends the schedule revision in force and
begins the next one now. A job that no engine ever scheduled has no revision yet: the engine begins
the first one, because such a job has missed nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.clock import Clock, Instant, to_iso
from engine.definitions.loading import Item, LoadPlan, Outcome, Stored, emptied, plan
from engine.definitions.reader import Reading
from engine.domain.job import Definition, Job
from engine.domain.schedule.revision import Revision
from engine.domain.verdict import Hold, Reason
from engine.errors import DefinitionError
from engine.persistence import alerts, audit, groups, holds, jobs, revisions
from engine.persistence.database import Database
from engine.persistence.revisions import NewRevision
from engine.persistence.stored_definitions import all_definitions
from engine.persistence.transaction import Transaction


class Loader(Struct, frozen=True):
    """Who loads, and from where, for the audit."""

    who: str
    source: str


def stored_jobs(tx: Transaction) -> list[Stored]:
    """Return every job with its definition, retired ones too."""
    definitions = all_definitions(tx)
    return [Stored(job, definitions[job.jobid]) for job in jobs.all_jobs(tx, include_retired=True)]


def check(
    database: Database,
    reading: Reading | Sequence[Definition],
    *,
    override: bool = False,
    prune: bool = False,
    owned: Sequence[Path] = (),
) -> LoadPlan:
    """Return what `load` would do, without writing anything."""
    with database.read() as tx:
        return plan(reading, stored_jobs(tx), override=override, prune=prune, owned=owned)


def load(
    database: Database,
    reading: Reading | Sequence[Definition],
    loader: Loader,
    clock: Clock,
    *,
    override: bool = False,
    prune: bool = False,
    owned: Sequence[Path] = (),
) -> LoadPlan:
    """Plan and apply in one transaction, so that the plan is about the store as it is changed.

    Raises:
        DefinitionError: one of the `owned` folders is empty, and jobs came from it.
    """
    with database.begin() as tx:
        tx.exclude_claims()  # what is claimed meanwhile comes before this change
        stored = stored_jobs(tx)
        if owned:
            _refuse_to_empty(reading, stored, owned)
        made = plan(reading, stored, override=override, prune=prune, owned=owned)
        apply(tx, made, loader, clock.now())
    return made


def _refuse_to_empty(
    reading: Reading | Sequence[Definition], stored: Sequence[Stored], owned: Sequence[Path]
) -> None:
    if not isinstance(reading, Reading):
        reading = Reading(tuple(reading))
    problems = [
        f"{folder}: no definition is there any more, and {count} of the store's jobs came from it; "
        "they go on. `tocsin job delete` takes away those that are to go"
        for folder, count in emptied(reading, stored, owned).items()
    ]
    if problems:
        raise DefinitionError(problems)


def apply(tx: Transaction, made: LoadPlan, loader: Loader, now: Instant) -> None:
    """Write what `made` says; the transaction is the caller's."""
    applier = _Applier(tx, made, loader, now)
    held = applier.held_by_groups()
    applier.define_groups()
    applier.insert_new()
    applier.update_changed()
    applier.retire_gone()
    applier.follow_groups(held)
    applier.audit()


class _Applier:
    def __init__(self, tx: Transaction, made: LoadPlan, loader: Loader, now: Instant) -> None:
        self._tx = tx
        self._plan = made
        self._loader = loader
        self._now = now
        self._events: list[dict[str, Any]] = []

    def held_by_groups(self) -> dict[str, set[int]]:
        """Return the jobs of each disabled group."""
        off = [group.name for group in groups.all_groups(self._tx) if not group.enabled]
        return {name: set(groups.members(self._tx, name)) for name in off}

    def follow_groups(self, before: Mapping[str, set[int]]) -> None:
        """Hold jobs that came into a disabled group, and let go those that left it."""
        if not before:
            return
        switched_by = {group.name: group.disabled_by for group in groups.all_groups(self._tx)}
        for name, members in self.held_by_groups().items():
            for jobid in sorted(members - before[name]):
                who = switched_by[name]
                hold = Hold(jobid, Reason.GROUP_DISABLED, self._now, detail=name, who=who)
                holds.open_hold(self._tx, hold)
            for jobid in sorted(before[name] - members):
                reason = Reason.GROUP_DISABLED
                holds.close_holds(self._tx, jobid, reason, self._now, detail=name)

    def define_groups(self) -> None:
        """Create the groups that the files describe; one that exists keeps its description."""
        known = {group.name for group in groups.all_groups(self._tx)}
        for name, description in self._plan.groups.items():
            if name not in known:
                groups.create(self._tx, name, description)
                self._record("GROUP-CREATED", "group", name, after={"description": description})

    def insert_new(self) -> None:
        """Store new jobs, many at once."""
        new = [item.definition for item in self._of(Outcome.NEW) if item.definition]
        jobs.insert_many(self._tx, new, self._now)
        for definition in new:
            self._record("JOB-CREATED", "job", definition.name, after=_summary(definition))

    def update_changed(self) -> None:
        """Write changed definitions over the older ones, keeping what operators changed."""
        items = self._of(Outcome.CHANGED)
        jobs.update_many(self._tx, _written(items), self._now, override=self._plan.override)
        jobs.move_many(self._tx, _written(item for item in self._plan.items if item.moved))
        for item in items:
            self._tell_update(item)
        self._follow_schedules([item.stored.job for item in items if item.stored])

    def retire_gone(self) -> None:
        """Retire jobs whose definition is gone; a run of theirs goes on to its end."""
        for item in self._of(Outcome.RETIRED):
            if item.stored is None:
                continue
            jobid = item.stored.job.jobid
            jobs.retire(self._tx, jobid, self._now)
            revisions.end_revision(self._tx, jobid, self._now)
            alerts.clear_of(self._tx, "job", item.name, self._now)  # no run will ever do it
            self._record(
                "JOB-RETIRED",
                "job",
                item.name,
                before=_summary(item.stored.definition),
                reason="its definition is gone from the files",
            )

    def audit(self) -> None:
        """Write the audit rows of all that was done."""
        audit.add_many(self._tx, self._events)

    def _of(self, outcome: Outcome) -> list[Item]:
        return [item for item in self._plan.items if item.outcome is outcome]

    def _tell_update(self, item: Item) -> None:
        if item.definition is None or item.stored is None:
            return
        if "enabled" in item.restored:
            jobid = item.stored.job.jobid
            holds.close_holds(self._tx, jobid, Reason.JOB_DISABLED, self._now)
        self._record(
            "JOB-UPDATED",
            "job",
            item.name,
            before=_summary(item.stored.definition),
            after=_summary(item.definition),
            reason=_reason(item),
        )

    def _follow_schedules(self, before: Sequence[Job]) -> None:
        """End and begin schedule revisions so that they say what is in force from now on."""
        if not before:
            return
        in_force = revisions.current(self._tx)
        ever = revisions.ever_scheduled(self._tx)
        after = {job.jobid: job for job in jobs.all_jobs(self._tx)}
        opened: list[NewRevision] = []
        for old in before:
            job, revision = after[old.jobid], in_force.get(old.jobid)
            self._follow_trigger(job)
            if not job.active:
                if revision is not None:
                    revisions.end_revision(self._tx, job.jobid, self._now)
                if old.active:
                    alerts.clear_of(self._tx, "job", job.name, self._now)  # as in retire_gone
            elif _begins(job, revision, ever):
                opened.append(NewRevision(job.jobid, job.schedule, self._now, job.expiry_date))
        revisions.open_many(self._tx, opened)

    def _follow_trigger(self, job: Job) -> None:
        """Take a trigger away that starts nothing as the job is now."""
        expiry, trigger = job.expiry_date, job.trigger_at
        is_over = expiry is not None and trigger is not None and expiry <= trigger
        if trigger is None or (job.active and not is_over):
            return
        jobs.set_trigger(self._tx, job.jobid, None)
        self._record(
            "JOB-TRIGGER-CHANGED",
            "job",
            job.name,
            before={"trigger": to_iso(trigger)},
            after={"trigger": None},
            reason="the job expires before it" if is_over else "the job was deactivated",
        )

    def _record(
        self,
        event: str,
        object_type: str,
        name: str,
        *,
        before: Any = None,
        after: Any = None,
        reason: str = "",
    ) -> None:
        self._events.append(
            {
                "event": event,
                "object_type": object_type,
                "object_name": name,
                "who": self._loader.who,
                "source": self._loader.source,
                "before": before,
                "after": after,
                "reason": reason,
                "created": self._now,
            }
        )


def _begins(job: Job, revision: Revision | None, ever: Collection[int]) -> bool:
    """Whether a revision of an active job begins now."""
    if revision is None:  # it was inactive or retired, or no engine ever scheduled it
        return job.jobid in ever
    return (revision.schedule, revision.expires_at) != (job.schedule, job.expiry_date)


def _written(items: Iterable[Item]) -> dict[int, Definition]:
    """Return the definitions of known jobs by the jobs' ids."""
    return {
        item.stored.job.jobid: item.definition
        for item in items
        if item.stored is not None and item.definition is not None
    }


def _summary(definition: Definition) -> dict[str, Any]:
    return {
        "version": definition.version,
        "source": definition.source,
        "line": definition.source_line,
    }


def _reason(item: Item) -> str:
    said = [f"changed: {', '.join(item.changes)}"] if item.changes else []
    if item.returns:
        said.append("its definition is back")
    if item.restored:
        said.append(f"taken back from operators: {', '.join(item.restored)}")
    if item.overridden:
        said.append(f"kept as operators set it: {', '.join(item.overridden)}")
    return "; ".join(said)
