"""What all runs share: reactor, logs, exit records, and the line to the engine, if any."""

from __future__ import annotations

import os

from .capture import Capture
from .exit_file import ExitFile
from .log_file import LogFiles
from .plain import dumps
from .reactor import Reactor
from .run import Run, Surroundings
from .strays import Strays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .frames import LineSocket
    from .lease import Lease


class House(Surroundings):
    """Shared by every run of one supervisor; built when the first engine has configured it."""

    def __init__(self, reactor: Reactor, settings: dict[str, Any], lease: Lease) -> None:
        self.reactor = reactor
        self.settings = settings
        self.lease = lease
        self.runs: dict[int, Run] = {}
        self.engine: LineSocket | None = None
        self.exits = ExitFile(settings["exits"])
        self.strays = Strays(settings["mark"])
        self.tools: dict[str, str] = {}  # environment by which commands of a job reach us
        self._logs = LogFiles(settings["log_size"], settings["log_generations"])
        self.is_untidy = False  # a process ended that may have left others behind
        self._calls = 0

    def mark(self, name: int | str) -> str:
        """Return the mark of the processes of a run, or of a pool's worker."""
        return f"{self.settings['mark']}:{name}"

    def capture_for(self, run: Run) -> Capture:
        """Return where a run's output goes."""
        log = self._logs.take(run.header["log"])
        return Capture(run.number, log, self.settings["log_head"], self.settings["log_tail"])

    def next_call(self) -> int:
        """Return a number for an API call."""
        self._calls += 1
        return self._calls

    def ended(self, run: Run, record: bytes) -> None:
        """Take a run's end; the engine hears of it once it is on disk."""
        self.runs.pop(run.number, None)
        self.is_untidy = True
        self.exits.add(run.number, record)
        if run.capture is not None:
            self._logs.release(run.capture.log)

    def tell(self, message: list[Any]) -> None:
        """Tell the engine, if one is there; who tells keeps what must not be lost."""
        if self.engine is not None:
            self.engine.queue(dumps(message) + b"\n")

    def tell_ends(self) -> None:
        """Put the latest ends on disk, then tell them."""
        records = self.exits.sync()
        if records and self.engine is not None:
            self.engine.queue(b'["exited",' + b",".join(records) + b"]\n")

    def close(self) -> None:
        """Leave no file behind that nobody needs."""
        self.exits.remove()
        try:
            os.unlink(self.settings["socket"])
            if not os.stat(self.settings["error_log"]).st_size:
                os.unlink(self.settings["error_log"])
        except OSError:
            return
