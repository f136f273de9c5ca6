"""When a console looks for garbage: not before all was read once, and then seldom."""

import gc

_THRESHOLDS = (5000, 20, 100)  # made between two looks at the young, the older, the old


class Garbage:
    """The collector of a process that was started with it switched off."""

    def __init__(self) -> None:
        self._waits = not gc.isenabled()

    def may_be_collected(self) -> None:
        """Look for garbage from now on, but seldom among what stays: a key never waits for that.

        Once: the client's thread pauses the collector now and then, and what is frozen then is
        never given back.
        """
        if self._waits:
            self._waits = False
            gc.freeze()
            gc.set_threshold(*_THRESHOLDS)
            gc.enable()
