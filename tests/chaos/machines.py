"""Hosts of their own on one machine: each has its name, its processes, its boot and its files.

A host is a UTS, a PID and a mount namespace. What runs in it sees no process, no home and no lock
of another; with its first process all of it dies at one moment. The network is the machine's own:
what is to reach the database does so on loopback.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from engine.execution.runtime.kernel import children_of

_INIT = Path(__file__).with_name("machine_init.py")
_PATIENCE = 30.0  # seconds
_LOOK = 0.02


@cache
def namespaces() -> Sequence[str]:
    """Return the command that gives a process namespaces of its own here.

    Raises:
        RuntimeError: neither root nor a user namespace is to be had; the text says why.
    """
    words = ["unshare", "--uts", "--pid", "--mount", "--fork", "--mount-proc"]
    words.append("--kill-child=SIGKILL")
    if os.geteuid() != 0:
        words += ["--user", "--map-root-user"]
    try:
        subprocess.run([*words, "hostname", "tried"], check=True, capture_output=True, text=True)
    except OSError as error:
        raise RuntimeError(f"no hosts of their own can be made here: {error}") from error
    except subprocess.CalledProcessError as error:
        why = error.stderr.strip()
        raise RuntimeError(f"no hosts of their own can be made here: {why}") from error
    return words


class Child:
    """A process on a host, as `subprocess.Popen` shows one that is our own."""

    def __init__(self, machine: "Machine", number: int, pid: int) -> None:
        self.pid = pid  # as we see it
        self.number = number  # as its host sees it, and the store
        self.returncode: int | None = None
        self._machine = machine
        self._handle = os.pidfd_open(pid)
        self._boot = machine.boots

    def poll(self) -> int | None:
        """Return how it ended; None: it did not."""
        if self.returncode is None and select.select([self._handle], [], [], 0)[0]:
            self.returncode = self._machine.ended(self.number, self._boot)
            os.close(self._handle)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        if self.returncode is None:
            ended = select.select([self._handle], [], [], timeout)[0]
            if not ended:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, which: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, which)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@dataclass
class Machine:
    """One host, up or down."""

    name: str
    hidden: Sequence[Path]  # the folders of other hosts
    log: Path  # for what goes wrong in its first process
    chance: Random
    boots: int = 0
    problem: str = ""  # what could not be had
    _process: subprocess.Popen[bytes] | None = None
    _codes: dict[int, int] = field(default_factory=dict)  # of this boot
    _unread: bytes = b""

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def first(self) -> int:
        """The host's process 1, as we see it."""
        assert self._process is not None
        return children_of(self._process.pid)[0]

    def boot(self) -> None:
        """Start the host, unless it is up."""
        if self.is_up:
            return
        boot_id = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        words = [sys.executable, "-I", str(_INIT), self.name, boot_id, *map(str, self.hidden)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*namespaces(), *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=tempfile.gettempdir(),
                env={k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")},
            )
        self.boots += 1
        self._codes.clear()
        self._unread = b""
        self.problem = self._answer("up")["problem"]

    def start(self, argv: Sequence[str], out: Path, folder: Path) -> Child:
        """Start a program on the host."""
        self.boot()
        self._tell(json.dumps({"argv": list(argv), "out": str(out), "cwd": str(folder)}))
        number = int(self._answer("pid")["pid"])
        try:
            (pid,) = [each for each in children_of(self.first) if _number_of(each) == number]
            return Child(self, number, pid)
        finally:
            self._tell("")

    def ended(self, number: int, boot: int) -> int:
        """Return how a child ended; one that ended with its host was killed."""
        until = _PATIENCE
        while boot == self.boots and number not in self._codes and until > 0:
            if not self._read(_LOOK) and not self.is_up:
                break
            until -= _LOOK
        codes = self._codes if boot == self.boots else {}
        return codes.get(number, -signal.SIGKILL)

    def die(self) -> None:
        """End all that is on the host at one moment, as a loss of power does."""
        if self._process is None:
            return
        if self.is_up:
            first = os.pidfd_open(self.first)
            _send(first, signal.SIGKILL)
            select.select([first], [], [])  # until nothing is left on it
            os.close(first)
        self._process.communicate()
        self._process = None

    def _tell(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self, word: str) -> dict[str, str]:
        """Wait for the answer with `word` in it."""
        until = _PATIENCE
        while until > 0:
            for found in self._read(_LOOK):
                if word in found:
                    return found
            if not self.is_up:
                break
            until -= _LOOK
        raise RuntimeError(f"host {self.name} did not answer")

    def _read(self, seconds: float) -> list[dict[str, str]]:
        """Take in what the host's first process said; return what was no news of an end."""
        if self._process is None:
            return []
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        if not select.select([output], [], [], seconds)[0]:
            return []
        self._unread += os.read(output, 1 << 16)
        *lines, self._unread = self._unread.split(b"\n")
        found = [json.loads(line) for line in lines]
        self._codes.update({each["ended"]: each["code"] for each in found if "ended" in each})
        return [each for each in found if "ended" not in each]


def _send(handle: int, which: signal.Signals) -> None:
    try:
        signal.pidfd_send_signal(handle, which)
    except ProcessLookupError:
        return


def _number_of(pid: int) -> int:
    """Return a process's number in its own namespace."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == "NSpid":
            return int(rest.split()[-1])
    return 0
