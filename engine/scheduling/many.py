"""Make many long-lived objects without the garbage collector walking over them again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Hold the collector still, and afterwards leave what was made out of its rounds.

    A hundred thousand jobs are a million objects that live as long as the engine: collecting while
    they are made doubles the time of a start, and every full round later would stop the engine.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
