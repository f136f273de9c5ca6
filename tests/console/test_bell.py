"""What ends the reader's rest: rings of any thread, and the end of a real process."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from app.client.bell import Bell
from engine.clock import SystemClock

_LONG = 30.0


@pytest.fixture
def bell() -> Iterator[Bell]:
    bell = Bell()
    yield bell
    bell.close()


def seconds_of_wait(bell: Bell) -> float:
    clock = SystemClock()
    started = clock.monotonic()
    bell.wait(_LONG)
    return clock.monotonic() - started


def ring_later(bell: Bell) -> threading.Event:
    """Ring in a moment; the event is set right before."""
    rings = threading.Event()

    def ring() -> None:
        rings.set()
        bell.ring()

    threading.Timer(0.05, ring).start()
    return rings


def test_a_ring_before_the_wait_ends_it_once(bell: Bell) -> None:
    bell.ring()
    bell.ring()
    assert seconds_of_wait(bell) < _LONG / 2
    rings = ring_later(bell)
    assert seconds_of_wait(bell) < _LONG / 2
    assert rings.is_set(), "an old ring ended the wait"


def test_the_end_of_a_watched_process_ends_the_wait_once(bell: Bell) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        bell.watch(process.pid)
        threading.Timer(0.05, process.kill).start()
        assert seconds_of_wait(bell) < _LONG / 2
        bell.watch(process.pid)
        rings = ring_later(bell)
        assert seconds_of_wait(bell) < _LONG / 2
        assert rings.is_set(), "an end that was told ended the wait"


def test_a_process_that_is_out_of_sight_is_not_watched(bell: Bell) -> None:
    bell.watch(2**22 - 1)
    bell.ring()
    assert seconds_of_wait(bell) < _LONG / 2


def test_a_ring_after_the_end_is_not_heard(bell: Bell) -> None:
    bell.close()
    bell.ring()
    bell.close()
