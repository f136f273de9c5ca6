"""A moment of a scripted world's past: its instances as they were, its switches as they are."""

from msgspec.structs import replace

from app.client.views import PastView
from app.store.events import SnapshotBegun, SnapshotDone
from app.store.model import InstanceRow, JobRow
from app.testing.world import ScriptedWorld, group_row
from engine.clock import SECOND, Instant


def past_of(world: ScriptedWorld, at: Instant) -> PastView:
    """Return what a console that had been there at `at` would know."""
    rows = [row.as_of(at) for row in world.instances.values() if row.started <= at]
    health = replace(world.health(), seen_at=at)
    return PastView(
        at,
        (
            SnapshotBegun(len(world.jobs)),
            health,
            *(group_row(group) for group in world.groups.values()),
            *(_job(world.row(name), rows) for name in world.jobs),
            *rows,
            SnapshotDone(),
        ),
        health.sessions,
    )


def _job(row: JobRow, instances: list[InstanceRow]) -> JobRow:
    mine = [each for each in instances if each.name == row.name]
    live = [each for each in mine if each.is_live]
    ended = max(
        (each for each in mine if not each.is_live),
        key=lambda each: each.job_instanceid,
        default=None,
    )
    row = replace(
        row,
        running=tuple(each.job_instanceid for each in live),
        running_since=min((each.started for each in live), default=None),
    )
    if ended is None or ended.completed is None:
        return row
    return replace(
        row,
        last_at=ended.started,
        last_status=ended.status,
        last_instanceid=ended.job_instanceid,
        last_seconds=(ended.completed - ended.started) / SECOND,
    )
