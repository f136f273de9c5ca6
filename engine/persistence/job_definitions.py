"""Write a job's definition: new, or over an older one, keeping what operators changed."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, delete, insert as insert_into, select, update

from engine.clock import Instant
from engine.domain.job import Definition
from engine.domain.options import is_same_value
from engine.errors import NotFoundError
from engine.persistence import memberships
from engine.persistence.job_rows import definition_plain, execution_plain, schedule_values
from engine.persistence.tables import job_lib, job_tags, jobs
from engine.persistence.transaction import Transaction

_INSERT = insert_into(jobs)
_INSERT_TAGS = insert_into(job_tags)
_INSERT_LIBRARY = insert_into(job_lib)
_IDS = select(jobs.c.name, jobs.c.jobid).where(
    jobs.c.name.in_(bindparam("job_names", expanding=True))
)
_OVERRIDDEN = select(jobs.c.jobid, jobs.c.overridden).where(
    jobs.c.jobid.in_(bindparam("jobids", expanding=True))
)
_STORED_OPTIONS = select(jobs.c.options, jobs.c.definition).where(jobs.c.jobid == bindparam("job"))
_CLEAR = [delete(table).where(table.c.jobid == bindparam("job")) for table in (job_tags, job_lib)]
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
    written = {ids[definition.name]: definition for definition in definitions}
    _write_parts(tx, written)
    memberships.join(tx, written)
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
    update_many(tx, {jobid: definition}, now, override=override)


def update_many(
    tx: Transaction, definitions: Mapping[int, Definition], now: Instant, *, override: bool
) -> None:
    """Store the new definitions of many jobs by their ids, as `update_definition` does.

    Raises:
        NotFoundError: one of the jobs is gone.
    """
    tx.exclude_claims()
    changed = _overridden(tx, list(definitions))
    regrouped = memberships.follow(tx, definitions, override=override)
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}  # rows by the columns that they set
    for jobid, definition in definitions.items():
        if jobid not in changed:
            raise NotFoundError("job", definition.name, listing="tocsin job list")
        kept = frozenset() if override else changed[jobid] - {memberships.GROUPS}
        if jobid in regrouped:
            kept |= {memberships.GROUPS}
        values = _columns(tx, definition, now)
        if "options" in kept:
            values["options"] = _kept_options(tx, jobid, definition)
        row = {"retired_at": None, "enabled": True, "overridden": kept, **values}
        for attribute, columns in _KEPT.items():
            if attribute in kept:
                row = {key: value for key, value in row.items() if key not in columns}
        if not override:
            row.pop("enabled", None)
        alike.setdefault(tuple(row), []).append({"job": jobid, **_prefixed(row)})
    for names, rows in alike.items():
        tx.execute_many(_update_of(names), rows)
    for statement in _CLEAR:
        tx.execute_many(statement, [{"job": jobid} for jobid in definitions])
    _write_parts(tx, definitions)


def move_many(tx: Transaction, definitions: Mapping[int, Definition]) -> None:
    """Store where definitions stand now that changed in nothing else."""
    rows = [
        {
            "job": jobid,
            "new_source": definition.source,
            "new_source_line": definition.source_line,
            "new_definition": definition_plain(definition),
            "new_change_seq": tx.seq,
        }
        for jobid, definition in definitions.items()
    ]
    tx.execute_many(_update_of(("source", "source_line", "definition", "change_seq")), rows)


def _prefixed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return values under names that are no columns, as an UPDATE's parameters must be."""
    return {f"new_{name}": value for name, value in row.items()}


@lru_cache(maxsize=64)
def _update_of(names: tuple[str, ...]) -> Update:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(jobs).where(jobs.c.jobid == bindparam("job")).values(values)


def _overridden(tx: Transaction, jobids: Sequence[int]) -> dict[int, frozenset[str]]:
    found: dict[int, frozenset[str]] = {}
    for start in range(0, len(jobids), _CHUNK):
        rows = tx.rows(_OVERRIDDEN, {"jobids": jobids[start : start + _CHUNK]})
        found.update((row[0], row[1]) for row in rows)
    return found


def _kept_options(tx: Transaction, jobid: int, definition: Definition) -> dict[str, Any]:
    """Return the definition's options with those that operators set over them."""
    stored = tx.row(_STORED_OPTIONS, {"job": jobid})
    if stored is None:
        return dict(definition.options)
    changed = _operators_options(stored.options, stored.definition["options"])
    return {**definition.options, **changed}


def _operators_options(effective: Mapping[str, Any], loaded: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that differ from what was loaded: those are the operators'."""
    return {
        key: value
        for key, value in effective.items()
        if key not in loaded or not is_same_value(loaded[key], value)
    }


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


def _write_parts(tx: Transaction, written: Mapping[int, Definition]) -> None:
    """Write tags and library."""
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
