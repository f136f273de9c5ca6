"""When instances ran: those that began in a stretch of time, and those that reach into it.

No index tells when a run ended, and a screen cannot wait for a look at all of them. Those that
reach into a stretch are found where they are to be expected: among those that go on, as the last
one of their job before it, or among the last ones of all jobs. What is not found is a run that
thousands of others followed before the stretch, and among them a later one of the same job, which
began beside it: by force, or in another engine.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, bindparam, func, or_, select, true

from engine.clock import Instant
from engine.domain.instance import Cause, Status
from engine.persistence.instance_rows import NOT_COMPLETE
from engine.persistence.past import newest_instance
from engine.persistence.tables import job_instance as table, jobs
from engine.persistence.transaction import Transaction

_LOOKED_BACK = 5_000  # the last instances of all jobs before a stretch
_INSTANT = table.c.started.type
_SINCE = bindparam("since", type_=_INSTANT)
_SPANS = select(
    table.c.job_instanceid,
    table.c.jobid,
    table.c.jobstatus,
    table.c.cause,
    table.c.started,
    table.c.completed,
)
_BEGUN = (
    _SPANS.where(table.c.started >= _SINCE, table.c.started < bindparam("until", type_=_INSTANT))
    .order_by(table.c.started.desc(), table.c.job_instanceid.desc())
    .limit(bindparam("many"))
)
_REACH_IN = _SPANS.where(or_(table.c.completed.is_(None), table.c.completed > _SINCE))
_BEFORE = table.c.job_instanceid <= bindparam("newest")
_earlier = table.alias("earlier")
_LAST_OF_JOB = (
    select(func.max(_earlier.c.job_instanceid))
    .where(_earlier.c.jobid == jobs.c.jobid, _earlier.c.job_instanceid <= bindparam("newest"))
    .correlate(jobs)
    .scalar_subquery()
)
_LAST_OF_ALL = (
    select(table.c.job_instanceid)
    .where(_BEFORE)
    .order_by(table.c.job_instanceid.desc())
    .limit(bindparam("back"))
)
_EARLIER = (
    _REACH_IN.where(table.c.job_instanceid.in_(select(_LAST_OF_JOB).select_from(jobs))),
    _REACH_IN.where(table.c.job_instanceid.in_(_LAST_OF_ALL)),
    _SPANS.where(NOT_COMPLETE, table.c.jobstatus == Status.IN_PROGRESS, _BEFORE),
)

_LAST_ENDED = (
    select(_earlier.c.job_instanceid)
    .where(_earlier.c.jobid == jobs.c.jobid, _earlier.c.jobstatus != Status.IN_PROGRESS)
    .order_by(_earlier.c.job_instanceid.desc())
    .limit(bindparam("many"))
    .correlate(jobs)
)
_RUNS = (
    _SPANS.select_from(jobs)
    .join(table, table.c.job_instanceid.in_(_LAST_ENDED))
    .where(jobs.c.jobid.in_(bindparam("jobids", expanding=True)))
)
_each = _LAST_ENDED.lateral("each")
_RUNS_ON_SERVER = (  # which would ask it the other way of every job and instance together
    _SPANS.select_from(jobs)
    .join(_each, true())
    .join(table, table.c.job_instanceid == _each.c.job_instanceid)
    .where(jobs.c.jobid.in_(bindparam("jobids", expanding=True)))
)
_AT_ONCE = 5000  # ids in one query


class Span(Struct, frozen=True):
    """From when to when an instance ran; `completed` None: it still does."""

    job_instanceid: int
    jobid: int
    jobstatus: Status
    cause: Cause
    started: Instant
    completed: Instant | None


class Spans(Struct, frozen=True):
    """The instances of a stretch of time, the newest first."""

    found: tuple[Span, ...]
    since: Instant  # all that began from then on are among them


def between(
    tx: Transaction,
    since: Instant,
    until: Instant,
    *,
    limit: int,
    jobids: Sequence[int] | None = None,
    look_back: int = _LOOKED_BACK,
) -> Spans:
    """Return the instances that ran in `since <= at < until`, of these jobs or (None) of all.

    Of more than `limit` that began in it, the first ones are left out, as `since` of the answer
    tells. `look_back`: so many that began before it are looked at, whatever their job.
    """
    asked: dict[str, Any] = {"since": since, "until": until, "many": limit + 1}
    begun = _spans(tx, _BEGUN, asked, jobids)
    earlier: dict[int, Span] = {}
    if newest := newest_instance(tx, since - 1):
        asked = {"since": since, "newest": newest, "back": look_back}
        for query in _EARLIER:
            earlier.update((each.job_instanceid, each) for each in _spans(tx, query, asked, jobids))
    for each in begun:
        earlier.pop(each.job_instanceid, None)  # one whose clock was set
    whole = begun[limit].started + 1 if len(begun) > limit else since
    reached = sorted(earlier.values(), key=lambda each: each.job_instanceid, reverse=True)
    return Spans((*begun[:limit], *reached), whole)


def last_of_jobs(tx: Transaction, jobids: Sequence[int], many: int) -> dict[int, list[Span]]:
    """Return up to `many` last runs of each job that ended, the oldest first, by job."""
    query = _RUNS if tx.dialect == "sqlite" else _RUNS_ON_SERVER
    found: dict[int, list[Span]] = {}
    for start in range(0, len(jobids), _AT_ONCE):
        asked = {"jobids": list(jobids[start : start + _AT_ONCE]), "many": many}
        for row in tx.rows(query, asked):
            each = Span(*row)
            found.setdefault(each.jobid, []).append(each)
    for several in found.values():
        several.sort(key=lambda each: each.job_instanceid)
    return found


def _spans(
    tx: Transaction, query: Select[Any], asked: dict[str, Any], jobids: Sequence[int] | None
) -> list[Span]:
    some = query if jobids is None else query.where(table.c.jobid.in_(list(jobids)))
    return [Span(*row) for row in tx.rows(some, asked)]
