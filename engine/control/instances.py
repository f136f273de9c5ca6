"""Instances: query them, look at one, cancel or kill one."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from engine.clock import SECOND, Instant, to_text
from engine.control.actor import Actor
from engine.control.asking import Answer, Asker
from engine.control.context import Context
from engine.control.job_view import iso
from engine.control.outcome import Outcome
from engine.control.plain import from_yaml
from engine.domain.instance import Instance, JobErrorRecord, Status
from engine.domain.request import RequestKind
from engine.errors import EngineError, JobError, TocsinError
from engine.persistence import (
    instance_queries,
    instance_spans,
    instances,
    job_errors,
    jobs,
    sessions,
)
from engine.persistence.instance_spans import Span


class InstanceView(Struct, frozen=True):
    """One instance with its job's name."""

    instance: Instance
    name: str

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        instance = self.instance
        if instance.completed is None:
            return None
        return (instance.completed - instance.started) / SECOND

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        instance = self.instance
        return {
            "job_instanceid": instance.job_instanceid,
            "jobid": instance.jobid,
            "name": self.name,
            "sessionid": instance.sessionid,
            "jobstatus": str(instance.jobstatus),
            "info": from_yaml(instance.info),
            "started": iso(instance.started),
            "completed": iso(instance.completed),
            "seconds": self.seconds,
            "due": iso(instance.due_at),
            "late": instance.late,
            "stands_for": iso(instance.stands_for),
            "cause": str(instance.cause),
            "who": instance.who or None,
            "ending": None if instance.ending is None else str(instance.ending),
            "exit_code": instance.exit_code,
            "exit_signal": instance.exit_signal,
            "detail": instance.detail,
            "progress": instance.progress,
            "progress_text": instance.progress_text,
            "options": None if instance.options is None else dict(instance.options),
            "host": instance.host,
            "pid": instance.pid,
            "cpu_seconds": instance.cpu_seconds,
            "max_rss": instance.max_rss,
        }


class SpanView(Struct, frozen=True):
    """From when to when an instance ran, with its job's name."""

    span: Span
    name: str


class Ran(Struct, frozen=True):
    """The instances that ran in a stretch of time, the newest first."""

    views: tuple[SpanView, ...]
    since: Instant  # all that began from then on are among them; those before it were too many


class InstanceDetail(Struct, frozen=True):
    """One instance with the errors it recorded."""

    view: InstanceView
    errors: tuple[JobErrorRecord, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        instance = self.view.instance
        return {
            **self.view.as_json(),
            "log_file": instance.log_file,
            "log_start": instance.log_start,
            "log_end": instance.log_end,
            "errors": [error_json(each) for each in self.errors],
        }


def error_json(error: JobErrorRecord) -> dict[str, Any]:
    """Return one recorded error in the plain form that `--json` prints."""
    return {
        "job_errorid": error.job_errorid,
        "severity": str(error.severity),
        "error": error.error,
        "description": error.description,
        "info": error.info,
        "business_error": error.business_error,
        "created": iso(error.created),
    }


class Instances:
    """The service of instances."""

    def __init__(self, context: Context, asker: Asker) -> None:
        self._context = context
        self._asker = asker

    def query(
        self,
        *,
        job: str | None = None,
        statuses: Iterable[Status] = (),
        since: Instant | None = None,
        until: Instant | None = None,
        text: str | None = None,
        limit: int = 100,
        before_id: int | None = None,
        ascending: bool = False,
    ) -> list[InstanceView]:
        """Return instances, the newest first unless `ascending`; filters are ANDed.

        Raises:
            NotFoundError: no job is named `job`.
        """
        with self._context.read() as tx:
            jobid = None if job is None else jobs.get(tx, job).jobid
            found = instance_queries.query(
                tx,
                job=jobid,
                statuses=tuple(statuses),
                since=since,
                until=until,
                text=text,
                limit=limit,
                before_id=before_id,
                ascending=ascending,
            )
            jobids = list({each.jobid for each in found})
            names = {each.jobid: each.name for each in jobs.get_many(tx, jobids)}
        return [InstanceView(each, names.get(each.jobid, "")) for each in found]

    def last_of_jobs(self, jobids: Sequence[int], many: int) -> dict[int, list[Span]]:
        """Return up to `many` last runs of each job that ended, the oldest first, by job."""
        with self._context.read() as tx:
            return instance_spans.last_of_jobs(tx, jobids, many)

    def ran_between(
        self, since: Instant, until: Instant, *, jobids: Sequence[int] | None, limit: int
    ) -> Ran:
        """Return when the instances ran that ran in `since <= at < until`, wherever they began.

        Those of these jobs, or (None) of all. Up to `limit` of those that began in the stretch.
        """
        with self._context.read() as tx:
            found = instance_spans.between(tx, since, until, limit=limit, jobids=jobids)
            names = jobs.names_of(tx, {each.jobid for each in found.found})
        views = (SpanView(each, names[each.jobid]) for each in found.found if each.jobid in names)
        return Ran(tuple(views), found.since)

    def get(self, job_instanceid: int) -> InstanceView:
        """Return one instance.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._context.read() as tx:
            found = instances.get(tx, job_instanceid)
            return InstanceView(found, jobs.get_by_id(tx, found.jobid).name)

    def get_many(self, job_instanceids: Sequence[int]) -> list[InstanceView]:
        """Return those of the instances that exist, the oldest first."""
        with self._context.read() as tx:
            found = instances.get_many(tx, job_instanceids)
            names = jobs.names_of(tx, {each.jobid for each in found.values()})
        return [InstanceView(each, names.get(each.jobid, "")) for _, each in sorted(found.items())]

    def info(self, job_instanceid: int) -> InstanceDetail:
        """Return one instance with its errors.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._context.read() as tx:
            found = instances.get(tx, job_instanceid)
            view = InstanceView(found, jobs.get_by_id(tx, found.jobid).name)
            return InstanceDetail(view, tuple(job_errors.of_instance(tx, job_instanceid)))

    def errors(self, job_instanceid: int) -> list[JobErrorRecord]:
        """Return the errors and warnings that an instance recorded, oldest first."""
        with self._context.read() as tx:
            return list(job_errors.of_instance(tx, job_instanceid))

    def counts(self, since: Instant | None = None, job: str | None = None) -> dict[Status, int]:
        """Return how many instances have each status, of those started since `since`.

        Raises:
            NotFoundError: no job is named `job`.
        """
        with self._context.read() as tx:
            jobid = None if job is None else jobs.get(tx, job).jobid
            return dict(instance_queries.counts_by_status(tx, since, jobid))

    def cancel(
        self, job_instanceids: Sequence[int], actor: Actor, *, grace: float | None = None
    ) -> list[Outcome]:
        """Ask running instances to stop; their process groups are ended after `grace` seconds."""
        return [
            self._stop(each, RequestKind.CANCEL, {"grace": grace}, actor)
            for each in job_instanceids
        ]

    def kill(self, job_instanceids: Sequence[int], actor: Actor) -> list[Outcome]:
        """End the process groups of running instances at once."""
        return [self._stop(each, RequestKind.KILL, {}, actor) for each in job_instanceids]

    def _stop(
        self, job_instanceid: int, kind: RequestKind, more: dict[str, Any], actor: Actor
    ) -> Outcome:
        name = str(job_instanceid)
        try:
            key = self._engine_of(job_instanceid)
            answer: Answer = self._asker.ask(
                kind, {"job_instanceid": job_instanceid, **more}, actor, engine_key=key
            )
        except TocsinError as error:
            return Outcome(name, ok=False, message=error.message, code=error.code)
        return Outcome(name, ok=True, message=answer.message, job_instanceid=job_instanceid)

    def _engine_of(self, job_instanceid: int) -> str:
        """Return the key of the engine that runs the instance."""
        with self._context.read() as tx:
            instance = instances.get(tx, job_instanceid)
            session = None if instance.sessionid is None else sessions.get(tx, instance.sessionid)
        if instance.jobstatus is not Status.IN_PROGRESS:
            ended = "" if instance.completed is None else f" at {to_text(instance.completed)}"
            raise JobError(
                f"instance {job_instanceid} is not running: it ended{ended} "
                f"as {instance.jobstatus}."
            )
        if session is None:
            raise EngineError(f"instance {job_instanceid} names no session that could stop it.")
        return session.engine_key
