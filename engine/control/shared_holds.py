"""When the pauses of engines held a job that any of them runs: while no other one could run it.

An engine that is paused or drains stops no other one; but where none of the others was up, or all
of them were paused too, its pause is why a due instant did not run.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from engine.clock import Instant
from engine.domain.session import Session
from engine.domain.verdict import Hold

Span = tuple[Instant, Instant]


def shared_holds(
    holds: Sequence[Hold],
    sessions: Iterable[Session],
    now: Instant,
    last_sign: Callable[[Session], Instant],
) -> Iterator[Hold]:
    """Yield the parts of engines' `holds` during which no other engine could run a job.

    `last_sign` tells until when a session surely lived.
    """
    able: dict[str, list[Span]] = {}
    for each in sessions:
        able.setdefault(each.engine_key, []).append((each.started, last_sign(each)))
    for key, spans in able.items():
        able[key] = without(spans, [_span(hold, now) for hold in holds if hold.engine_key == key])
    for hold in holds:
        others = [span for key, spans in able.items() if key != hold.engine_key for span in spans]
        for since, until in without([_span(hold, now)], others):
            lasts = hold.until is None and until == now
            yield replace(hold, since=since, until=None if lasts else until)


def without(spans: Iterable[Span], cut: Iterable[Span]) -> list[Span]:
    """Return what is left of `spans` outside of all of `cut`."""
    left = list(spans)
    for since, until in cut:
        left = [
            part
            for begin, end in left
            for part in ((begin, min(end, since)), (max(begin, until), end))
            if part[0] < part[1]
        ]
    return left


def _span(hold: Hold, now: Instant) -> Span:
    return hold.since, now if hold.until is None else hold.until
