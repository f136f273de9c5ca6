"""What the console does outside of its screen: clipboard, editor, shell, files."""

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from textual.app import App

from app.presentation.quantities import counted

_BY_KEY = (signal.SIGINT, signal.SIGQUIT)  # sent to all processes that the terminal has
_MOST_COPIED = 74_000  # bytes: what terminals take by OSC 52 and tmux passes on


@contextmanager
def _keys_signal_others() -> Iterator[None]:
    r"""Leave ctrl+c and ctrl+\ to the program that has the terminal: they are for it alone.

    Handlers, not "ignored", which that program would inherit.
    """
    before = {number: signal.signal(number, lambda *_: None) for number in _BY_KEY}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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

        None: there is no editor, or it failed, which was said.
        """
        wanted = self._environment.get("VISUAL") or self._environment.get("EDITOR") or ""
        try:
            command = shlex.split(wanted) or ["vi"]
        except ValueError:
            self._say(f"$EDITOR has a quote that is not closed: {wanted}", "error")
            return None
        with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
            path = Path(folder) / (Path(name).name or "text")
            path.write_text(text, encoding="utf-8")
            if problem := self._give_terminal_to([*command, str(path)]):
                self._say(f"{Path(command[0]).name}{problem}", "error")
                return None
            return path.read_text(encoding="utf-8", errors="replace")

    def _give_terminal_to(self, command: list[str]) -> str:
        """Run `command` on the terminal until it ends; return what went wrong ("": nothing).

        Whatever that is, it must not leave the suspension as an exception: Textual would not take
        the terminal again.
        """
        with self._app.suspend(), _keys_signal_others():
            try:
                status = subprocess.run(command, check=False).returncode  # noqa: S603 - the operator's own editor
            except OSError as error:
                problem = f": {error.strerror}; set $EDITOR"
            else:
                problem = f" ended with {status}: nothing was saved" if status else ""
        self._app.refresh()
        return problem

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
