"""Do what a turn promised, now that its transaction is durable."""

from engine.domain.instance import Ending
from engine.domain.run import Exited
from engine.errors import EngineError
from engine.scheduling.context import Context, Effects


def act(context: Context, effects: Effects) -> None:
    """Do what is promised: answers first, for what is not answered is asked of the next engine."""
    executor = context.executor
    for reply in effects.replies:
        executor.reply(*reply)
    if effects.submit:
        for spec in effects.submit:
            if (run := context.running.get(spec.job_instanceid)) is not None:
                run.is_handed_over = True
        try:
            executor.submit(effects.submit)
        except EngineError as error:
            _could_not_start(context, effects, error)
    for number in effects.ask:
        executor.ask(number)
    for number, grace, ending in effects.cancel:
        executor.cancel(number, grace, ending=ending)
    for number in effects.kill:
        executor.kill(number)
    if effects.acknowledge:
        executor.acknowledge(effects.acknowledge)
    context.journal.write_all(effects.engine_lines)
    context.bus.publish(effects.events)


def _could_not_start(context: Context, effects: Effects, error: EngineError) -> None:
    now = context.clock.now()
    context.inbox.exits.extend(
        Exited(
            spec.job_instanceid,
            Ending.START_FAILED,
            now,
            detail=error.message,
            began=False,
        )
        for spec in effects.submit
    )
