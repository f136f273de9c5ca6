"""Find where lines of one timer name the same instant: one start in systemd, several runs here."""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby, repeat

from engine.clock import Instant, to_text
from engine.definitions.importers.proof import end_of
from engine.definitions.importers.result import ImportedJob, ImportResult
from engine.domain.schedule import CronSchedule
from engine.domain.schedule.planner import planner_for


def note_coinciding(result: ImportResult, after: Instant, years: float = 2.0) -> None:
    """Note the timers whose lines coincide in `after < instant <= after + years`.

    Each line became a job, and each job is compared with its own line alone. A line that counts
    from a start of the unit is left out: its instants are not known beforehand.
    """
    for source, jobs in groupby(result.jobs, key=lambda job: job.source):
        timed = [job for job in jobs if isinstance(job.definition.schedule, CronSchedule)]
        first: Instant | None = None
        count, places = 0, set[int]()  # and not the instants: there may be a million
        for at, lines in _shared(timed, after, end_of(after, years)):
            first = at if first is None else first
            count += 1
            places.update(lines)
        if first is None:
            continue
        some = [timed[place] for place in sorted(places)]
        times = "once" if count == 1 else f"{count:,} times"
        names = _listed([f"'{job.definition.name}'" for job in some])
        result.note(
            some[0].line,
            f"{source}: {_listed([job.text for job in some])}: they coincide {times} in the time "
            f"that is compared, first at {to_text(first)}; jobs {names} then run side by "
            "side, where systemd starts the service once",
        )


def _shared(
    jobs: Sequence[ImportedJob], after: Instant, until: Instant
) -> Iterator[tuple[Instant, list[int]]]:
    """Yield the instants that several of `jobs` name, with the places of those."""
    if len(jobs) < 2:  # noqa: PLR2004 - one coincides with nothing
        return
    walks = [
        zip(planner_for(job.definition.schedule).between(after, until), repeat(number))
        for number, job in enumerate(jobs)
    ]
    for at, named in groupby(merge(*walks), key=lambda each: each[0]):
        lines = [number for _, number in named]
        if len(lines) > 1:
            yield at, lines


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
