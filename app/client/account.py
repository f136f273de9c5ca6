"""The account of due instants of a large store, made by a process of its own.

With 100,000 jobs it takes seconds: keys would wait for it, and the memory that it takes would stay.
"""

import os
import pickle
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.clock import DAY, Instant
from engine.config import Settings
from engine.errors import EngineError

if TYPE_CHECKING:  # the screen opens sooner without the toolkit of the store
    from app.client.views import LedgerView
    from engine.control.system import System

_NICENESS = 5


def unexplained(system: "System") -> int:
    """Return how many due instants of the last day do not have exactly one verdict."""
    return ledger(system).unexplained


def ledger(
    system: "System",
    since: Instant | None = None,
    job: str | None = None,
    until: Instant | None = None,
) -> "LedgerView":
    """Return the account of due instants since then, of all jobs or of one; None: of the last day.

    `until` None is up to now.

    Raises:
        NotFoundError: no job has that name.
    """
    from app.client.records import ledger_view

    begin = system.now() - DAY if since is None else since
    return ledger_view(system.ledger.report(begin, until, job))


class AccountApart:
    """Has the store of `settings` accounted for, one process at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._counting = threading.Lock()
        self._last: LedgerView | None = None
        self._is_over = False
        self.is_wanted = False  # the store is too large to count in the console's own process

    def count(self) -> tuple[int, float]:
        """Return what `unexplained` does, and the seconds of a processor that it took.

        Raises:
            EngineError: it could not be counted.
        """
        with self._counting:
            self._last, seconds = self._ask(None, None)
            return self._last.unexplained, seconds

    def ledger(self, since: Instant | None = None, until: Instant | None = None) -> "LedgerView":
        """Return the account since then; None: the last one of a day, which tells its own age.

        `until` None is up to now.

        Raises:
            EngineError: it could not be counted.
        """
        with self._counting:
            if since is not None:
                return self._ask(since, until)[0]
            if self._last is None:
                self._last, _ = self._ask(None, None)
            return self._last

    def _ask(self, since: Instant | None, until: Instant | None) -> "tuple[LedgerView, float]":
        # Not from where we stand (-P): there may be another package called `app`.
        command = [sys.executable, "-P", "-m", __name__]
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self._is_over:
            self._process.kill()
        told, _ = self._process.communicate(pickle.dumps((self._settings, since, until)))
        if self._process.returncode != 0:
            raise EngineError("The due instants could not be counted.")
        view, seconds = pickle.loads(told)  # noqa: S301 - from our own child
        return view, seconds

    def end(self) -> None:
        """Count no more: the console is left."""
        self._is_over = True
        if self._process is not None:
            with suppress(OSError):
                self._process.kill()


def main() -> None:
    """Be that process."""
    from engine.control.system import open_system

    os.nice(_NICENESS)
    settings, since, until = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - from our own parent
    view = ledger(open_system(settings, create=False), since, until=until)
    sys.stdout.buffer.write(pickle.dumps((view, time.process_time())))


if __name__ == "__main__":
    main()
