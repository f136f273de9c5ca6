"""Who changed since: readers keep a change number and ask for what has a higher one.

`current` is read before the rows and kept for the next time. On PostgreSQL a row may be seen twice
(its transaction ended out of turn), but none is ever missed.
"""

from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, exists, or_, select, tuple_

from engine.domain.group import Group
from engine.domain.instance import Instance
from engine.domain.job import Job
from engine.domain.session import Session
from engine.persistence import jobs as job_store
from engine.persistence.groups import GROUP_COLUMNS
from engine.persistence.instance_rows import INSTANCE_COLUMNS
from engine.persistence.prepared import Prepared
from engine.persistence.requests import WAITS
from engine.persistence.sessions import SESSION_COLUMNS
from engine.persistence.tables import (
    groups,
    job_instance,
    jobs,
    removals,
    requests,
    sessions,
    store_info,
)
from engine.persistence.transaction import Transaction

_SEQ: BindParameter[int] = bindparam("seq")
_CURRENT = Prepared(select(store_info.c.change_seq))
_JOBS = select(jobs.c.jobid).where(jobs.c.change_seq > _SEQ)
_GROUPS = GROUP_COLUMNS.where(groups.c.change_seq > _SEQ)
_NEWS = Prepared(
    select(
        or_(
            *(
                exists().where(changed.c.change_seq > _SEQ).select_from(changed)
                for changed in (jobs, groups, removals)
            )
        ),
        exists().where(WAITS).select_from(requests),
    )
)
_SESSIONS = SESSION_COLUMNS.where(sessions.c.change_seq > _SEQ).order_by(sessions.c.sessionid)
_INSTANCES = INSTANCE_COLUMNS.order_by(job_instance.c.change_seq, job_instance.c.job_instanceid)


class News(NamedTuple):
    """What concerns an engine."""

    changed: bool  # `jobs_since`, `groups_since` or `removals.since` would tell something
    asked: bool  # a request waits for it


def current(tx: Transaction) -> int:
    """Return the number up to which every change is visible to later statements of `tx`."""
    if tx.dialect == "postgresql":
        from engine.persistence.change_numbers import settled

        return settled(tx)
    return tx.number(_CURRENT)


def news(tx: Transaction, seq: int, engine_key: str) -> News:
    """Return whether an engine that follows the store up to `seq` has anything to see to."""
    changed, asked = tx.tuples(_NEWS, {"seq": seq, "owner": engine_key})[0]
    return News(bool(changed), bool(asked))


def jobids_since(tx: Transaction, seq: int) -> list[int]:
    """Return the ids of the jobs, retired ones too, that changed after `seq`."""
    return [row[0] for row in tx.rows(_JOBS, {"seq": seq})]


def jobs_since(tx: Transaction, seq: int) -> list[Job]:
    """Return the jobs, retired ones too, that operators or definitions changed after `seq`."""
    return job_store.get_many(tx, jobids_since(tx, seq))


def groups_since(tx: Transaction, seq: int) -> list[Group]:
    """Return the groups that changed after `seq`; what was deleted is told by `removals`."""
    return [Group(*row) for row in tx.rows(_GROUPS, {"seq": seq})]


def instances_since(
    tx: Transaction, seq: int, limit: int = 1000, after_id: int | None = None
) -> list[Instance]:
    """Return up to `limit` instances that changed after `seq`, in the order of their changes.

    Where there are `limit` of them, go on from the last one's `change_seq` and id (`after_id`);
    after the last portion keep what `current` told before the first.
    """
    query = _INSTANCES.limit(limit)
    if after_id is None:
        query = query.where(job_instance.c.change_seq > _SEQ)
    else:
        place = tuple_(job_instance.c.change_seq, job_instance.c.job_instanceid)
        query = query.where(place > tuple_(_SEQ, bindparam("after", after_id)))
    return [Instance(*row) for row in tx.rows(query, {"seq": seq})]


def sessions_since(tx: Transaction, seq: int) -> list[Session]:
    """Return the sessions that changed after `seq`; a beat is no change."""
    return [Session(*row) for row in tx.rows(_SESSIONS, {"seq": seq})]
