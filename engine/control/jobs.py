"""Jobs: list, look at, run and change them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from engine.clock import DAY, Instant
from engine.control import job_switches as switches
from engine.control.actor import Actor
from engine.control.asking import Answer, Asker
from engine.control.context import Change, Context
from engine.control.job_view import JobDetail, JobView
from engine.control.long_history import forget_history
from engine.control.outcome import Outcome
from engine.control.standing import Standing
from engine.domain.eligibility import Obstacle, blocking_run_now
from engine.domain.job import Job
from engine.domain.request import RequestKind
from engine.domain.schedule import RecurringSchedule, Schedule
from engine.domain.schedule.clock_changes import ClockChange, clock_changes
from engine.domain.schedule.describe import describe
from engine.domain.schedule.planner import planner_if_any
from engine.errors import JobError
from engine.persistence import instance_queries, jobs, revisions, state_data

_MOST_NEXT = 10_000
_MOST_CHANGES = 4


class NextRuns(Struct, frozen=True):
    """The next due instants of a job, switches left aside."""

    job: Job
    due: tuple[Instant, ...]
    refusal: str  # why the schedule does not run it as things stand; "": it does
    is_estimate: bool  # a recurring job that no engine has scheduled yet: counted from now
    clock_changes: tuple[ClockChange, ...] = ()  # that touch these runs


class Jobs:
    """The service of jobs. Changes take an actor, are audited, and answer one outcome per name."""

    def __init__(self, context: Context, asker: Asker) -> None:
        self._context = context
        self._asker = asker

    def all(self, *, include_retired: bool = False) -> list[JobView]:
        """Return every job as it stands, by name."""
        with self._context.read() as tx:
            found = jobs.all_jobs(tx, include_retired=include_retired)
            standing = Standing.read(tx, self._context.clock.now(), self._key, found)
        return standing.views(sorted(found, key=lambda job: job.name))

    def get(self, name: str) -> JobView:
        """Return one job as it stands.

        Raises:
            NotFoundError: no job has this name.
        """
        with self._context.read() as tx:
            job = jobs.get(tx, name)
            return Standing.read(tx, self._context.clock.now(), self._key, [job]).view(job)

    def info(self, name: str) -> JobDetail:
        """Return one job with its code and the counts of its last 24 hours.

        Raises:
            NotFoundError: no job has this name.
        """
        now = self._context.clock.now()
        with self._context.read() as tx:
            job = jobs.get(tx, name)
            return JobDetail(
                view=Standing.read(tx, now, self._key, [job]).view(job),
                execution=jobs.execution(tx, job.jobid),
                schedule_text=describe(job.schedule),
                counts=instance_queries.counts_by_status(tx, now - DAY, job.jobid),
                has_state=state_data.get(tx, job.jobid) is not None,
            )

    def next_runs(self, name: str, count: int = 10, after: Instant | None = None) -> NextRuns:
        """Return the next `count` due instants after `after` (None: now), whatever switches say.

        None where nobody can plan by the schedule: the refusal says why.

        Raises:
            NotFoundError: no job has this name.
        """
        now = self._context.clock.now()
        start = now if after is None else after
        with self._context.read() as tx:
            job = jobs.get(tx, name)
            revision = revisions.current(tx, [job.jobid]).get(job.jobid)
            standing = Standing.read(tx, now, self._key, [job])
        anchor = now if revision is None else revision.anchor
        planner = planner_if_any(job.schedule, anchor)
        due: list[Instant] = []
        begin = max(start, standing.set_back.until(job, revision))
        at = None if planner is None else planner.next_after(begin)
        while planner is not None and at is not None and len(due) < min(count, _MOST_NEXT):
            if job.expiry_date is not None and at >= job.expiry_date:
                break
            due.append(at)
            at = planner.next_after(at)
        return NextRuns(
            job,
            tuple(due),
            standing.view(job).schedule_refusal,
            is_estimate=isinstance(job.schedule, RecurringSchedule) and revision is None,
            clock_changes=_changes_between(job.schedule, start, due),
        )

    def obstacles(self, name: str) -> tuple[Obstacle, ...]:
        """Return why the job may not run as things stand.

        Raises:
            NotFoundError: no job has this name.
        """
        return self.get(name).obstacles

    def run(
        self,
        name: str,
        actor: Actor,
        *,
        options: Mapping[str, Any] | None = None,
        force: bool = False,
        requestid: str | None = None,
        engine_key: str = "",
    ) -> int:
        """Run a job now and return its instance id, as soon as the claim is durable.

        `options` stand over the job's own for this run. `force` starts a second run beside one that
        goes on. The same `requestid` has one effect however often it is asked. `engine_key` names
        the engine that is to run it; empty: whichever answers first.

        Raises:
            NotFoundError: no job has this name.
            JobDisabledError, GroupDisabledError, JobError: it may not run, and why.
            EngineError: no engine is alive, it is paused, or it did not answer in time.
        """
        refusal = blocking_run_now(self.get(name).obstacles, force=force)
        if refusal is not None and refusal.code != "ENGINE-ERROR":
            raise refusal.error()
        payload = {
            "job": name,
            "force": force,
            "options": None if options is None else dict(options),
        }
        answer = self._asker.ask(
            RequestKind.RUN, payload, actor, engine_key=engine_key, requestid=requestid
        )
        return answer.job_instanceid

    def run_many(
        self,
        names: Sequence[str],
        actor: Actor,
        *,
        options: Mapping[str, Any] | None = None,
        force: bool = False,
    ) -> list[Outcome]:
        """Run several jobs now, each with `options`; each outcome carries the instance id."""
        given = None if options is None else dict(options)
        return self._asker.ask_many(
            RequestKind.RUN,
            [(name, {"job": name, "force": force, "options": given}) for name in names],
            actor,
            _started,
        )

    def set_active(self, names: Sequence[str], active: bool, actor: Actor) -> list[Outcome]:
        """Throw the schedule switch. An expired job cannot be activated."""
        return self._each(names, actor, switches.activate if active else switches.deactivate)

    def set_enabled(self, names: Sequence[str], enabled: bool, actor: Actor) -> list[Outcome]:
        """Throw the operator's switch: a disabled job runs neither by schedule nor by hand."""
        return self._each(names, actor, switches.enable if enabled else switches.disable)

    def reset(self, names: Sequence[str], actor: Actor) -> list[Outcome]:
        """Have the engine take the jobs up anew, catching up what passed unaccounted."""
        return self._each(names, actor, switches.reset)

    def delete(self, names: Sequence[str], actor: Actor) -> list[Outcome]:
        """Delete jobs with their history. A job that runs is refused.

        One with a long history is retired first, and its runs go a little at a time: engines wait
        no longer than for any other change.
        """
        gone = {name: forget_history(self._context, name, actor) for name in dict.fromkeys(names)}

        def delete(change: Change, job: Job) -> str:
            return switches.delete(change, job, gone.get(job.name, 0))

        return self._each(names, actor, delete)

    def set_schedule(self, name: str, schedule: Schedule, actor: Actor) -> str:
        """Give a job another schedule; returns what was done, in words.

        Raises:
            NotFoundError, JobError: no such job, or it is retired.
        """
        return self._one(
            name, actor, lambda change, job: switches.set_schedule(change, job, schedule)
        )

    def set_expiry(self, name: str, expiry_date: Instant | None, actor: Actor) -> str:
        """Move a job's expiry date, or clear it with None.

        Raises:
            NotFoundError, JobError: no such job, or it is retired.
        """
        return self._one(
            name, actor, lambda change, job: switches.set_expiry(change, job, expiry_date)
        )

    def set_options(self, name: str, options: Mapping[str, Any], actor: Actor) -> str:
        """Change some of a job's options, the others stay; UNSET gives one back to the definition.

        Raises:
            NotFoundError, JobError: no such job, or no such option to give back.
        """
        return self._one(
            name, actor, lambda change, job: switches.set_options(change, job, options)
        )

    def set_trigger(self, name: str, at: Instant | None, actor: Actor) -> str:
        """Let a job run once earlier than its next due instant; None takes the trigger away.

        Raises:
            NotFoundError, JobError: no such job, or `at` is not between now and its next due.
        """
        return self._one(name, actor, lambda change, job: switches.set_trigger(change, job, at))

    @property
    def _key(self) -> str:
        return self._context.settings.instance_key

    def _each(
        self, names: Sequence[str], actor: Actor, act: Callable[[Change, Job], str]
    ) -> list[Outcome]:
        return self._context.each(
            names, actor, lambda change, name: act(change, jobs.get(change.tx, name))
        )

    def _one(self, name: str, actor: Actor, act: Callable[[Change, Job], str]) -> str:
        with self._context.change(actor) as change:
            return act(change, jobs.get(change.tx, name))


def _changes_between(
    schedule: Schedule, after: Instant, due: Sequence[Instant]
) -> tuple[ClockChange, ...]:
    """Return the changes of clocks that touch the runs up to the last of `due`."""
    if not due:
        return ()
    coming = clock_changes(schedule, after, _MOST_CHANGES)
    return tuple(each for each in coming if each.at <= due[-1])


def _started(answer: Answer) -> str:
    if answer.job_instanceid < 1:  # an engine that answers without one breaks the contract
        raise JobError("the engine named no instance")
    return f"runs as instance {answer.job_instanceid}"
