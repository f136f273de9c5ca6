"""Narrow rows of instances, of which very many are read: due instants, and durations."""

from collections.abc import Iterator

from sqlalchemy import bindparam, select

from engine.clock import Instant
from engine.domain.instance import Status
from engine.persistence.tables import job_instance as table
from engine.persistence.transaction import Transaction

_INSTANT = table.c.due_at.type
_ANSWERED = (
    select(table.c.jobid, table.c.engine_key, table.c.due_at, table.c.late)
    .where(
        table.c.due_at > bindparam("after", type_=_INSTANT),
        table.c.due_at <= bindparam("until", type_=_INSTANT),
        # No run begins before it is due: an index serves this one.
        table.c.started > bindparam("after", type_=_INSTANT),
    )
    .order_by(table.c.jobid, table.c.due_at)
)

_TOOK = (
    select(table.c.started, table.c.completed)
    .where(table.c.jobid == bindparam("job"), table.c.completed.is_not(None))
    .where(table.c.jobstatus != Status.CRASH)  # its end is when it was found
    .order_by(table.c.job_instanceid.desc())
)


def answered(
    tx: Transaction, after: Instant, until: Instant, jobid: int | None = None
) -> Iterator[tuple[int, str, Instant, bool]]:
    """Yield jobid, engine_key, due instant and late of instances due in `after < due <= until`.

    They come by job and due instant.
    """
    query = _ANSWERED if jobid is None else _ANSWERED.where(table.c.jobid == jobid)
    yield from tx.stream(query, {"after": after, "until": until})


def durations(tx: Transaction, jobid: int, limit: int = 20) -> list[Instant]:
    """Return how long the newest finished instances of a job took, in microseconds."""
    rows = tx.rows(_TOOK.limit(limit), {"job": jobid})
    return [row[1] - row[0] for row in rows]
