"""What the console does outside of its screen: clipboard, editor, shell, files."""

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual.app import App

from app.presentation.quantities import counted

_MOST_COPIED = 74_000  # bytes: what terminals take by OSC 52 and tmux passes on


class Outside:
    """The way from the app to the machine around it."""

    def __init__(
        self,
        app: App[Any],
        say: Callable[[str, str], None],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._app = app
        self._say = say
        self._environment = environment

    def copy(self, text: str) -> None:
        """Put `text` on the terminal's clipboard (OSC 52); what is too long goes to a file."""
        lines = counted(text.count("\n") + 1, "line")
        text = text.encode("utf-8", "replace").decode()  # a lone surrogate has no bytes
        if len(text.encode()) <= _MOST_COPIED:
            self._app.copy_to_clipboard(text)
            self._say(f"copied {lines} to the terminal's clipboard", "success")
            return
        handle, name = tempfile.mkstemp(prefix="tocsin-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        self._say(f"too long for the clipboard: {lines} are in {name}", "warning")

    def edit_text(self, text: str, name: str) -> str | None:
        """Let `text` be edited in `$VISUAL` or `$EDITOR`, the screen given away meanwhile.

        None: there is no editor, or it failed.
        """
        command = shlex.split(
            self._environment.get("VISUAL") or self._environment.get("EDITOR") or "vi"
        )
        with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
            path = Path(folder) / (Path(name).name or "text")
            path.write_text(text, encoding="utf-8")
            try:
                with self._app.suspend():
                    done = subprocess.run([*command, str(path)], check=False)  # noqa: S603 - the operator's own editor
            except OSError as error:
                self._say(f"{command[0]}: {error.strerror}; set $EDITOR", "error")
                return None
            finally:
                self._app.refresh()
            if done.returncode != 0:
                self._say(f"{command[0]} ended with {done.returncode}: nothing was saved", "error")
                return None
            return path.read_text(encoding="utf-8", errors="replace")

    def suspend_to_shell(self) -> None:
        """Stop this process until the shell lets it go on."""
        with suppress(Exception), self._app.suspend():
            os.kill(os.getpid(), signal.SIGTSTP)
        self._app.refresh()

    @staticmethod
    def write(path: str, text: str) -> None:
        """Write a file that does not exist yet.

        Raises:
            OSError: it exists, or cannot be written.
        """
        with Path(path).expanduser().open("x", encoding="utf-8") as file:
            file.write(text)
