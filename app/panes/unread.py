"""What could not be read: since when, for it is tried on, and why; that is told once."""

from app.actions.scene import Console
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import console_words
from app.presentation.reasons import reason_of


class Unread:
    """Remembers whether the last question failed, and takes its message away once none does."""

    def __init__(self, console: Console, viewpoint: Viewpoint, what: str) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._what = what  # is read
        self._failed_at: float | None = None  # monotonic seconds; None: it did not
        self._problem = ""  # that was told

    @property
    def has_failed(self) -> bool:
        """Whether the last question failed."""
        return self._failed_at is not None

    def has_just_failed(self, rest: float) -> bool:
        """Whether it failed less than `rest` seconds ago: it is not asked again yet."""
        failed_at = self._failed_at
        return failed_at is not None and self._viewpoint.clock.monotonic() - failed_at < rest

    def forget(self) -> None:
        """Take it that nothing was asked yet; what was told stays told."""
        self._failed_at = None

    def fails(self, error: BaseException) -> None:
        """Take note that it cannot be read; say why, unless that stands there already."""
        self._failed_at = self._viewpoint.clock.monotonic()
        reason = console_words(reason_of(error), self._viewpoint.zone)
        self._tell(f"{self._what} cannot be read: {reason}")

    def is_read(self) -> None:
        """Take note that it was read."""
        self._failed_at = None
        self._tell("")

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._console.news.is_over(self._problem)
            self._problem = problem
            if problem:
                self._console.say(problem, "error")
