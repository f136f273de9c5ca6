"""The rows of the Gantt chart: past and running instances, and what is due, of each job."""

from collections.abc import Iterable, Iterator, Sequence

from app.client.forecast import MOST_OF_ONE
from app.presentation.gantt import Axis, Bar, Kind
from app.store.model import InstanceRow
from app.store.store import ConsoleStore
from engine.clock import SECOND, Instant

MOST_ROWS = 200
_LEAST = SECOND  # a run that took no time is still seen


def gantt_rows(
    instances: Iterable[InstanceRow],
    store: ConsoleStore,
    coming: Sequence[tuple[Instant, str]],
    axis: Axis,
    now: Instant,
    only: tuple[str, ...] | None,
) -> list[tuple[str, list[Bar]]]:
    """Return the jobs that have something in the window, those that run first, with their bars.

    Jobs that were asked for by name (`only`) have a row whether or not.
    """
    bars: dict[str, list[Bar]] = {name: [] for name in only or ()}
    wanted = None if only is None else set(only)
    for row in instances:
        if wanted is not None and row.name not in wanted:
            continue
        end = max(row.completed or now, row.started + _LEAST)
        if end < axis.start or row.started >= axis.end:
            continue
        kind = Kind.RUNNING if row.is_live else Kind.PAST
        status = None if row.is_live else row.status
        bars.setdefault(row.name, []).append(Bar(row.started, end, kind, status))
    for due, name in _to_the_end(coming, axis):
        if due >= axis.start and (wanted is None or name in wanted):
            job = store.job(name)
            usual = job.p50_seconds if job is not None and job.p50_seconds else 1.0
            bar = Bar(due, due + max(_LEAST, round(usual * SECOND)), Kind.COMING)
            bars.setdefault(name, []).append(bar)
    ordered = sorted(bars.items(), key=lambda item: (not _runs(item[1]), item[0]))
    return ordered[:MOST_ROWS]


def _to_the_end(coming: Sequence[tuple[Instant, str]], axis: Axis) -> Iterator[tuple[Instant, str]]:
    """Yield what is due before the axis ends; of a frequent job, the forecast has the first dues.

    A job of which as many are known as are ever asked for goes on at the distance of its last two.
    """
    dues: dict[str, list[Instant]] = {}
    for due, name in coming:
        dues.setdefault(name, []).append(due)
    least = (axis.end - axis.start) // axis.width  # nearer ones would fall into one cell
    for name, each in dues.items():
        yield from ((due, name) for due in each if due < axis.end)
        if len(each) >= MOST_OF_ONE:
            step = max(least, each[-1] - each[-2])
            yield from ((due, name) for due in range(each[-1] + step, axis.end, step))


def _runs(bars: Sequence[Bar]) -> bool:
    return any(bar.kind is Kind.RUNNING for bar in bars)
