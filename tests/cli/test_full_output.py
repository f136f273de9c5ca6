"""An engine whose output takes nothing for a while: it goes on, and is heard again afterwards."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.engines import ROOT

DEADLINE = 30.0  # seconds: a bound for a broken test, not a wait
LARGEST = 256 << 20  # bytes of a file, far above what a store has
ENGINE = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({LARGEST}, {LARGEST}))
os.execv(sys.executable, [sys.executable, "-m", "app", "engine"])
"""


@pytest.fixture
def told(tmp_path: Path) -> Iterator[socket.socket]:
    """Where an engine tells systemd what it does, after it has said so."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(DEADLINE)
        yield listening


def await_state(told: socket.socket, state: bytes) -> None:
    """Wait until the engine tells of `state`."""
    while state not in told.recv(4096):
        pass


def test_an_output_that_was_full_is_written_on_when_there_is_room(
    home: Path, tmp_path: Path, told: socket.socket
) -> None:
    output = tmp_path / "output"
    output.touch()
    os.truncate(output, LARGEST)  # it takes no more, as on a full disk, and needs no room
    with output.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", ENGINE],
            cwd=ROOT,
            env={**os.environ, "TOCSIN_HOME": str(home), "NOTIFY_SOCKET": told.getsockname()},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.DEVNULL,
        )
    try:
        await_state(told, b"READY=1")
        os.truncate(output, 0)
        process.send_signal(signal.SIGHUP)
        await_state(told, b"READY=1")
        assert "SIGHUP: " in output.read_text()
        os.truncate(output, LARGEST)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0, "what could not be said is no failure"
    finally:
        process.kill()
        process.wait()
