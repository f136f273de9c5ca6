"""The state data that the state pane shows: of which job, read when they may have changed."""

from collections.abc import Callable

from app.actions.scene import Console
from app.client.views import StateView
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import console_words
from app.presentation.reasons import reason_of

REREAD_SECONDS = 2.0  # while the job runs, or where they cannot be read
_AT_REST_SECONDS = 10.0  # else: whoever edits or clears them elsewhere tells nobody


class StateFeed:
    """Reads the state data of one job at a time.

    Args:
        console: is asked.
        viewpoint: tells the time.
        came: called when they were read, with what was known of the same job before.
        failed: called where nothing is shown yet, and nothing can be read; `problem` says why.
    """

    def __init__(
        self,
        console: Console,
        viewpoint: Viewpoint,
        came: Callable[[StateView | None], None],
        failed: Callable[[], None],
    ) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._came = came
        self._failed = failed
        self._read_at = 0.0  # monotonic seconds
        self._reads = 0  # so far
        self._is_awaited = False  # the last of them was not answered yet
        self._shown_read = 0  # the one that brought what is known
        self.subject = ""  # the name of the job; "": none is chosen
        self.view: StateView | None = None  # None: not read yet
        self.problem = ""  # why they cannot be read

    def forget(self) -> None:
        """Forget what was read: another job is chosen."""
        self.view, self.problem = None, ""

    def read(self) -> None:
        """Read them anew; an answer about another job than the one chosen does not count.

        Nor does one that a later answer overtook: reads do not wait for each other.
        """
        name = self.subject
        if not name:
            return
        self._reads += 1
        number, self._is_awaited = self._reads, True

        def counts() -> bool:
            self._is_awaited &= number != self._reads
            return name == self.subject and number > self._shown_read

        def came(view: StateView) -> None:
            if counts():
                self._shown_read = number
                before, self.view, self.problem = self.view, view, ""
                self._came(before)

        def failed(error: BaseException) -> None:
            if not counts():
                return
            before = self.problem
            self.problem = console_words(reason_of(error), self._viewpoint.zone)
            if self.view is None:
                self._failed()
            elif self.problem != before:  # told once; what was read before stays in sight
                self._console.refused(error)

        self._read_at = self._viewpoint.clock.monotonic()
        self._console.request(lambda desk: desk.state(name), came, failed=failed)

    def renew(self) -> None:
        """Read anew, after a while, what a run may save, others may edit, or could not be read.

        An answer that takes longer than that is waited for.
        """
        if self._is_awaited or (self.view is not None and self._viewpoint.frozen_at is not None):
            return
        row = self._console.store.job(self.subject)
        is_moving = row is not None and bool(row.running)
        wait = REREAD_SECONDS if is_moving or self.problem else _AT_REST_SECONDS
        if self._viewpoint.clock.monotonic() - self._read_at >= wait:
            self.read()
