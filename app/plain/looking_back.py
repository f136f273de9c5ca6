"""Look for instances: through what runs, then through the newest, as far back as a filter takes."""

from collections.abc import Sequence

from msgspec import Struct

from app.client.rows import instance_row
from app.plain.talk import PAGE
from app.store.model import InstanceRow
from app.store.query_fields import Predicate
from app.store.store import KEPT_INSTANCES
from engine.clock import Instant
from engine.control import System
from engine.domain.instance import Status

_AT_ONCE = 500  # instances that are read at once; without a filter they are enough


class LookedBack(Struct, frozen=True):
    """The instances that were found, and how far back they were looked for."""

    rows: Sequence[InstanceRow]  # those in progress first, then the newest
    looked_at: int  # how many of the newest
    since: Instant | None  # when the oldest of these started; None: there are no older ones


def look_back(system: System, matcher: Predicate | None, job: str | None = None) -> LookedBack:
    """Return the instances of a job, or (None) of all, that a filter lets through (None: any).

    What is in progress is found whenever it started. Of the rest the newest are read, and older
    ones as long as they leave less than a page to read out, as many as the screen keeps.

    Raises:
        NotFoundError: no job is named `job`.
    """
    query = system.instances.query
    running = query(job=job, statuses=[Status.IN_PROGRESS], limit=KEPT_INSTANCES)
    found = {
        row.job_instanceid: row
        for row in map(instance_row, running)
        if matcher is None or matcher(row)
    }
    looked_at, since, before = 0, None, None
    while True:
        views = query(job=job, limit=_AT_ONCE, before_id=before)
        for row in map(instance_row, views):
            if matcher is None or matcher(row):
                found[row.job_instanceid] = row
            else:
                found.pop(row.job_instanceid, None)  # it ended meanwhile
        looked_at += len(views)
        if len(views) < _AT_ONCE:
            since = None
            break
        before, since = views[-1].instance.job_instanceid, views[-1].instance.started
        if len(found) >= PAGE or looked_at >= KEPT_INSTANCES:
            break
    rows = sorted(found.values(), key=lambda row: (not row.is_live, -row.job_instanceid))
    return LookedBack(rows, looked_at, since)
