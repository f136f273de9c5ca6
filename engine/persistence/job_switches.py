"""What operators change of a job: its schedule, its switches, its options, its next run."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import UNSET
from sqlalchemy import bindparam, delete as delete_from, or_, select, update

from engine.clock import Instant
from engine.domain import options
from engine.domain.schedule import Schedule
from engine.errors import NotFoundError
from engine.persistence import removals
from engine.persistence.job_rows import schedule_plain, schedule_values
from engine.persistence.tables import jobs
from engine.persistence.transaction import Transaction

_SWITCHES = select(jobs.c.overridden, jobs.c.options, jobs.c.definition).where(
    jobs.c.jobid == bindparam("job")
)
_TAKE_TRIGGER = (
    update(jobs)
    .where(
        jobs.c.jobid == bindparam("job"),
        jobs.c.trigger_at == bindparam("due", type_=jobs.c.trigger_at.type),
        or_(~jobs.c.single_instance, jobs.c.sessionid.is_(None)),
    )
    .values(trigger_at=None, change_seq=bindparam("seq"))
)


class Mark(NamedTuple):
    """What is set: an attribute of a definition, its plain value, and whether by an operator."""

    attribute: str
    value: Any
    by_operator: bool


def set_schedule(
    tx: Transaction, jobid: int, schedule: Schedule, *, overridden: bool = True
) -> None:
    """Give a job another schedule; that of its definition ends the override."""
    mark = Mark("schedule", schedule_plain(schedule), overridden)
    _override(tx, jobid, mark, **schedule_values(schedule))


def set_expiry(tx: Transaction, jobid: int, at: Instant | None, *, overridden: bool = True) -> None:
    """Move a job's expiry date, or clear it with None; the definition's ends the override."""
    _override(tx, jobid, Mark("expiry_date", at, overridden), expiry_date=at)


def set_active(tx: Transaction, jobid: int, active: bool, *, overridden: bool = True) -> None:
    """Turn a job's schedule switch; as its definition has it, that ends the override."""
    _override(tx, jobid, Mark("active", active, overridden), active=active)


def set_enabled(tx: Transaction, jobid: int, enabled: bool, *, overridden: bool = True) -> None:
    """Turn a job's operator switch; definitions want it on, so that ends the override."""
    tx.exclude_claims()
    row = present(tx.row(_SWITCHES, {"job": jobid}), jobid)
    marked = row[0] - {"enabled"} if enabled or not overridden else row[0] | {"enabled"}
    _change(tx, jobid, enabled=enabled, overridden=marked)


def set_options(tx: Transaction, jobid: int, changes: Mapping[str, Any]) -> None:
    """Change some options; UNSET gives one back to the definition."""
    tx.exclude_claims()
    overridden, stored, loaded = present(tx.row(_SWITCHES, {"job": jobid}), jobid)
    original = loaded["options"]
    effective = {**stored, **changes}
    for key, value in changes.items():
        if value is UNSET:
            effective.pop(key)
            if key in original:
                effective[key] = original[key]
    is_same = options.are_same(effective, original)
    marked = overridden - {"options"} if is_same else overridden | {"options"}
    _change(tx, jobid, options=effective, overridden=marked)


def set_trigger(tx: Transaction, jobid: int, at: Instant | None) -> None:
    """Set or clear a one-shot earlier run."""
    _change(tx, jobid, trigger_at=at)


def take_trigger(tx: Transaction, jobid: int, at: Instant) -> bool:
    """Take a one-shot run off a job, to start it.

    False: a peer was first, it was changed, or the job may run but once and somebody runs it.
    """
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
    tx.exclude_claims()
    name = present(tx.value(select(jobs.c.name).where(jobs.c.jobid == jobid)), jobid)
    tx.execute(delete_from(jobs).where(jobs.c.jobid == jobid))
    removals.add(tx, "job", jobid, name)


def _override(tx: Transaction, jobid: int, mark: Mark, **values: Any) -> None:
    """Set columns, and keep in mind what an operator wants otherwise than the definition."""
    tx.exclude_claims()
    marked, _, loaded = present(tx.row(_SWITCHES, {"job": jobid}), jobid)
    if mark.by_operator:
        as_loaded = loaded[mark.attribute] == mark.value
        marked = marked - {mark.attribute} if as_loaded else marked | {mark.attribute}
    _change(tx, jobid, overridden=marked, **values)


def _change(tx: Transaction, jobid: int, **values: Any) -> None:
    statement = update(jobs).where(jobs.c.jobid == jobid)
    result = tx.execute(statement.values(change_seq=tx.seq, **values))
    if result.rowcount == 0:
        raise NotFoundError("job", f"#{jobid}", listing="tocsin job list")


def present(row: Any, jobid: int) -> Any:
    """Return what was found of a job.

    Raises:
        NotFoundError: it is None, for the job is gone.
    """
    if row is None:
        raise NotFoundError("job", f"#{jobid}", listing="tocsin job list")
    return row
