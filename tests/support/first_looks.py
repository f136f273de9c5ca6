"""First looks of a console, forked where many tests share a process."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from app.client.first_look import FirstLook

FirstLooks = Callable[[], FirstLook]


@pytest.fixture
def first_looks() -> Iterator[FirstLooks]:
    """Make first looks, each beside no thread of an earlier client, and end them all.

    The program makes its one before there is any: a child inherits the locks that other threads
    hold, as of SQLite, and would wait for them for ever.
    """
    made: list[FirstLook] = []

    def make() -> FirstLook:
        for thread in threading.enumerate():
            if thread.name.startswith("tocsin-"):
                thread.join(20)
        made.append(FirstLook())
        return made[-1]

    yield make
    for each in made:
        with suppress(ChildProcessError):  # it has ended, and was waited for
            if os.waitpid(each.pid, os.WNOHANG)[0] == 0:
                os.kill(each.pid, signal.SIGKILL)
                os.waitpid(each.pid, 0)
