"""Figures of time: next instants, counting, planning many jobs, the ledger, the forecast.

    python -m benchmarks.schedules [--jobs 10000] [--only downtime]

Processor time of one process (`time.process_time`), the best of three where a figure is short.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine.clock import DAY, MINUTE, SECOND, Instant
from engine.domain.instance import Cause, Ending, Status
from engine.domain.schedule import CronSchedule
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.planner import planner_for
from engine.domain.schedule.zones import zone
from engine.persistence import cursors, instances, jobs
from engine.persistence.cursors import Advance
from engine.persistence.instances import Claim, Finish
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every

NEW_YEAR: Instant = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z
EXPRESSIONS = (
    *("* * * * *", "*/10 * * * *", "30 2 * * *", "0 9 * * mon-fri", "0 0 1,15 * *"),
    "30 4 1,15 * fri",
)


def timed(work: Callable[[], object], repeat: int = 3) -> float:
    """Return the seconds of processor time that `work` takes at best."""
    best = float("inf")
    for _ in range(repeat):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def steps(number: int = 20_000) -> None:
    """Print the time of one step, walking a year again and again."""
    for timezone in ("UTC", "Europe/Prague"):
        for expression in EXPRESSIONS:
            planner = planner_for(parse_cron(expression, timezone))

            def walk(step: Callable[[Instant], Instant | None] = planner.next_after) -> None:
                at = NEW_YEAR
                for _ in range(number):
                    at = step(at) or NEW_YEAR
                    if at > NEW_YEAR + 365 * DAY:
                        at = NEW_YEAR

            took = timed(walk) / number * 1e6
            print(f"next_after        {took:6.2f} us  {expression:18} {timezone}")


def counting() -> None:
    """Print the time to count a million instants, and to list them."""
    planner = planner_for(parse_cron("* * * * *", "Europe/Prague"))
    window = NEW_YEAR, NEW_YEAR + 1_000_000 * MINUTE
    print(f"count a million   {timed(lambda: planner.count(*window)) * 1e6:6.0f} us")
    print(f"list a million    {timed(lambda: sum(1 for _ in planner.between(*window))):6.3f} s")


def planning(number: int = 100_000) -> None:
    """Print the time to make planners for stored schedules and to find their next instants."""
    schedules = [
        CronSchedule(
            str(n % 60), str(n // 60 % 24), str(n // 1440 % 28 + 1), "*", "*", "Asia/Tokyo"
        )
        for n in range(number)
    ]
    zone("Asia/Tokyo")
    began = time.process_time()
    for schedule in schedules:
        planner_for(schedule).next_after(NEW_YEAR)
    took = time.process_time() - began
    print(f"plan {number:,}      {took:6.3f} s  all different")
    print(
        f"clock changes     {timed(lambda: zone.__wrapped__('Europe/Prague')):6.3f} s  a zone, once"
    )


def ledger(number: int) -> None:
    """Print the time of the ledger and of the forecast over 24 hours of `number` jobs."""
    with tempfile.TemporaryDirectory() as folder:
        engine = ManualEngine(Path(folder), clock=ManualClock(NEW_YEAR)).open()
        due = fill(engine, number)
        engine.clock.advance(DAY / SECOND)
        book, foresee = engine.system.ledger, engine.system.forecast
        assert book.report().is_clean
        print(f"ledger            {timed(book.report):6.2f} s  {number:,} jobs, {due:,} due")
        print(f"ledger of a job   {timed(lambda: book.report(job='job-1')) * 1000:6.1f} ms")
        print(f"forecast          {timed(foresee.window):6.2f} s  {number:,} jobs, 24 hours")
        engine.close()
        engine.database.close()


def fill(engine: ManualEngine, number: int) -> int:
    """Let all jobs have run for a day, every hour or every ten minutes."""
    names = [f"job-{n}" for n in range(number)]
    schedules = [cron(f"{n % 60} * * * *" if n % 10 else "*/10 * * * *") for n in range(number)]
    made = [definition(*each) for each in zip(names, schedules, strict=True)]
    with engine.database.begin() as tx:
        jobs.insert_many(tx, made, NEW_YEAR)
    engine.tick()
    key, session = engine.life.context.key, engine.life.session.sessionid
    with engine.database.begin() as tx:
        stored = jobs.all_jobs(tx)
        rows = sorted(
            (due, job.jobid)
            for job in stored
            for due in planner_for(job.schedule).between(NEW_YEAR, NEW_YEAR + DAY)
        )
        ids = instances.next_ids(tx, len(rows))
        claims = [
            Claim(number, jobid, session, due, Cause.SCHEDULE, due, key)
            for number, (due, jobid) in zip(ids, rows, strict=True)
        ]
        for start in range(0, len(claims), 1000):
            some = claims[start : start + 1000]
            instances.claim_many(tx, some)
            ends = [
                Finish(
                    each.job_instanceid,
                    each.jobid,
                    Status.COMPLETE,
                    each.started + SECOND,
                    Ending.RETURNED,
                )
                for each in some
            ]
            instances.finish_many(tx, ends, session)
        cursors.advance_many(tx, [Advance(job.jobid, key, NEW_YEAR + DAY) for job in stored])
    return len(rows)


def downtime() -> None:
    """Print the time of a start after a million missed instants."""
    with tempfile.TemporaryDirectory() as folder:
        engine = ManualEngine(Path(folder), clock=ManualClock(NEW_YEAR)).open()
        for n in range(20):
            schedule = every(600) if n < 10 else cron("*/10 * * * *", "Europe/Prague")
            engine.add(definition(f"job-{n}", schedule, run_skipped=bool(n % 2)))
        engine.close()
        engine.clock.advance(365 * DAY / SECOND)
        began, clock = time.process_time(), time.perf_counter()
        engine.open()
        took, passed = time.process_time() - began, time.perf_counter() - clock
        due = engine.system.ledger.report().due
        print(
            f"start after a year {took * 1000:5.0f} ms of processor time, {passed * 1000:.0f} ms "
            f"in all: {due:,} missed instants accounted for"
        )
        engine.close()
        engine.database.close()


def main() -> None:
    """Print every figure, or one kind."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.schedules")
    parser.add_argument("--jobs", type=int, default=10_000)
    figures: dict[str, Callable[[], None]] = {
        "steps": steps,
        "counting": counting,
        "planning": planning,
        "downtime": downtime,
        "ledger": lambda: ledger(options.jobs),
    }
    parser.add_argument("--only", choices=figures, help="default: all")
    options = parser.parse_args()
    for name, measure in figures.items():
        if options.only in {None, name}:
            measure()


if __name__ == "__main__":
    main()
