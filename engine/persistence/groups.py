"""Groups and who is in them. DEFAULT holds every job by itself and has no rows of members."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete as delete_from, insert, select, update

from engine.clock import Instant
from engine.domain.group import DEFAULT_GROUP, Group
from engine.errors import GroupError, NotFoundError
from engine.persistence import removals
from engine.persistence.memberships import changed_by_operator
from engine.persistence.tables import group_jobs, groups, jobs
from engine.persistence.transaction import Transaction

GROUP_COLUMNS = select(
    groups.c.groupid,
    groups.c.name,
    groups.c.description,
    groups.c.enabled,
    groups.c.disabled_by,
    groups.c.disabled_at,
    groups.c.change_seq,
)
_ALL = GROUP_COLUMNS.order_by(groups.c.name)
_ONE = GROUP_COLUMNS.where(groups.c.name == bindparam("group_name"))
_MEMBERS = (
    select(group_jobs.c.jobid)
    .join(groups, groups.c.groupid == group_jobs.c.groupid)
    .where(groups.c.name == bindparam("group_name"))
    .order_by(group_jobs.c.jobid)
)
_AT_ONCE = 5000  # ids in one query
_THESE = select(group_jobs.c.jobid).where(
    group_jobs.c.groupid == bindparam("group"),
    group_jobs.c.jobid.in_(bindparam("jobs", expanding=True)),
)
_EVERY_JOB = select(jobs.c.jobid).order_by(jobs.c.jobid)
_MEMBERSHIPS = (
    select(group_jobs.c.jobid, groups.c.name)
    .join(groups, groups.c.groupid == group_jobs.c.groupid)
    .order_by(groups.c.name)
)
_JOIN = insert(group_jobs)
_LEAVE = delete_from(group_jobs).where(
    group_jobs.c.groupid == bindparam("group"), group_jobs.c.jobid == bindparam("job")
)


def all_groups(tx: Transaction) -> list[Group]:
    """Return every group by name."""
    return [Group(*row) for row in tx.rows(_ALL)]


def get(tx: Transaction, name: str) -> Group:
    """Return the group called `name`.

    Raises:
        NotFoundError: there is none; the nearest name is offered.
    """
    row = tx.row(_ONE, {"group_name": name})
    if row is None:
        known = [group.name for group in all_groups(tx)]
        raise NotFoundError("group", name, known, listing="tocsin group list")
    return Group(*row)


def create(tx: Transaction, name: str, description: str = "") -> Group:
    """Create an enabled group.

    Raises:
        GroupError: a group of that name exists.
    """
    tx.exclude_claims()
    if tx.row(_ONE, {"group_name": name}) is not None:
        raise GroupError(f"A group named '{name}' exists already.")
    values = {"name": name, "description": description, "enabled": True, "change_seq": tx.seq}
    tx.execute(insert(groups), values)
    return get(tx, name)


def delete(tx: Transaction, name: str) -> None:
    """Delete a group; its jobs stay.

    Raises:
        GroupError: it is DEFAULT.
        NotFoundError: there is none.
    """
    tx.exclude_claims()
    group = _changeable(tx, name, "deleted")
    left = members(tx, name)
    tx.execute(delete_from(groups).where(groups.c.groupid == group.groupid))
    changed_by_operator(tx, left)
    removals.add(tx, "group", group.groupid, name)


def set_enabled(tx: Transaction, name: str, enabled: bool, who: str, now: Instant) -> None:
    """Turn a group's switch; `who` is the operator.

    Raises:
        GroupError: it is DEFAULT.
        NotFoundError: there is none.
    """
    tx.exclude_claims()
    group = _changeable(tx, name, "disabled")
    statement = update(groups).where(groups.c.groupid == group.groupid)
    values = {
        "enabled": enabled,
        "disabled_by": "" if enabled else who,
        "disabled_at": None if enabled else now,
        "change_seq": tx.seq,
    }
    tx.execute(statement.values(**values))


def add(tx: Transaction, group: str, jobids: Sequence[int]) -> list[int]:
    """Put jobs into a group and return those that were not in it; into DEFAULT nothing can be put.

    Raises:
        NotFoundError: there is no such group.
    """
    tx.exclude_claims()
    found = get(tx, group)
    new = sorted(set(jobids) - _of_these(tx, found, jobids))
    tx.execute_many(_JOIN, [{"groupid": found.groupid, "jobid": jobid} for jobid in new])
    changed_by_operator(tx, new)
    return new


def remove(tx: Transaction, group: str, jobids: Sequence[int]) -> list[int]:
    """Take jobs out of a group and return those that were in it.

    Raises:
        GroupError: it is DEFAULT, which holds every job.
        NotFoundError: there is no such group.
    """
    tx.exclude_claims()
    found = _changeable(tx, group, "left")
    old = sorted(_of_these(tx, found, jobids))
    tx.execute_many(_LEAVE, [{"group": found.groupid, "job": jobid} for jobid in old])
    changed_by_operator(tx, old)
    return old


def members(tx: Transaction, group: str) -> list[int]:
    """Return the ids of a group's jobs, retired ones too, in order.

    Raises:
        NotFoundError: there is no such group.
    """
    if group == DEFAULT_GROUP:
        return [row[0] for row in tx.rows(_EVERY_JOB)]
    found = [row[0] for row in tx.rows(_MEMBERS, {"group_name": group})]
    if not found:
        get(tx, group)
    return found


def _of_these(tx: Transaction, group: Group, jobids: Sequence[int]) -> set[int]:
    """Return those of the jobs that are in a group, without a look at its other members."""
    if group.name == DEFAULT_GROUP:
        return set(jobids)
    found: set[int] = set()
    for start in range(0, len(jobids), _AT_ONCE):
        some = {"group": group.groupid, "jobs": list(jobids[start : start + _AT_ONCE])}
        found.update(row[0] for row in tx.rows(_THESE, some))
    return found


def memberships(tx: Transaction) -> dict[int, tuple[str, ...]]:
    """Return the groups of each job that is in more than DEFAULT, DEFAULT first."""
    found: dict[int, tuple[str, ...]] = {}
    for jobid, name in tx.rows(_MEMBERSHIPS):
        found[jobid] = (*found.get(jobid, (DEFAULT_GROUP,)), name)
    return found


def _changeable(tx: Transaction, name: str, what: str) -> Group:
    if name == DEFAULT_GROUP:
        raise GroupError(f"The group DEFAULT holds every job and cannot be {what}.")
    return get(tx, name)
