"""Jobs: read them, and turn the switches that operators have.

`change_seq` moves with what operators and definitions change, not with `sessionid` and
`last_executed`: those follow from instances, whose own changes tell of them. A job's groups are
rows of `group_jobs`; DEFAULT holds every job and has none.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete as delete_from, select, update

from engine.clock import Instant
from engine.domain.job import Definition, Execution, Job, LibraryObject
from engine.domain.schedule import Schedule
from engine.errors import NotFoundError
from engine.persistence import removals
from engine.persistence.batches import BatchUpdate
from engine.persistence.bulk import collector_paused
from engine.persistence.job_definitions import (
    insert,
    insert_many,
    update_definition,
    update_many,
)
from engine.persistence.job_rows import (
    JOB_COLUMNS,
    NO_TAGS,
    ONLY_DEFAULT,
    definition_from_plain,
    execution_from_plain,
    job_from,
    schedule_values,
)
from engine.persistence.tables import group_jobs, groups, job_lib, job_tags, jobs
from engine.persistence.transaction import Transaction

_AT_ONCE = 5000  # ids in one query: a statement has room for 32,766 of them on SQLite

__all__ = [
    "all_jobs",
    "bump_reset",
    "definition",
    "delete",
    "disown",
    "disown_all",
    "execution",
    "get",
    "get_by_id",
    "get_many",
    "insert",
    "insert_many",
    "names",
    "own",
    "page",
    "record_executions",
    "retire",
    "set_active",
    "set_enabled",
    "set_expiry",
    "set_options",
    "set_schedule",
    "set_trigger",
    "update_definition",
    "update_many",
]

_ONE_BY_NAME = JOB_COLUMNS.where(jobs.c.name == bindparam("job_name"))
_ONE_BY_ID = JOB_COLUMNS.where(jobs.c.jobid == bindparam("job"))
_SOME = JOB_COLUMNS.where(jobs.c.jobid.in_(bindparam("jobids", expanding=True)))
_ALL = JOB_COLUMNS.order_by(jobs.c.name)
_LIVING = _ALL.where(jobs.c.retired_at.is_(None))
_PAGE = _ALL.where(jobs.c.name > bindparam("after")).limit(bindparam("many"))
_NAMES = select(jobs.c.name).order_by(jobs.c.name)
_MEMBERSHIPS = (
    select(group_jobs.c.jobid, groups.c.name)
    .join(groups, groups.c.groupid == group_jobs.c.groupid)
    .order_by(groups.c.name)
)
_TAGS = select(job_tags.c.jobid, job_tags.c.tag, job_tags.c.value)
_LIBRARY = (
    select(job_lib.c.name, job_lib.c.code)
    .where(job_lib.c.jobid == bindparam("job"))
    .order_by(job_lib.c.load_order)
)
_EXECUTION = select(jobs.c.execution, jobs.c.code).where(jobs.c.jobid == bindparam("job"))
_EXECUTIONS = select(jobs.c.jobid, jobs.c.execution, jobs.c.code).where(
    jobs.c.jobid.in_(bindparam("jobids", expanding=True))
)
_LIBRARIES = (
    select(job_lib.c.jobid, job_lib.c.name, job_lib.c.code)
    .where(job_lib.c.jobid.in_(bindparam("jobids", expanding=True)))
    .order_by(job_lib.c.jobid, job_lib.c.load_order)
)
_DEFINITION = select(jobs.c.definition, jobs.c.code).where(jobs.c.jobid == bindparam("job"))
_SWITCHES = select(jobs.c.overridden, jobs.c.options, jobs.c.definition).where(
    jobs.c.jobid == bindparam("job")
)
_TAKE_TRIGGER = (
    update(jobs)
    .where(
        jobs.c.jobid == bindparam("job"),
        jobs.c.trigger_at == bindparam("due", type_=jobs.c.trigger_at.type),
    )
    .values(trigger_at=None, change_seq=bindparam("seq"))
)
_OWN = (
    update(jobs)
    .where(jobs.c.jobid == bindparam("job"), jobs.c.sessionid.is_(None))
    .values(sessionid=bindparam("session"))
)
_DISOWN = (
    update(jobs)
    .where(jobs.c.jobid == bindparam("job"), jobs.c.sessionid == bindparam("session"))
    .values(sessionid=None)
)
_EXECUTED = BatchUpdate(
    jobs, keys=(jobs.c.jobid,), values=(jobs.c.last_executed, jobs.c.last_executed_job_instanceid)
)


def get(tx: Transaction, name: str) -> Job:
    """Return the job called `name`.

    Raises:
        NotFoundError: there is none; the nearest name is offered.
    """
    row = tx.row(_ONE_BY_NAME, {"job_name": name})
    if row is None:
        raise NotFoundError("job", name, names(tx), listing="tocsin job list")
    return _with_groups(tx, [row])[0]


def get_by_id(tx: Transaction, jobid: int) -> Job:
    """Return the job with that id.

    Raises:
        NotFoundError: there is none.
    """
    row = tx.row(_ONE_BY_ID, {"job": jobid})
    if row is None:
        raise NotFoundError("job", f"#{jobid}", listing="tocsin job list")
    return _with_groups(tx, [row])[0]


def all_jobs(tx: Transaction, *, include_retired: bool = False) -> list[Job]:
    """Return every job by name, in three queries whatever their number."""
    with collector_paused():
        rows = tx.rows(_ALL if include_retired else _LIVING)
        return _joined(rows, _grouped(tx.rows(_MEMBERSHIPS)), _tagged(tx.rows(_TAGS)))


def get_many(tx: Transaction, jobids: Sequence[int]) -> list[Job]:
    """Return the jobs with these ids, in any order; ids that are gone are left out."""
    found: list[Job] = []
    for start in range(0, len(jobids), _AT_ONCE):
        some = {"jobids": list(jobids[start : start + _AT_ONCE])}
        found += _with_groups(tx, tx.rows(_SOME, some))
    return found


def page(tx: Transaction, limit: int, after: str = "") -> list[Job]:
    """Return the next `limit` jobs by name behind `after`, retired ones too."""
    return _with_groups(tx, tx.rows(_PAGE, {"after": after, "many": limit}))


def names(tx: Transaction) -> list[str]:
    """Return the names of all jobs, retired ones too, in order."""
    return [row[0] for row in tx.rows(_NAMES)]


def execution(tx: Transaction, jobid: int) -> Execution:
    """Return how a job's code is run, with its code and library.

    Raises:
        NotFoundError: the job is gone.
    """
    row = _present(tx.row(_EXECUTION, {"job": jobid}), jobid)
    return execution_from_plain(row[0], row[1], _library(tx, jobid))


def executions(tx: Transaction, jobids: Sequence[int]) -> dict[int, Execution]:
    """Return how the code of many jobs is run, by job id; jobs that are gone are left out."""
    libraries: dict[int, list[LibraryObject]] = {}
    for jobid, name, code in tx.rows(_LIBRARIES, {"jobids": list(jobids)}):
        libraries.setdefault(jobid, []).append(LibraryObject(name, code))
    return {
        row[0]: execution_from_plain(row[1], row[2], tuple(libraries.get(row[0], ())))
        for row in tx.rows(_EXECUTIONS, {"jobids": list(jobids)})
    }


def definition(tx: Transaction, jobid: int) -> Definition:
    """Return the job's definition as it was last loaded, without what operators changed.

    Raises:
        NotFoundError: the job is gone.
    """
    row = _present(tx.row(_DEFINITION, {"job": jobid}), jobid)
    return definition_from_plain(row[0], row[1], _library(tx, jobid))


def set_schedule(
    tx: Transaction, jobid: int, schedule: Schedule, *, overridden: bool = True
) -> None:
    """Give a job another schedule."""
    _override(tx, jobid, "schedule" if overridden else "", **schedule_values(schedule))


def set_expiry(tx: Transaction, jobid: int, at: Instant | None, *, overridden: bool = True) -> None:
    """Move a job's expiry date, or clear it with None."""
    _override(tx, jobid, "expiry_date" if overridden else "", expiry_date=at)


def set_active(tx: Transaction, jobid: int, active: bool, *, overridden: bool = True) -> None:
    """Turn a job's schedule switch."""
    _override(tx, jobid, "active" if overridden else "", active=active)


def set_enabled(tx: Transaction, jobid: int, enabled: bool, *, overridden: bool = True) -> None:
    """Turn a job's operator switch; definitions want it on, so that ends the override."""
    tx.exclude_claims()
    row = _present(tx.row(_SWITCHES, {"job": jobid}), jobid)
    marked = row[0] - {"enabled"} if enabled or not overridden else row[0] | {"enabled"}
    _change(tx, jobid, enabled=enabled, overridden=marked)


def set_options(tx: Transaction, jobid: int, changes: Mapping[str, Any]) -> None:
    """Change some options; None gives one back to the definition."""
    tx.exclude_claims()
    overridden, options, loaded = _present(tx.row(_SWITCHES, {"job": jobid}), jobid)
    original = loaded["options"]
    effective = {**options, **changes}
    for key, value in changes.items():
        if value is None:
            effective.pop(key)
            if key in original:
                effective[key] = original[key]
    same = effective == original
    marked = overridden - {"options"} if same else overridden | {"options"}
    _change(tx, jobid, options=effective, overridden=marked)


def set_trigger(tx: Transaction, jobid: int, at: Instant | None) -> None:
    """Set or clear a one-shot earlier run."""
    _change(tx, jobid, trigger_at=at)


def take_trigger(tx: Transaction, jobid: int, at: Instant) -> bool:
    """Take a one-shot run off a job, to start it; False: a peer was first, or it was changed."""
    values = {"job": jobid, "due": at, "seq": tx.seq}
    return tx.execute(_TAKE_TRIGGER, values).rowcount == 1


def bump_reset(tx: Transaction, jobid: int) -> None:
    """Ask engines to start scheduling the job anew."""
    _change(tx, jobid, reset_seq=jobs.c.reset_seq + 1)


def retire(tx: Transaction, jobid: int, now: Instant) -> None:
    """Mark a job as gone from the definitions; its history stays."""
    tx.exclude_claims()
    _change(tx, jobid, retired_at=now, trigger_at=None)


def delete(tx: Transaction, jobid: int) -> None:
    """Delete a job and all its history.

    Raises:
        NotFoundError: there is none.
    """
    job = get_by_id(tx, jobid)
    tx.exclude_claims()
    tx.execute(delete_from(jobs).where(jobs.c.jobid == jobid))
    removals.add(tx, "job", jobid, job.name)


def own(tx: Transaction, jobid: int, sessionid: int) -> bool:
    """Make a session the owner of a single_instance job; False: another one is."""
    return tx.execute(_OWN, {"job": jobid, "session": sessionid}).rowcount == 1


def disown(tx: Transaction, jobids: Iterable[int], sessionid: int) -> None:
    """Free jobs that this session owns; the others are left as they are."""
    rows = [{"job": jobid, "session": sessionid} for jobid in sorted(jobids)]
    tx.execute_many(_DISOWN, rows)


def disown_all(tx: Transaction, sessionid: int) -> list[int]:
    """Free every job that a session owns, and return their ids."""
    owned = select(jobs.c.jobid).where(jobs.c.sessionid == sessionid).order_by(jobs.c.jobid)
    jobids = [row[0] for row in tx.rows(owned)]
    disown(tx, jobids, sessionid)
    return jobids


def record_executions(tx: Transaction, rows: Iterable[tuple[int, Instant, int]]) -> None:
    """Record (jobid, started, job_instanceid) of each job's last finished run."""
    latest: dict[int, tuple[Instant, int]] = {}
    for jobid, started, instance in rows:
        latest[jobid] = max(latest.get(jobid, (started, instance)), (started, instance))
    _EXECUTED.run(tx, [(*latest[jobid], jobid) for jobid in sorted(latest)])


def _override(tx: Transaction, jobid: int, attribute: str, **values: Any) -> None:
    """Set columns, and mark `attribute` as changed by an operator unless it is empty."""
    tx.exclude_claims()
    row = _present(tx.row(_SWITCHES, {"job": jobid}), jobid)
    marked = row[0] | {attribute} if attribute else row[0]
    _change(tx, jobid, overridden=marked, **values)


def _change(tx: Transaction, jobid: int, **values: Any) -> None:
    statement = update(jobs).where(jobs.c.jobid == jobid)
    result = tx.execute(statement.values(change_seq=tx.seq, **values))
    if result.rowcount == 0:
        raise NotFoundError("job", f"#{jobid}", listing="tocsin job list")


def _present(row: Any, jobid: int) -> Any:
    if row is None:
        raise NotFoundError("job", f"#{jobid}", listing="tocsin job list")
    return row


def _library(tx: Transaction, jobid: int) -> tuple[LibraryObject, ...]:
    return tuple(LibraryObject(row[0], row[1]) for row in tx.rows(_LIBRARY, {"job": jobid}))


def _with_groups(tx: Transaction, rows: Sequence[Any]) -> list[Job]:
    """Build jobs from `rows` with groups and tags read for just these."""
    jobids = [row.jobid for row in rows]
    memberships = tx.rows(_MEMBERSHIPS.where(group_jobs.c.jobid.in_(jobids)))
    tags = tx.rows(_TAGS.where(job_tags.c.jobid.in_(jobids)))
    return _joined(rows, _grouped(memberships), _tagged(tags))


def _joined(
    rows: Sequence[Any],
    groups_of: Mapping[int, tuple[str, ...]],
    tags_of: Mapping[int, Mapping[str, str]],
) -> list[Job]:
    return [
        job_from(row, groups_of.get(row[9], ONLY_DEFAULT), tags_of.get(row[9], NO_TAGS))
        for row in rows
    ]


def _grouped(rows: Iterable[Any]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for jobid, name in rows:
        found[jobid] = (*found.get(jobid, ONLY_DEFAULT), name)
    return found


def _tagged(rows: Iterable[Any]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for jobid, tag, value in rows:
        found.setdefault(jobid, {})[tag] = value
    return found
