"""The linear twin of the console: append-only lines, numbered choices, the same actions.

For screen readers, bad links, logs of a session and TERM=dumb. It draws nothing, moves no cursor
and clears no screen; every change it tells is one line.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.config import Settings


def run(settings: "Settings", *, attach: bool = False, read_only: bool = False) -> int:
    """Talk with an operator until `quit` or the end of input; return the exit status.

    Attaches to the engine that is alive on the store; hosts one where none is, unless `attach` or
    `read_only` is set.

    Raises:
        TocsinError: the store cannot be opened.
    """
    from app.plain.main import run as talk

    return talk(settings, attach=attach, read_only=read_only)
