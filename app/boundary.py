"""Keep a fault of ours from ending the console: told in one line, kept in a file, and on we go.

Textual ends the app at the first exception in a handler, with a traceback that shows every local
variable, data and secrets among them. The engine and its jobs must not pay for a fault in a pane.
"""

import traceback
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from engine.clock import Clock, to_iso

FILE = "console-faults.log"
_MOST_FAULTS = 50  # written by one console: a fault in a frame would repeat with every frame

W = TypeVar("W")
P = ParamSpec("P")


_Handler = Callable[Concatenate[W, P], None]


class Boundary:
    """Runs callbacks; what they raise goes to `tell` and to the file."""

    def __init__(
        self, clock: Clock, folder: Path | None, tell: Callable[[str, str], None], anew: str
    ) -> None:
        self._anew = anew  # the key that reads everything anew
        self._clock = clock
        self._folder = folder
        self._tell = tell
        self.faults: list[BaseException] = []

    def run(self, what: str, callback: Callable[[], object]) -> None:
        """Call `callback`; a fault in it is told and kept."""
        try:
            callback()
        except Exception as error:  # noqa: BLE001 - the edge of the screen's thread
            self.took(what, error)

    def took(self, what: str, error: BaseException) -> None:
        """Tell and keep a fault."""
        self.faults.append(error)
        where = self._keep(what, error)
        self._tell(f"a fault in the console ({what}): {type(error).__name__}; {where}", "error")

    def _keep(self, what: str, error: BaseException) -> str:
        if self._folder is None or len(self.faults) > _MOST_FAULTS:
            return f"{self._anew} reads everything anew"
        path = self._folder / FILE
        text = "".join(traceback.format_exception(error))
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{to_iso(self._clock.now())} {what}\n{text}\n")
        except OSError:
            return f"{self._anew} reads everything anew"
        return f"details in {path}"


def guarded(what: str) -> Callable[[_Handler[W, P]], _Handler[W, P]]:
    """Return what keeps the faults of a handler (`on_click`) inside the boundary of its console.

    Textual calls handlers of widgets by itself: nobody stands in between but this.
    """

    def guard(handler: _Handler[W, P]) -> _Handler[W, P]:
        @wraps(handler)  # Textual counts its parameters
        def run(widget: W, /, *event: P.args, **named: P.kwargs) -> None:
            boundary = getattr(getattr(widget, "app", None), "boundary", None)
            act = partial(handler, widget, *event, **named)
            if isinstance(boundary, Boundary):
                boundary.run(what, act)
            else:
                act()

        return run

    return guard
