"""A signal that ends the talk is never lost, wherever it falls."""

import os
import signal
from collections.abc import Iterator

import pytest

from app.plain.ear import FileEar
from app.plain.hang_up import HangUp, HungUpError


@pytest.fixture
def hang_up() -> Iterator[HangUp]:
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    hang_up = HangUp()
    hang_up.listen()
    yield hang_up
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_during_other_work_ends_the_next_wait(
    hang_up: HangUp, sent: signal.Signals
) -> None:
    reading, writing = os.pipe()
    try:
        signal.raise_signal(sent)  # where nothing waits it raises nothing that could be ignored
        with pytest.raises(HungUpError, match=str(int(sent))):
            FileEar(reading, hang_up).wait(None)
    finally:
        os.close(reading)
        os.close(writing)


def test_a_signal_during_a_wait_ends_it(hang_up: HangUp) -> None:
    with pytest.raises(HungUpError), hang_up.waiting():
        signal.raise_signal(signal.SIGHUP)
