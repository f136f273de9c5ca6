"""What the store has of a session and memory does not, as after a transaction that failed."""

from engine.domain.instance import Ending, Instance
from engine.domain.session import SessionStatus
from engine.persistence import instances, sessions
from engine.persistence.failures import SessionDeadError
from engine.persistence.transaction import Transaction
from engine.scheduling.context import Context, Effects
from engine.scheduling.run_rows import runs_of
from engine.scheduling.scheduler import Scheduler


def take_up(tx: Transaction, context: Context, scheduler: Scheduler, effects: Effects) -> None:
    """Find claims that are durable and were never handed over, and ends that are durable.

    Where the engine stops, the runs of those claims are asked to stop as all the others were.
    """
    held = instances.open_of_session(tx, context.session.sessionid)
    numbers = {each.job_instanceid for each in held}
    known = {n for n, run in context.running.items() if n in numbers and run.is_handed_over}
    gone = [number for number in context.running if number not in known]
    ended = instances.get_many(tx, [number for number in gone if number not in numbers])
    for number in gone:
        _forget(context, number, ended.get(number))
    lost = [each for each in held if each.job_instanceid not in known]
    runs = runs_of(tx, lost, context)
    context.running.update((run.job_instanceid, run) for run in runs)
    options = {each.job_instanceid: each.options or {} for each in lost}
    effects.submit += scheduler.programs.specs(tx, runs, options)
    if (by := scheduler.modes.stop_by) is not None:
        grace = max(by - context.clock.monotonic(), 0.0)
        effects.cancel += [(number, grace, Ending.ENGINE_STOPPED) for number in options]


def _forget(context: Context, number: int, ended: Instance | None) -> None:
    """Leave out a run; if it `ended`, what passed until then passed while it was running."""
    run = context.running.pop(number)
    entry = context.agenda.entries.get(run.job.jobid)
    if ended is not None and entry is not None:
        entry.busy_until = max(entry.busy_until, ended.completed or 0)


def left_open(tx: Transaction, sessionid: int) -> int:
    """Return how many runs a session that ends has in the store.

    Nobody else writes to it any more before the end of `tx`.

    Raises:
        SessionDeadError: it is not ACTIVE any more; another engine may have taken its place.
    """
    if sessions.hold(tx, sessionid).status is not SessionStatus.ACTIVE:
        raise SessionDeadError(sessionid)
    return len(instances.open_of_session(tx, sessionid))
