"""The account of due instants of a large store, made by a process of its own.

With 100,000 jobs it takes seconds: keys would wait for it, and the memory that it takes would stay.
"""

import os
import pickle
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.clock import DAY
from engine.config import Settings
from engine.errors import EngineError

if TYPE_CHECKING:  # the screen opens sooner without the toolkit of the store
    from engine.control.system import System

_NICENESS = 5


def unexplained(system: "System") -> int:
    """Return how many due instants of the last day do not have exactly one verdict."""
    total = system.ledger.report(system.now() - DAY).total
    return total.unexplained + total.doubled + total.never_due


class AccountApart:
    """Has the store of `settings` accounted for, one process at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._is_over = False

    def count(self) -> tuple[int, float]:
        """Return what `unexplained` does, and the seconds of a processor that it took.

        Raises:
            EngineError: it could not be counted.
        """
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
        told, _ = self._process.communicate(pickle.dumps(self._settings))
        found, _, seconds = told.decode().partition(" ")
        if self._process.returncode != 0 or not seconds:
            raise EngineError("The due instants could not be counted.")
        return int(found), float(seconds)

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
    settings = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - from our own parent
    system = open_system(settings, create=False)
    sys.stdout.write(f"{unexplained(system)} {time.process_time()}")


if __name__ == "__main__":
    main()
