"""Asks for lines of a log in turns, and lets what is typed meanwhile wait for them.

Each answer carries the turn that asked for it; what an older turn asked for is dropped, so that a
jump or another filter never mixes with lines that come late.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.actions.scene import Console

_ENDS = ("home", "end")


class LogTurns:
    """The requests under way for one log, and what waits for them."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.busy = ""  # what is being looked for
        self.is_extending = False  # more of what is at hand is under way
        self.is_filling = False  # a place is gone to: what is at hand will be something else
        self.is_awaiting = False  # another log is on its way
        self.is_looking = False  # a line is looked for that is gone to when it is found
        self._turn = 0
        self._next: list[Callable[[], object]] = []  # to be done there, one after the other
        self._goes_on = False  # what is asked for now is part of what was asked for before

    @property
    def is_busy(self) -> bool:
        """Whether nothing may be read that would be added to what is at hand now."""
        return self.is_extending or self.is_filling

    def expect(self, *, is_coming: bool) -> None:
        """Another log is on its way, or it is not after all; what waits from here on is for it."""
        if self.is_looking:
            self.give_up()
        self.is_awaiting = is_coming
        self._next.clear()

    # -- waiting ---------------------------------------------------------------------------------

    def when_there(self, then: Callable[[], object]) -> None:
        """Do something at a place: now, or when the one is reached that is gone to or looked for.

        Where another log is on its way, in that one.

        Until then other lines may be at hand than those that are to be shown. What waits is done
        in turn, and not at all where another place is gone to.
        """
        self._next.append(then)
        self._do_next()

    def is_for_others(self, motion: str) -> bool:
        """Whether a motion counts on lines that are on their way, not on those at hand.

        The ends of a log are gone to at once, unless another log is on its way.
        """
        return self.is_awaiting or (self.is_filling and motion not in _ENDS)

    @property
    def _is_on_its_way(self) -> bool:
        return self.is_awaiting or self.is_filling or self.is_looking

    def give_up(self) -> None:
        """Look no more for a line, and do nothing of what was to be done there."""
        self._turn += 1
        self.is_extending = self.is_looking = False
        self._next.clear()
        self.busy = ""

    def _do_next(self) -> None:
        """Do what waits, as long as no place is gone to for it."""
        with self._going_on():
            while self._next and not self._is_on_its_way:
                self._next.pop(0)()

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        """Take what is asked for meanwhile as part of what was asked for before."""
        before, self._goes_on = self._goes_on, True
        try:
            yield
        finally:
            self._goes_on = before

    # -- asking ----------------------------------------------------------------------------------

    def ask(
        self,
        walk: Callable[[], object],
        done: Callable[..., None],
        *,
        keep_turn: bool = False,
        fills: bool = False,
    ) -> None:
        """Walk on the client's thread; `done` gets what was found unless another turn began.

        What `fills` takes the place of all that is at hand: until it has come nothing is added.
        What neither does nor keeps the turn looks for a line.
        """
        if not keep_turn:
            self._turn += 1
            self.is_extending, self.is_filling, self.is_looking = False, fills, not fills
            if not self._goes_on:
                self._next.clear()
        turn = self._turn

        def settled(found: object) -> None:
            if turn != self._turn:
                return
            if not keep_turn:
                self.is_filling = self.is_looking = False
            with self._going_on():
                done(found)
            self._do_next()

        def failed(error: BaseException) -> None:
            if turn == self._turn:
                self.is_extending = self.is_filling = self.is_looking = False
                self._next.clear()
                self.busy = ""
                self.console.say(f"the log cannot be read: {error}", "error")

        self.console.request(lambda _desk: walk(), settled, failed=failed)
