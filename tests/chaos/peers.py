"""Engines as processes of their own, and what can be done to them and what they started."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.execution.orphans import mark_of as mark_of_address
from engine.execution.runtime.kernel import GUARD, SUPERVISOR, is_dead, mark_of, name_of
from tests.chaos.machines import Child, Machine

_ROOT = Path(__file__).parents[2]
_READY = "SIGTERM stops it"  # the last words of an engine's greeting
STOP_SECONDS = 60.0


def boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)


@dataclass(slots=True)
class Start:
    """One start of an engine."""

    key: str
    pid: int  # as its host, and the store, have it
    at: float  # boottime


@dataclass
class Peer:
    """One engine, which may be up, frozen or down."""

    key: str
    home: Path
    url: str
    lease: float
    machine: Machine | None = None  # a host of its own
    starts: list[Start] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused_starts: int = 0
    is_frozen: bool = False
    is_leaving: bool = False  # it was told to hand over
    process: subprocess.Popen[bytes] | Child | None = None
    _seen_bytes: int = 0
    _stems: set[str] = field(default_factory=set)  # of its supervisors, also of those left behind

    @property
    def out(self) -> Path:
        return self.home.parent / f"{self.key}.out"

    @property
    def pid(self) -> int:
        """The engine's number, as its host and the store have it."""
        assert self.process is not None
        return self.process.number if isinstance(self.process, Child) else self.process.pid

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        return self.is_up and not self.is_frozen and _READY in self._said()

    def _said(self) -> str:
        with self.out.open("rb") as file:
            file.seek(self._seen_bytes)
            return file.read().decode(errors="replace")

    @property
    def command(self) -> list[str]:
        place = ["--home", str(self.home), "--db", self.url, "--instance", self.key]
        return [sys.executable, "-m", "app", *place, "engine", "--lease", f"{self.lease:g}"]

    def start(self, prefix: Sequence[str] = ()) -> None:
        """Start the engine, unless it is up; `prefix` is a command that starts it in turn."""
        if self.is_up:
            return
        self.home.mkdir(exist_ok=True, mode=0o700)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
        self._seen_bytes = self.out.stat().st_size if self.out.exists() else 0
        if self.machine is not None:
            self.out.touch()
            self.process = self.machine.start(self.command, self.out, _ROOT)
        else:
            with self.out.open("ab") as out:
                self.process = subprocess.Popen(
                    [*prefix, *self.command],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    cwd=_ROOT,
                    env=environment,
                )
        self.is_frozen = self.is_leaving = False
        self.starts.append(Start(self.key, self.pid, boottime()))

    def send(self, which: signal.Signals) -> None:
        if self.is_up and self.process is not None:
            self.process.send_signal(which)

    def kill(self) -> None:
        """Kill the engine's own process; its supervisor and runs are left as they are."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.is_frozen = False

    def lose_host(self) -> None:
        """End all that is on the engine's host at one moment."""
        if self.machine is not None:
            self.machine.die()
        self.kill()

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self) -> None:
        self.send(signal.SIGCONT)
        self.is_frozen = False

    def hand_over(self) -> None:
        self.is_leaving = True
        self.send(signal.SIGUSR1)

    def look(self) -> None:
        """Note an engine that ended though nobody told it to, and start it again."""
        if self.process is None or self.is_up or self.process.returncode == -signal.SIGKILL:
            return
        said = self._said()
        if self.is_leaving and self.process.returncode == 0:
            self.start()
            return
        if _READY in said:
            self.problems.append(f"engine {self.key} ended by itself: {said[-500:]}")
        elif "Traceback" in said or (self.process.returncode or 0) < 0:
            self.problems.append(f"engine {self.key} broke at its start: {said[-500:]}")
        else:
            self.refused_starts += 1  # told in one line why; a service manager tries again
        self.start()

    def stop(self) -> None:
        """Stop the engine cleanly, and say what was not clean."""
        if self.process is None:
            return
        self.thaw()
        self.send(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.problems.append(f"engine {self.key} did not stop: {self._said()[-500:]}")
            self.kill()
            return
        if code != 0:
            self.problems.append(f"engine {self.key} ended with {code}: {self._said()[-500:]}")

    def supervisors(self) -> list[int]:
        """Return the living supervisors of this engine's home."""
        return self._helpers(SUPERVISOR)

    def guards(self) -> list[int]:
        """Return the processes that keep the lease should a supervisor be frozen."""
        return self._helpers(GUARD)

    def _helpers(self, name: str) -> list[int]:
        self._stems |= {path.stem for path in (self.home / "run").glob("*.sock")}
        return sorted(
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdecimal()
            and name_of(int(entry.name)) == name
            and not self._stems.isdisjoint(_words(int(entry.name))[-1:])
            and not is_dead(int(entry.name))
        )

    def workers(self) -> list[int]:
        """Return the processes that run jobs, wait to run one, or descend from such."""
        return processes_of([str(path) for path in (self.home / "run").glob("*.sock")])


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def processes_of(addresses: list[str]) -> list[int]:
    """Return the processes that carry the mark of any of these supervisors."""
    marks = tuple(f"{mark_of_address(address)}:" for address in addresses)
    return sorted(
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal()
        and marks
        and (mark_of(int(entry.name)) or "").startswith(marks)
        and not is_dead(int(entry.name))
    )


def end(pid: int) -> None:
    """Kill a process that is known to be one of ours."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)


def stop(pid: int) -> Callable[[], None]:
    """Freeze a process; return what lets it go on."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return lambda: None

    def send(which: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, which)

    def thaw() -> None:
        send(signal.SIGCONT)
        os.close(handle)

    send(signal.SIGSTOP)
    return thaw
