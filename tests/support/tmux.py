"""A program in tmux, as an operator's terminal shows it: keys go in, the screen is read as text."""

import select
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence

KEYS = {
    "escape": "Escape", "enter": "Enter", "tab": "Tab", "shift+tab": "BTab", "space": "Space",
    "up": "Up", "down": "Down", "left": "Left", "right": "Right", "home": "Home", "end": "End",
    "pageup": "PPage", "pagedown": "NPage", "shift+up": "S-Up", "shift+down": "S-Down",
    "backspace": "BSpace",
}  # fmt: skip
_WHEEL = 64
_LOOK = 0.03  # seconds between two looks at the screen
_ESCAPE = 0.2  # seconds after which a lone escape is no beginning of another key


class Tmux:
    """One window of a tmux server of its own, which ends with `close`.

    Args:
        socket: the name of the server's socket.
        command: what runs in the window; the window stays when it ends.
        size: columns and rows.
    """

    def __init__(self, socket: str, command: Sequence[str], size: tuple[int, int]) -> None:
        self._socket = socket
        columns, rows = (str(each) for each in size)
        words = shlex.join(command)
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, words)
        self._tmux("set-option", "remain-on-exit", "on")

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-L", self._socket, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def press(self, *keys: str) -> None:
        """Press keys by the names that the registry of actions gives them."""
        for key in keys:
            if len(key) == 1:
                self._tmux("send-keys", "-l", key if key != ";" else "\\;")
                continue
            name = KEYS.get(key) or key.replace("ctrl+", "C-")
            self._tmux("send-keys", name.upper() if name[0] == "f" else name)
            if key == "escape":
                select.select([], [], [], _ESCAPE)

    def type(self, text: str) -> None:
        """Type a text."""
        self._tmux("send-keys", "-l", text)

    def mouse(self, button: int, x: int, y: int) -> None:
        """Press and let go a mouse button in column `x` of row `y`, 1 first; 64, 65: the wheel."""
        self._tmux("send-keys", "-l", f"\x1b[<{button};{x};{y}M")
        if button < _WHEEL:
            self._tmux("send-keys", "-l", f"\x1b[<{button};{x};{y}m")

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def screen(self) -> str:
        """What the window shows, line by line."""
        return self._tmux("capture-pane", "-p")

    @property
    def is_dead(self) -> bool:
        """Whether the program has ended."""
        return self._tmux("display-message", "-p", "#{pane_dead}").strip() == "1"

    def until(self, is_so: Callable[[str], bool], seconds: float) -> str | None:
        """Return the first screen of which `is_so` holds; None: none did within `seconds`."""
        end = time.monotonic() + seconds
        while True:
            screen = self.screen
            if is_so(screen):
                return screen
            if time.monotonic() >= end:
                return None
            select.select([], [], [], _LOOK)

    def close(self) -> None:
        """End the program and the server."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], check=False)
