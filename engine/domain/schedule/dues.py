"""Which instants were due over a job's whole history of schedules.

A schedule whose time zone was withdrawn names no instant that anybody could tell. It stays in the
history all the same: what can be told is told without it, and `unplannable` tells when that is so.
"""

from collections.abc import Iterator, Sequence

from engine.clock import Instant
from engine.domain.schedule.planner import Planner, planner_if_any, why_unplannable
from engine.domain.schedule.revision import Revision
from engine.domain.schedule.zones import HORIZON


def dues(revisions: Sequence[Revision], after: Instant, until: Instant) -> Iterator[Instant]:
    """Yield every due instant of `after < due <= until`, ascending.

    Revisions of one job never overlap.
    """
    for planner, first, last in _windows(revisions, after, until):
        yield from planner.between(first, last)


def count_dues(
    revisions: Sequence[Revision], after: Instant, until: Instant
) -> tuple[Instant, Instant, int] | None:
    """Return first, last and number of the due instants in `after < due <= until`; None: no one."""
    stretches = [
        stretch
        for planner, first, last in _windows(revisions, after, until)
        if (stretch := planner.count(first, last)) is not None
    ]
    if not stretches:
        return None
    return stretches[0][0], stretches[-1][1], sum(count for _, _, count in stretches)


def next_due(revisions: Sequence[Revision], after: Instant) -> Instant | None:
    """Return the first due instant strictly after `after`; None: no revision names another one."""
    for planner, first, last in _windows(revisions, after, HORIZON):
        due = planner.next_after(first)
        if due is not None and due <= last:
            return due
    return None


def unplannable(
    revisions: Sequence[Revision], after: Instant, until: Instant
) -> list[tuple[Instant, Instant, str]]:
    """Return what of `after < due <= until` nobody can tell the due instants of, and why.

    Each as `(first, last, why)` of `first < due <= last`, ascending.
    """
    broken = [each for each in revisions if why_unplannable(each.schedule)]  # mostly there is none
    return [
        (first, last, why_unplannable(revision.schedule))
        for revision, first, last in _in_force(broken, after, until)
    ]


def window(revision: Revision) -> tuple[Instant, Instant]:
    """Return `(after, until)` of a revision, with the horizon of planning for one still in force.

    Its instants are `after < due <= until`.
    """
    until = HORIZON if revision.ended_at is None else revision.ended_at
    if revision.expires_at is not None:
        until = min(until, revision.expires_at - 1)
    return revision.began_at, until


def _windows(
    revisions: Sequence[Revision], after: Instant, until: Instant
) -> Iterator[tuple[Planner, Instant, Instant]]:
    for revision, first, last in _in_force(revisions, after, until):
        planner = planner_if_any(revision.schedule, revision.anchor)
        if planner is not None:
            yield planner, first, last


def _in_force(
    revisions: Sequence[Revision], after: Instant, until: Instant
) -> Iterator[tuple[Revision, Instant, Instant]]:
    for revision in sorted(revisions, key=lambda one: one.began_at):
        began, ended = window(revision)
        first, last = max(began, after), min(ended, until)
        if first < last:
            yield revision, first, last
