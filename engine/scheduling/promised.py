"""What a turn promised whose COMMIT was sent and never answered.

Once it is known that the transaction was kept, the promise holds: what jobs and operators asked for
was done in the store, and must not be done twice there because nobody told them.
"""

from msgspec.structs import replace

from engine.errors import StoreError
from engine.persistence.failures import OutcomeUnknownError
from engine.scheduling.acting import act
from engine.scheduling.context import Context, Effects


class Promised:
    """Keeps the effects of the last turn until it is known what became of its transaction."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open: list[OutcomeUnknownError] = []  # nothing tells so far what became of these
        self._doubt: OutcomeUnknownError | None = None  # the one about the last turn
        self._effects = Effects()

    def remember(self, error: BaseException, effects: Effects) -> None:
        """Keep what a turn promised that ended with `error`, if that tells nothing of its fate."""
        if isinstance(error, OutcomeUnknownError):
            self._doubt, self._effects = error, effects

    def doubt(self, error: OutcomeUnknownError) -> None:
        """Know that nothing tells so far what became of a transaction, of a turn or another."""
        self._open.append(error)

    def settle(self) -> None:
        """Learn what became of every transaction in doubt, and do what was promised where kept.

        Raises:
            StoreError: that is not known yet, or the store is out of reach.
        """
        while self._open:
            was_kept = self._context.database.settle(self._open[0])
            if was_kept is None:
                raise StoreError("The outcome of the last transaction is not known yet.")
            doubt = self._open.pop(0)
            if was_kept:
                self._fulfil(doubt)

    def _fulfil(self, doubt: OutcomeUnknownError) -> None:
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
