"""A real engine in a process of its own, as `tocsin engine` runs it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PATIENCE = 30.0


@dataclass
class Serving:
    """A running `tocsin engine` and what it has printed so far."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _moved: threading.Condition = field(default_factory=threading.Condition)

    def read(self) -> None:
        """Collect lines until the output ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._moved:
                self.lines.append(line.rstrip("\n"))
                self._moved.notify_all()

    def await_line(self, part: str) -> str:
        """Return the first line that contains `part`, waiting for it."""

        def found() -> str | None:
            return next((line for line in self.lines if part in line), None)

        with self._moved:
            line = self._moved.wait_for(found, _PATIENCE)
        assert line is not None, f"no line with {part!r} in {self.lines}"
        return line

    def signal(self, number: signal.Signals) -> None:
        """Send the engine's own process a signal."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Return the exit status."""
        return self.process.wait(_PATIENCE)


@contextmanager
def serving(home: Path, *arguments: object, **environment: str) -> Iterator[Serving]:
    """Run `tocsin engine ARGUMENTS` on `home`; it has started when this yields."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "app", "engine", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    engine = Serving(process)
    reader = threading.Thread(target=engine.read)
    reader.start()
    try:
        engine.await_line("stops it")
        yield engine
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()
