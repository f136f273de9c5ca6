"""The loop beside the life that it turns: what wakes it, and until when."""

import os
from pathlib import Path

from engine.scheduling.loop import Loop
from engine.testing.manual import ManualEngine


def test_a_loop_that_has_ended_is_not_woken_through_a_number_that_others_got(
    tmp_path: Path,
) -> None:
    with ManualEngine(tmp_path) as engine:
        loop = Loop(engine.life)
        loop.close()
        others = [os.eventfd(0, os.EFD_NONBLOCK) for _ in range(8)]  # one has the number it had
        loop.stop(grace=0)
        loop.hand_over()
        counts = []
        for each in others:
            os.eventfd_write(each, 1)
            counts.append(os.eventfd_read(each))
            os.close(each)
    assert counts == [1] * len(others)
