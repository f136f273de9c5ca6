"""The filter of a table as time passes: what it lets through is asked anew where it may change."""

from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

from app.store.query import Query
from app.store.turns import NEVER, Turns
from app.store.view import TableView
from engine.clock import Instant

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class LiveFilter(Generic[K, R]):
    """Lets rows through a view; those whose time comes, with the second in which it comes."""

    def __init__(self) -> None:
        self._query = Query("")
        self._turns: Turns[K] | None = None  # None: to be made with the next second
        self._asked_at: Instant = 0  # what the clock showed last

    def use(self, query: Query, view: TableView[K, R], now: Instant) -> None:
        """Show only what `query` lets through."""
        self._query, self._turns, self._asked_at = query, None, now
        view.matches = query.matcher(now)
        view.rebuild()

    def changing(
        self, view: TableView[K, R], changed: Collection[K], gone: Collection[K], now: Instant
    ) -> None:
        """Have rows that changed asked as of `now`; the view takes them in next."""
        if self._query.until is None:
            return
        self._notice(now)
        view.matches = self._query.matcher(now)
        if self._turns is not None:
            self._turns.put(changed, view.rows, now)
            self._turns.put(gone, view.rows, now)

    def pass_time(self, view: TableView[K, R], now: Instant) -> bool:
        """Take in what comes and goes with time; True when any row may have."""
        until = self._query.until
        if until is None:
            return False
        self._notice(now)
        if self._turns is None:
            self._turns = Turns(until, view.rows, now)
            view.matches = self._query.matcher(now)
            view.rebuild()
            return True
        due = self._turns.take(now)
        if not due:
            return False
        view.matches = self._query.matcher(now)
        view.apply(due, ())
        self._turns.put(due, view.rows, now)
        return True

    def _notice(self, now: Instant) -> None:
        """Have all rows asked anew where the clock was set back: what had its turn comes again."""
        if now < self._asked_at:
            self._turns = None
        self._asked_at = now

    @property
    def still_until(self) -> Instant:
        """Until when no row comes or goes with time alone; 0: not known."""
        if self._query.until is None:
            return NEVER
        return 0 if self._turns is None else self._turns.next_at
