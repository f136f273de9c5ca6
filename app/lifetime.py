"""How often a process looks for garbage: seldom for a command, as usual for what goes on."""

import gc

_MANY_OBJECTS = 500_000  # more than loading every library makes, and so much memory at most
_USUAL_OBJECTS = 700


def lives_briefly() -> None:
    """Look for garbage seldom: the process ends before it could matter."""
    gc.set_threshold(_MANY_OBJECTS)


def lives_long() -> None:
    """Look for garbage as usual: for the commands that do not end at once."""
    gc.set_threshold(_USUAL_OBJECTS)
