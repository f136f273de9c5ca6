"""Which log is opened where none is in sight: the one that was left, else the engine's.

One that cannot be opened is asked for again every few seconds, until it or another one is there.
"""

from collections.abc import Callable
from functools import partial

from app.actions.log_subject import ENGINE
from app.actions.scene import Console
from app.panes.log_words import unread_words
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import console_words
from app.presentation.reasons import reason_of
from app.store.log_stretch import WHOLE, Stretch
from engine.errors import NotFoundError

Place = tuple[str, int | None, Stretch]  # subject, where in its log, and what of it

_AGAIN_SECONDS = 5.0


class FirstLog:
    """Keeps what is to be opened, and why it could not be."""

    def __init__(
        self, console: Console, viewpoint: Viewpoint, show: Callable[[Place], None]
    ) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._show = show
        self._again: Callable[[], None] | None = None  # asks for all that was asked for
        self._failed_at = 0.0  # monotonic seconds
        self._is_opening = False
        self._is_by_itself = False  # nobody asked for it now: the same reason is told once
        self.left: Place | None = None  # None: nothing but the engine's is known of
        self.problem = ""  # why it cannot be opened

    @property
    def words(self) -> str:
        """What stands where its lines will."""
        return unread_words(self.problem) or "reading ..."

    @property
    def subject(self) -> str:
        """Whose log it is."""
        return ENGINE if self.left is None else self.left[0]

    def leave(self, place: Place) -> None:
        """Take in which log it is, and where."""
        self.left, self._again = place, None

    def open(self) -> None:
        """Ask for it; that it cannot be opened is told where the reason is another than before."""
        self._is_opening = True
        show = partial(self._show, self.left or (ENGINE, None, WHOLE))
        (self._again or show)()
        self._is_opening = False

    def asked(self) -> None:
        """Take in that a log was asked for, here or by hand."""
        self._is_by_itself = self._is_opening
        if not self._is_opening:
            self.problem = ""

    def opened(self) -> None:
        """Take in that a log is there."""
        self.left, self._again, self.problem = None, None, ""

    def failed(self, error: BaseException, place: Place, again: Callable[[], None]) -> None:
        """Tell why a log cannot be opened: one that is there is the first one from here on.

        One that is gone gives way at once: to another that was left, or to the engine's.
        """
        before = self.problem
        self.problem = console_words(reason_of(error), self._viewpoint.zone)
        self._failed_at = self._console.clock.monotonic()
        if not (self._is_by_itself and self.problem == before):
            self._console.refused(error)
        if not isinstance(error, NotFoundError):
            self.left, self._again = place, again
            return
        if self.subject == place[0]:
            self.left = self._again = None
        self.open()

    def second(self) -> None:
        """A second passed, and no log is in sight or on its way: ask again for one that is left."""
        waited = self._console.clock.monotonic() - self._failed_at
        if self.problem and self.left is not None and waited >= _AGAIN_SECONDS:
            self.open()
