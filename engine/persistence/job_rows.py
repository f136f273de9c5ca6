"""Rows of `jobs` as records of the domain, and back.

`code` and the library are columns and rows of their own, so the stored definition and execution
leave them out.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import select

from engine.domain.job import Definition, Execution, Job, LibraryObject, Limits
from engine.domain.schedule import CronSchedule, RecurringSchedule, Schedule
from engine.persistence.tables import jobs

NO_SCHEDULE = {
    "recurring": None,
    "minute": None,
    "hour": None,
    "day": None,
    "month": None,
    "wday": None,
    "dst_gap": "after",
    "dst_overlap": "first",
}
SCHEDULE_COLUMNS = (*NO_SCHEDULE, "timezone")

_SCHEDULE = (
    jobs.c.recurring,
    jobs.c.minute,
    jobs.c.hour,
    jobs.c.day,
    jobs.c.month,
    jobs.c.wday,
    jobs.c.timezone,
    jobs.c.dst_gap,
    jobs.c.dst_overlap,
)
_LIST = (
    jobs.c.jobid,
    jobs.c.name,
    jobs.c.version,
    jobs.c.description,
    jobs.c.author,
    jobs.c.run_skipped,
    jobs.c.single_instance,
    jobs.c.active,
    jobs.c.enabled,
    jobs.c.expiry_date,
    jobs.c.options,
    jobs.c.lang,
    jobs.c.isolation,
    jobs.c.timeout,
    jobs.c.retention,
    jobs.c.source,
    jobs.c.source_line,
    jobs.c.sessionid,
    jobs.c.last_executed,
    jobs.c.last_executed_job_instanceid,
    jobs.c.trigger_at,
    jobs.c.retired_at,
    jobs.c.overridden,
    jobs.c.reset_seq,
    jobs.c.change_seq,
)
JOB_COLUMNS = select(*_SCHEDULE, *_LIST)

ONLY_DEFAULT = ("DEFAULT",)
NO_TAGS: Mapping[str, str] = {}


def job_from(row: Any, groups: tuple[str, ...], tags: Mapping[str, str]) -> Job:
    """Build a job from a row of `JOB_COLUMNS`."""
    (
        recurring,
        minute,
        hour,
        day,
        month,
        wday,
        timezone,
        dst_gap,
        dst_overlap,
        jobid,
        name,
        version,
        description,
        author,
        *rest,
    ) = row
    schedule = _schedule(recurring, minute, hour, day, month, wday, timezone, dst_gap, dst_overlap)
    return Job(jobid, name, schedule, version, description, author, groups, tags, *rest)


def schedule_from(row: Any) -> Schedule:
    """Build a schedule from a row with the nine columns `recurring` to `dst_overlap`."""
    fields = (row.recurring, row.minute, row.hour, row.day, row.month, row.wday)
    return _schedule(*fields, row.timezone, row.dst_gap, row.dst_overlap)


@lru_cache(maxsize=4096)  # jobs share most schedules: 100,000 of them take 50 MB less
def _schedule(recurring: int | None, *rest: Any) -> Schedule:
    if recurring is not None:
        return RecurringSchedule(recurring, rest[5])
    return CronSchedule(*rest)


def schedule_values(schedule: Schedule) -> dict[str, Any]:
    """Return the nine columns of a schedule; setting one kind clears the other."""
    if isinstance(schedule, RecurringSchedule):
        return {**NO_SCHEDULE, "recurring": schedule.seconds, "timezone": schedule.timezone}
    return {
        "recurring": None,
        "minute": schedule.minute,
        "hour": schedule.hour,
        "day": schedule.day,
        "month": schedule.month,
        "wday": schedule.wday,
        "timezone": schedule.timezone,
        "dst_gap": schedule.dst_gap,
        "dst_overlap": schedule.dst_overlap,
    }


def schedule_plain(schedule: Schedule) -> dict[str, Any]:
    """Return a schedule as plain data."""
    return {key: value for key, value in schedule_values(schedule).items() if value is not None}


def schedule_from_plain(plain: Mapping[str, Any]) -> Schedule:
    """Build a schedule from plain data."""
    if "recurring" in plain:
        return RecurringSchedule(plain["recurring"], plain["timezone"])
    return CronSchedule(**plain)


def execution_plain(execution: Execution) -> dict[str, Any]:
    """Return an execution as plain data, without `code` and `library`."""
    return {
        "lang": execution.lang,
        "code_path": execution.code_path,
        "isolation": execution.isolation,
        "interpreter": execution.interpreter,
        "timeout": execution.timeout,
        "env": dict(execution.env),
        "cwd": execution.cwd,
        "user": execution.user,
        "limits": {key: value for key, value in asdict(execution.limits).items() if value},
    }


def execution_from_plain(
    plain: Mapping[str, Any], code: str, library: tuple[LibraryObject, ...]
) -> Execution:
    """Build an execution from plain data, with its code and library."""
    rest = {key: value for key, value in plain.items() if key != "limits"}
    return Execution(code=code, library=library, limits=Limits(**plain["limits"]), **rest)


def definition_plain(definition: Definition) -> dict[str, Any]:
    """Return a definition as plain data, without its code and library."""
    return {
        "name": definition.name,
        "schedule": schedule_plain(definition.schedule),
        "version": definition.version,
        "description": definition.description,
        "author": definition.author,
        "groups": list(definition.groups),
        "tags": dict(definition.tags),
        "run_skipped": definition.run_skipped,
        "single_instance": definition.single_instance,
        "active": definition.active,
        "expiry_date": definition.expiry_date,
        "options": dict(definition.options),
        "execution": execution_plain(definition.execution),
        "retention": definition.retention,
        "source": definition.source,
        "source_line": definition.source_line,
    }


def definition_from_plain(
    plain: Mapping[str, Any], code: str, library: tuple[LibraryObject, ...]
) -> Definition:
    """Build a definition from plain data, with its code and library."""
    values = dict(plain)
    values["schedule"] = schedule_from_plain(plain["schedule"])
    values["groups"] = tuple(plain["groups"])
    values["execution"] = execution_from_plain(plain["execution"], code, library)
    return Definition(**values)
