"""What the engine's pane reads of the store: the account, the alerts, the sessions.

What cannot be read is asked for again every few seconds; what was read before stays until then.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from app.actions.scene import Console
from app.client.desk import Desk
from app.client.views import AlertView, LedgerView
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import console_words
from app.presentation.reasons import reason_of
from app.store.model import SessionRow

T = TypeVar("T")

_AGAIN_SECONDS = 5.0


class EngineFeed:
    """Asks for each of them; `changed` is called when one has come, or cannot be read."""

    def __init__(self, console: Console, viewpoint: Viewpoint, changed: Callable[[], None]) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._changed = changed
        self.ledger: LedgerView | None = None  # None: not read yet
        self.alerts: Sequence[AlertView] | None = None
        self.sessions: Sequence[SessionRow] | None = None
        self._problems: dict[str, str] = {}  # why each of them cannot be read
        self._failed_at = 0.0  # monotonic seconds
        self._awaited = 0  # answers

    def read_ledger(self) -> None:
        """Read the account of due instants."""

        def came(ledger: LedgerView) -> None:
            self.ledger = ledger

        self._ask("ledger", lambda desk: desk.ledger(None, None), came)

    def read_alerts(self) -> None:
        """Read what stands."""

        def came(alerts: Sequence[AlertView]) -> None:
            self.alerts = alerts

        self._ask("alerts", lambda desk: desk.alerts(), came)

    def read_sessions(self) -> None:
        """Read which engines there are and were."""

        def came(sessions: Sequence[SessionRow]) -> None:
            self.sessions = sessions

        self._ask("sessions", lambda desk: desk.sessions(), came)

    def problem(self, what: str) -> str:
        """Return why the `ledger`, the `alerts` or the `sessions` cannot be read; "": they can."""
        return self._problems.get(what, "")

    def renew(self) -> None:
        """Read again, after a while, what could not be read; a slow answer is waited for."""
        waited = self._console.clock.monotonic() - self._failed_at
        if not self._problems or self._awaited or waited < _AGAIN_SECONDS:
            return
        reads = {
            "ledger": self.read_ledger,
            "alerts": self.read_alerts,
            "sessions": self.read_sessions,
        }
        for what in tuple(self._problems):
            reads[what]()

    def _ask(self, what: str, question: Callable[[Desk], T], came: Callable[[T], None]) -> None:
        def answered(answer: T) -> None:
            self._awaited -= 1
            self._problems.pop(what, None)
            came(answer)
            self._changed()

        def failed(error: BaseException) -> None:
            self._awaited -= 1
            problem = console_words(reason_of(error), self._viewpoint.zone)
            is_told = problem in self._problems.values()
            self._problems[what] = problem
            self._failed_at = self._console.clock.monotonic()
            if not is_told:
                self._console.refused(error)
            self._changed()

        self._awaited += 1
        self._console.request(question, answered, failed=failed)
