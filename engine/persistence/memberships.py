"""Which groups a job is in: as its definition wants, and as operators want it otherwise.

A load takes over what a definition says anew about a group, and keeps what operators did: a job
that they added stays in the group, one that they took out stays out, a group that they deleted is
not joined again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, delete, insert, select, update

from engine.domain.group import DEFAULT_GROUP
from engine.domain.job import Definition
from engine.persistence.tables import group_jobs, groups, jobs
from engine.persistence.transaction import Transaction

GROUPS = "groups"  # the attribute of a definition

_AMONG: BindParameter[Any] = bindparam("jobids", expanding=True)
_STANDING = (
    select(group_jobs.c.jobid, groups.c.name)
    .join(groups, groups.c.groupid == group_jobs.c.groupid)
    .where(group_jobs.c.jobid.in_(_AMONG))
)
_LOADED = select(jobs.c.jobid, jobs.c.definition).where(jobs.c.jobid.in_(_AMONG))
_MARKED = select(jobs.c.jobid, jobs.c.definition, jobs.c.overridden).where(jobs.c.jobid.in_(_AMONG))
_GROUPS = select(groups.c.name, groups.c.groupid)
_CREATE = insert(groups)
_JOIN = insert(group_jobs)
_LEAVE = delete(group_jobs).where(
    group_jobs.c.groupid == bindparam("group"), group_jobs.c.jobid == bindparam("job")
)
_STAMP = (
    update(jobs)
    .where(jobs.c.jobid == bindparam("job"))
    .values(change_seq=bindparam("seq"), overridden=bindparam("marks"))
)
_CHUNK = 1000  # ids in one query

Memberships = Mapping[int, frozenset[str]]


def join(tx: Transaction, new: Mapping[int, Definition]) -> None:
    """Put new jobs into the groups that their definitions name, which are made as needed."""
    _write(tx, {}, {jobid: named_by(definition.groups) for jobid, definition in new.items()})


def follow(
    tx: Transaction, definitions: Mapping[int, Definition], *, override: bool
) -> frozenset[int]:
    """Bring memberships in line with new definitions; return where operators' differ from those.

    To be called while the older definitions are still stored. `override` takes back what
    operators did.
    """
    standing = _standing(tx, list(definitions))
    wanted = {jobid: named_by(definition.groups) for jobid, definition in definitions.items()}
    if not override:
        differing = [jobid for jobid in wanted if wanted[jobid] != standing[jobid]]
        for jobid, plain in _rows(tx, _LOADED, differing):
            loaded, now = named_by(plain[GROUPS]), standing[jobid]
            wanted[jobid] = (wanted[jobid] | (now - loaded)) - (loaded - now)
    _write(tx, standing, wanted)
    return frozenset(
        jobid for jobid, each in definitions.items() if wanted[jobid] != named_by(each.groups)
    )


def changed_by_operator(tx: Transaction, jobids: Sequence[int]) -> None:
    """Stamp jobs whose groups an operator changed; as the definition wants them ends the mark."""
    standing = _standing(tx, jobids)
    rows = []
    for jobid, plain, overridden in _rows(tx, _MARKED, jobids):
        as_loaded = standing[jobid] == named_by(plain[GROUPS])
        marks = overridden - {GROUPS} if as_loaded else overridden | {GROUPS}
        rows.append({"job": jobid, "seq": tx.seq, "marks": marks})
    tx.execute_many(_STAMP, rows)


def named_by(names: Iterable[str]) -> frozenset[str]:
    """Return the groups that have rows of members: DEFAULT has none."""
    return frozenset(names) - {DEFAULT_GROUP}


def _standing(tx: Transaction, jobids: Sequence[int]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {jobid: set() for jobid in jobids}
    for jobid, name in _rows(tx, _STANDING, jobids):
        found[jobid].add(name)
    return {jobid: frozenset(names) for jobid, names in found.items()}


def _rows(tx: Transaction, query: Select[Any], jobids: Sequence[int]) -> Iterable[Any]:
    for start in range(0, len(jobids), _CHUNK):
        yield from tx.rows(query, {"jobids": list(jobids[start : start + _CHUNK])})


def _write(tx: Transaction, before: Memberships, after: Memberships) -> None:
    """Write what differs; what stays is not touched."""
    none: frozenset[str] = frozenset()
    joined = {jobid: names - before.get(jobid, none) for jobid, names in after.items()}
    left = {jobid: names - after[jobid] for jobid, names in before.items()}
    if not any(joined.values()) and not any(left.values()):
        return
    groupids = _groupids(tx, frozenset().union(*joined.values()))
    tx.execute_many(
        _LEAVE,
        [
            {"group": groupids[name], "job": jobid}
            for jobid, names in left.items()
            for name in sorted(names)
        ],
    )
    tx.execute_many(
        _JOIN,
        [
            {"groupid": groupids[name], "jobid": jobid}
            for jobid, names in joined.items()
            for name in sorted(names)
        ],
    )


def _groupids(tx: Transaction, wanted: frozenset[str]) -> dict[str, int]:
    """Return the ids of all groups by name, after those that are wanted and not there are made."""
    found = dict(tx.rows(_GROUPS))
    new = sorted(wanted - found.keys())
    if not new:
        return found
    tx.execute_many(_CREATE, [{"name": n, "enabled": True, "change_seq": tx.seq} for n in new])
    return dict(tx.rows(_GROUPS))
