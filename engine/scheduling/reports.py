"""Take in what the executor tells: it waits in the inbox until the store has it."""

import contextlib

from engine.domain.eligibility import STOPPING
from engine.domain.instance import Ending
from engine.domain.run import ApiCall, Exited, Report, Started, SupervisorLost
from engine.errors import EngineError
from engine.scheduling.context import Context


def take(context: Context, report: Report) -> None:
    """Put one report where it belongs."""
    inbox = context.inbox
    match report:
        case Exited():
            inbox.exits.append(report)
        case ApiCall():
            inbox.calls.append(report)
        case Started():
            run = context.running.get(report.job_instanceid)
            if run is not None:
                run.pid, run.log_start = report.pid, report.log_start
                inbox.started.append(report)
        case SupervisorLost():
            now = context.clock.now()
            inbox.exits.extend(
                Exited(number, Ending.LOST, now, detail="its supervisor died")
                for number in report.unfinished
            )
            context.journal.write("the supervisor died", "ERROR")
            if context.mode != STOPPING:
                with contextlib.suppress(EngineError):  # tried again when a run is handed over
                    context.executor.start()
