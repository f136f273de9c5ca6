"""Wait until a console has nothing left to do, whatever time that takes.

Textual's own pause looks at the processor time that the process was given: that takes long on an
idle machine, and on a busy one it takes a process that waits for its turn as one that is done.
"""

import asyncio
from typing import Any

from textual.app import App
from textual.screen import Screen

_MOST_TURNS = 100_000


async def at_rest(app: App[Any]) -> None:
    """Let the loop run until nothing is left that could run now, and every frame is painted.

    Raises:
        AssertionError: it never comes to rest.
    """
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # noqa: SLF001
    for _ in range(_MOST_TURNS):
        await asyncio.sleep(0)
        if ready:
            continue
        if not app.is_running or not _paint(app.screen):
            return
    message = "the console does not come to rest"
    raise AssertionError(message)


def _paint(screen: Screen[Any]) -> bool:
    """Do now what `screen` would do with its next frame; False where it has nothing to do."""
    if not (
        screen._layout_required  # noqa: SLF001
        or screen._scroll_required  # noqa: SLF001
        or screen._repaint_required  # noqa: SLF001
        or screen._recompose_required  # noqa: SLF001
        or screen._dirty_widgets  # noqa: SLF001
        or screen._callbacks  # noqa: SLF001
    ):
        return False
    screen._on_timer_update()  # noqa: SLF001
    return True
