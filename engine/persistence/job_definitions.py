"""Write a job's definition: new, or over an older one, keeping what operators changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert as insert_into, select, update

from engine.clock import Instant
from engine.domain.group import DEFAULT_GROUP
from engine.domain.job import Definition
from engine.errors import NotFoundError
from engine.persistence.job_rows import definition_plain, execution_plain, schedule_values
from engine.persistence.tables import group_jobs, groups, job_lib, job_tags, jobs
from engine.persistence.transaction import Transaction

_INSERT = insert_into(jobs)
_INSERT_TAGS = insert_into(job_tags)
_INSERT_LIBRARY = insert_into(job_lib)
_INSERT_MEMBERS = insert_into(group_jobs)
_INSERT_GROUPS = insert_into(groups)
_GROUPS = select(groups.c.name, groups.c.groupid)
_IDS = select(jobs.c.name, jobs.c.jobid).where(
    jobs.c.name.in_(bindparam("job_names", expanding=True))
)
_STORED = select(jobs.c.overridden, jobs.c.options, jobs.c.definition).where(
    jobs.c.jobid == bindparam("job")
)
_CHUNK = 1000

# The columns of each attribute that operators may change; a reload leaves them where it is changed.
_SCHEDULE_COLUMNS = frozenset(
    {
        "recurring",
        "minute",
        "hour",
        "day",
        "month",
        "wday",
        "timezone",
        "dst_gap",
        "dst_overlap",
    }
)
_KEPT = {
    "schedule": _SCHEDULE_COLUMNS,
    "expiry_date": frozenset({"expiry_date"}),
    "active": frozenset({"active"}),
    "enabled": frozenset({"enabled"}),
}


def insert(tx: Transaction, definition: Definition, now: Instant) -> int:
    """Store a new job and return its id; its groups are made where they do not exist yet.

    Raises:
        ConflictError: a job of that name exists.
    """
    return insert_many(tx, [definition], now)[definition.name]


def insert_many(tx: Transaction, definitions: Sequence[Definition], now: Instant) -> dict[str, int]:
    """Store new jobs and return their ids by name."""
    tx.exclude_claims()
    first = {"enabled": True, "overridden": frozenset(), "created": now}
    rows = [{**first, **_columns(tx, definition, now)} for definition in definitions]
    tx.execute_many(_INSERT, rows)
    ids = _ids(tx, [definition.name for definition in definitions])
    _write_parts(tx, {ids[definition.name]: definition for definition in definitions})
    return ids


def update_definition(
    tx: Transaction, jobid: int, definition: Definition, now: Instant, *, override: bool
) -> None:
    """Store a job's new definition; a retired job lives again.

    What operators changed stays, unless `override`: then the definition's values come back, and
    the job is enabled.

    Raises:
        NotFoundError: the job is gone.
    """
    tx.exclude_claims()
    stored = tx.row(_STORED, {"job": jobid})
    if stored is None:
        raise NotFoundError("job", definition.name, listing="tocsin job list")
    values = {"enabled": True, "retired_at": None, **_columns(tx, definition, now)}
    overridden = frozenset() if override else stored.overridden
    for attribute, columns in _KEPT.items():
        if attribute in overridden:
            values = {key: value for key, value in values.items() if key not in columns}
    if "options" in overridden:
        changed = _operators_options(stored.options, stored.definition["options"])
        values["options"] = {**definition.options, **changed}
    if "enabled" not in overridden and not override:
        del values["enabled"]
    values["overridden"] = overridden
    tx.execute(update(jobs).where(jobs.c.jobid == jobid).values(**values))
    _clear_parts(tx, jobid)
    _write_parts(tx, {jobid: definition})


def _operators_options(effective: Mapping[str, Any], loaded: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that differ from what was loaded: those are the operators'."""
    missing = object()
    return {key: value for key, value in effective.items() if loaded.get(key, missing) != value}


def _columns(tx: Transaction, definition: Definition, now: Instant) -> dict[str, Any]:
    execution = definition.execution
    return {
        "name": definition.name,
        "version": definition.version,
        "description": definition.description,
        "author": definition.author,
        "active": definition.active,
        "run_skipped": definition.run_skipped,
        "single_instance": definition.single_instance,
        "code": execution.code,
        "expiry_date": definition.expiry_date,
        **schedule_values(definition.schedule),
        "lang": execution.lang,
        "isolation": execution.isolation,
        "timeout": execution.timeout,
        "retention": definition.retention,
        "options": dict(definition.options),
        "execution": execution_plain(execution),
        "definition": definition_plain(definition),
        "source": definition.source,
        "source_line": definition.source_line,
        "modified": now,
        "change_seq": tx.seq,
    }


def _ids(tx: Transaction, job_names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(job_names), _CHUNK):
        rows = tx.rows(_IDS, {"job_names": list(job_names[start : start + _CHUNK])})
        found.update((row[0], row[1]) for row in rows)
    return found


def _clear_parts(tx: Transaction, jobid: int) -> None:
    for table in (job_tags, job_lib, group_jobs):
        tx.execute(delete(table).where(table.c.jobid == jobid))


def _write_parts(tx: Transaction, written: Mapping[int, Definition]) -> None:
    """Write tags, library and memberships."""
    tags = [
        {"jobid": jobid, "tag": tag, "value": value}
        for jobid, definition in written.items()
        for tag, value in definition.tags.items()
    ]
    tx.execute_many(_INSERT_TAGS, tags)
    library = [
        {"jobid": jobid, "load_order": order, "name": part.name, "code": part.code}
        for jobid, definition in written.items()
        for order, part in enumerate(definition.execution.library)
    ]
    tx.execute_many(_INSERT_LIBRARY, library)
    _write_members(tx, written)


def _write_members(tx: Transaction, written: Mapping[int, Definition]) -> None:
    wanted = {name for definition in written.values() for name in definition.groups}
    wanted.discard(DEFAULT_GROUP)
    if not wanted:
        return
    groupids = {row[0]: row[1] for row in tx.rows(_GROUPS)}
    new = sorted(wanted - groupids.keys())
    if new:
        rows = [{"name": name, "enabled": True, "change_seq": tx.seq} for name in new]
        tx.execute_many(_INSERT_GROUPS, rows)
        groupids = {row[0]: row[1] for row in tx.rows(_GROUPS)}
    members = [
        {"groupid": groupids[name], "jobid": jobid}
        for jobid, definition in written.items()
        for name in dict.fromkeys(definition.groups)
        if name != DEFAULT_GROUP
    ]
    tx.execute_many(_INSERT_MEMBERS, members)
