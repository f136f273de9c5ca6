"""From what a look at the store tells to the events that the console takes in."""

from app.client.rows import group_row, instance_row, job_row
from app.store.events import (
    Applied,
    Event,
    GroupsGone,
    InstancesFrom,
    JobsGone,
    SnapshotBegun,
)
from app.store.model import EngineHealth
from engine.control.watch import Portion


def events_of(portion: Portion, health: EngineHealth | None = None) -> list[Event]:
    """Return the events of `portion`; the first of a snapshot carries how things are.

    What is gone goes first: another job may have its number since, another group its name.
    """
    events: list[Event] = []
    if portion.total_jobs is not None:
        events.append(SnapshotBegun(portion.total_jobs))
    if health is not None:
        events.append(health)
    if portion.gone_jobs:
        events.append(JobsGone(tuple(portion.gone_jobs)))
    if portion.gone_groups:
        events.append(GroupsGone(tuple(portion.gone_groups)))
    events += [group_row(view) for view in portion.groups]
    events += [job_row(view) for view in portion.jobs]
    if portion.instances_from is not None:
        events.append(InstancesFrom(portion.instances_from))
    events += [instance_row(view) for view in portion.instances]
    if events:
        events.append(Applied(portion.seq))
    return events
