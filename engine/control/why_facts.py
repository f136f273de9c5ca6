"""What `why` looks up about one job, read in one go."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from engine.clock import Instant
from engine.control.context import Context
from engine.control.job_view import JobView
from engine.control.jobs import Jobs
from engine.control.ledger_tail import Tail
from engine.control.living import Living
from engine.control.set_back import SetBack
from engine.domain.instance import Instance
from engine.domain.job import Job
from engine.domain.schedule.revision import Revision
from engine.domain.schedule.zones import known_zone
from engine.domain.session import Session
from engine.domain.verdict import Stretch
from engine.persistence import (
    audit,
    cursors,
    instance_queries,
    instances,
    jobs,
    pruning,
    revisions,
    verdicts,
)
from engine.persistence.audit import AuditEvent
from engine.persistence.cursors import Cursor
from engine.persistence.database import Database

_NEWEST = 200  # changes of a job that are looked through


class Facts(Struct, frozen=True):
    """A job as it stands, its history, and where to look for more."""

    database: Database
    now: Instant
    job: Job
    view: JobView
    revisions: Sequence[Revision]  # oldest first
    cursors: Mapping[str, Cursor]  # by engine key, those under which it still runs
    pruned_until: Instant | None  # records before it are gone
    changes: Sequence[AuditEvent]  # of the job, newest first
    set_back: SetBack
    tail: Tail
    alive: Sequence[Session]

    @classmethod
    def read(cls, context: Context, living: Living, views: Jobs, name: str) -> "Facts":
        """Read what is known of the job.

        Raises:
            NotFoundError: no job has this name.
        """
        now = context.clock.now()
        alive = living.engines()
        view = views.get(name)
        with context.database.read() as tx:
            job = jobs.get(tx, name)
            tail = Tail.read(tx, context.database, context.settings, now, alive)
            known = cursors.of_job(tx, job.jobid)
            return cls(
                database=context.database,
                now=now,
                job=job,
                view=view,
                revisions=revisions.of_job(tx, job.jobid),
                cursors={
                    key: cursor
                    for key, cursor in known.items()
                    if tail.concerns(job, key) and cursor.ended_at is None
                },
                pruned_until=pruning.pruned_until(tx).get(job.jobid),
                changes=audit.query(tx, object_type="job", object_name=name, limit=_NEWEST),
                set_back=SetBack.read(tx, now, [job]),
                tail=tail,
                alive=alive,
            )

    @property
    def timezone(self) -> str:
        """The zone in which the job's instants are told: its own, or UTC where there is no such."""
        return known_zone(self.job.schedule.timezone)

    def change_before(self, event: str, at: Instant) -> AuditEvent | None:
        """Return the last change of this kind that was made at or before `at`."""
        return next((one for one in self.changes if one.event == event and one.created <= at), None)

    def answered(self, due: Instant) -> dict[str, Instance]:
        """Return the instances that answer for a due instant, by engine key.

        The key is not on the record of an instance: it is its session's engine, or none.
        """
        with self.database.read() as tx:
            found = instance_queries.with_due_instants(tx, due - 1, due, self.job.jobid)
        if self.job.single_instance:
            return {"": found[0]} if found else {}
        keys = {each.sessionid: each.engine_key for each in self.tail.sessions}
        return {keys.get(each.sessionid or 0, ""): each for each in found}

    def stretches(self, due: Instant) -> dict[str, Stretch]:
        """Return the verdicts that speak of a due instant, by engine key."""
        with self.database.read() as tx:
            found = verdicts.between(tx, due - 1, due, self.job.jobid)
        return {each.engine_key: each for each in found}

    def instance(self, job_instanceid: int) -> Instance | None:
        """Return an instance; None: it was pruned."""
        with self.database.read() as tx:
            return instances.get_many(tx, [job_instanceid]).get(job_instanceid)

    def running_at(self, at: Instant) -> Instance | None:
        """Return an instance of the job that had begun before `at` and had not ended."""
        for each in self.started_between(None, at):
            if each.completed is None or each.completed > at:
                return each
        return None

    def started_between(self, since: Instant | None, until: Instant) -> list[Instance]:
        """Return the newest instances with `since <= started < until`, newest first."""
        with self.database.read() as tx:
            return instance_queries.query(
                tx, job=self.job.jobid, since=since, until=until, limit=10
            )
