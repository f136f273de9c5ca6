"""Jobs: read them here; what is written about them is in modules of its own, and callable here.

`change_seq` moves with what operators and definitions change, not with `sessionid` and
`last_executed`: those follow from instances, whose own changes tell of them. A job's groups are
rows of `group_jobs`; DEFAULT holds every job and has none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from engine.domain.job import Definition, Execution, Job, LibraryObject
from engine.errors import NotFoundError
from engine.persistence.bulk import collector_paused
from engine.persistence.job_definitions import (
    insert,
    insert_many,
    move_many,
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
)
from engine.persistence.job_runs import disown, disown_all, own, record_executions
from engine.persistence.job_switches import (
    bump_reset,
    delete,
    present,
    retire,
    set_active,
    set_enabled,
    set_expiry,
    set_options,
    set_schedule,
    set_trigger,
    take_trigger,
)
from engine.persistence.tables import group_jobs, groups, job_lib, job_tags, jobs
from engine.persistence.transaction import Transaction

_AT_ONCE = 5000  # ids in one query: a statement has room for 32,766 of them on SQLite

__all__ = [
    "all_jobs",
    "bump_reset",
    "count",
    "definition",
    "delete",
    "disown",
    "disown_all",
    "execution",
    "executions",
    "get",
    "get_by_id",
    "get_many",
    "ids",
    "insert",
    "insert_many",
    "move_many",
    "names",
    "names_of",
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
    "take_trigger",
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
_NAMES_OF = select(jobs.c.jobid, jobs.c.name).where(
    jobs.c.jobid.in_(bindparam("jobids", expanding=True))
)
_IDS = select(jobs.c.jobid)
_COUNT = select(func.count()).select_from(jobs)
_COUNT_LIVING = _COUNT.where(jobs.c.retired_at.is_(None))
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


def names_of(tx: Transaction, jobids: Collection[int]) -> dict[int, str]:
    """Return the names of these jobs by id; ids that are gone are left out."""
    wanted = list(jobids)
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found.update(tx.rows(_NAMES_OF, {"jobids": wanted[start : start + _AT_ONCE]}))
    return found


def ids(tx: Transaction) -> list[int]:
    """Return the ids of all jobs, retired ones too."""
    return [row[0] for row in tx.rows(_IDS)]


def count(tx: Transaction, *, include_retired: bool = False) -> int:
    """Return how many jobs there are."""
    return int(tx.value(_COUNT if include_retired else _COUNT_LIVING))


def execution(tx: Transaction, jobid: int) -> Execution:
    """Return how a job's code is run, with its code and library.

    Raises:
        NotFoundError: the job is gone.
    """
    row = present(tx.row(_EXECUTION, {"job": jobid}), jobid)
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
    row = present(tx.row(_DEFINITION, {"job": jobid}), jobid)
    return definition_from_plain(row[0], row[1], _library(tx, jobid))


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
