"""The engines' lives as their store has them, and whether any had the peace to rescue another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.chaos.nemesis import OF_DATABASE, Fault
from tests.checker.rows import History
from tests.checker.violation import Violation

PEACE = 3.0  # seconds that a peer needs to see a lease of a second end, and to close what is left
_OF_ENGINES = {
    "engine killed",
    "engine handed over",
    "engine frozen for a moment",
    "engine frozen beyond its lease",
    "engine and supervisor frozen",
    "host killed",
    "host cut off from the database",
}
_LAST = {"engine killed", "engine handed over", "host killed"}  # nothing comes after it


@dataclass(frozen=True, slots=True)
class Life:
    """A session, with what the checker does not need of it."""

    sessionid: int
    key: str
    pid: int
    started: int
    ended: int | None
    status: str
    supervisor: str


def nobody_had_peace(
    each: Violation, history: History, lives: Sequence[Life], faults: Sequence[Fault]
) -> bool:
    """Whether a late rescue was late because no engine had three seconds without harm before it.

    A peer has to watch a silent session for a lease, with a database that answers, before it may
    touch it.
    """
    (one,) = [one for one in history.instances if one.job_instanceid == each.instance]
    (lost,) = [life for life in history.sessions if life.sessionid == one.sessionid]
    if one.completed is None:
        return False
    since, until = lost.beat_at / 1e6, one.completed / 1e6
    return not any(had_peace(life, since, until, PEACE, faults) for life in lives)


def had_peace(
    life: Life, since: float, until: float, seconds: float, faults: Sequence[Fault]
) -> bool:
    """Whether an engine and its database were left alone for so long at a stretch.

    `since` and `until` are seconds of the wall clock.
    """
    return any(length >= seconds for length in _quiet(life, since, until, faults))


def _quiet(life: Life, since: float, until: float, faults: Sequence[Fault]) -> Iterator[float]:
    """Yield how long an engine was left alone, again and again, together with its database."""
    begin, end = max(since, life.started / 1e6), until
    if life.ended is not None:
        end = min(end, life.ended / 1e6)
    hurts = sorted(_hurts(life, faults))
    for fault in faults:
        is_its = (fault.key, fault.pid) == (life.key, life.pid) and fault.at >= life.started
        if is_its and fault.kind in _LAST:
            end = min(end, fault.at / 1e6)
    for at, over in hurts:
        if at >= end:
            break
        yield at - begin
        begin = max(begin, over)
    yield end - begin


def _hurts(life: Life, faults: Iterable[Fault]) -> Iterator[tuple[float, float]]:
    for fault in faults:
        if fault.kind in OF_DATABASE or (fault.key == life.key and fault.kind in _OF_ENGINES):
            yield fault.at / 1e6, fault.at / 1e6 + fault.seconds
