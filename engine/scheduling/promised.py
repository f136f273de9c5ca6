"""What a turn promised whose COMMIT was sent and never answered.

Once it is known that the transaction was kept, the promise holds: what jobs and operators asked for
was done in the store, and must not be done twice there because nobody told them.
"""

from msgspec.structs import replace

from engine.persistence.failures import OutcomeUnknownError
from engine.scheduling.acting import act
from engine.scheduling.context import Context, Effects


class Promised:
    """Keeps the effects of the last turn until it is known what became of its transaction."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._doubt: OutcomeUnknownError | None = None
        self._effects = Effects()

    def remember(self, error: BaseException, effects: Effects) -> None:
        """Keep what a turn promised that ended with `error`, if that tells nothing of its fate."""
        if isinstance(error, OutcomeUnknownError):
            self._doubt, self._effects = error, effects

    def fulfil(self, doubt: OutcomeUnknownError) -> None:
        """Do what was promised, where the transaction of a turn ended with `doubt` and was kept.

        `Life.reload` comes next: it hands over what was claimed, and the ends come again, to be
        acknowledged. A doubt about another transaction is none about a turn.
        """
        if doubt is not self._doubt:
            return
        self._doubt = None
        context, effects = self._context, self._effects
        context.inbox.calls.clear()
        for change in effects.then:
            change()
        act(context, replace(effects, submit=[], acknowledge=[]))
