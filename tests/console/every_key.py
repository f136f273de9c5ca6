"""Press every key of the map in tmux, on a live engine that runs the examples, and tell what came.

    python -m tests.console.every_key [--size 80x24] [--keep FOLDER] [--only ID ...]

Each key of the registry is pressed in each pane where it works, after what gives it a meaning
(`tests.console.key_cases`); what the screen then shows is held against what is expected, and kept
in FOLDER, one text for each key, to be looked at. Exit status 1: a key did not show what it should,
has no case, or left a fault of the console.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from app.actions.all import all_actions
from app.actions.registry import PANES, Action
from tests.console.key_cases import CASES, JOBS, LEAVING, TO_THE_SHELL, Case
from tests.support.tmux import KEYS, Tmux

EXAMPLES = Path(__file__).parents[2] / "examples"
TROUBLE = re.compile(r"^ *Traceback|a fault in the console", re.MULTILINE)
RESTLESS = re.compile(r"\d|[●○◐▏▎▍▌▋▊▉█░]")  # figures and bars move by themselves
PATIENCE = 5.0  # seconds for a key to show
MOMENT = 0.6  # seconds in which what moves at all begins to


_NUMBERS = count(1)  # a tmux server that ends keeps its name for a moment


class Walk:
    """One console in tmux that is led through the keys."""

    def __init__(self, terminal: Tmux, keep: Path) -> None:
        self._terminal = terminal
        self._keep = keep
        self.pressed = 0
        self.problems: list[str] = []

    def press(self, action: Action, pane: str, key: str) -> None:
        """Press one key in one pane, after what its case wants; come back to rest."""
        case = CASES.get(action.id)
        if case is None:
            self._tell(pane, key, action, "has no case in tests/console/key_cases.py")
            return
        case = case.panes.get(pane, case)
        self._rest(pane)
        self._do(case.before)
        before = self._settled()
        self._terminal.press(key)
        self.pressed += 1
        self._terminal.until(lambda screen: screen != before, MOMENT)
        after = self._terminal.until(lambda screen: _shows(case, before, screen), PATIENCE)
        screen = self._settled() if after else self._terminal.screen
        name = f"{pane}-{action.id}-{re.sub('[^A-Za-z0-9+]', lambda c: f'x{ord(c[0]):x}', key)}"
        (self._keep / f"{name}.txt").write_text(screen)
        if self._terminal.is_dead:
            raise SystemExit(f"the console ended at {key} ({action.id}) in {pane}:\n{screen}")
        if after is None:
            self._tell(pane, key, action, f"does not show {case.shows or 'any change'!r}")
        if TROUBLE.search(screen):
            self._tell(pane, key, action, "shows an error of a program")
        self._terminal.press("escape")
        if case.after:
            self._terminal.press(_digit(pane))  # where nothing was open, Escape left the pane
            self._do(case.after)

    def use_mouse(self) -> None:
        """Click on a tab, a row, a title and the key bar, and turn the wheel."""
        self._rest("jobs")
        lines = (self._terminal.until(partial(_contains, "NAME"), PATIENCE) or "").splitlines()
        last = len(lines)
        # Panels may stand above the titles and beside them, and another order be in force.
        titles = next((y for y, line in enumerate(lines) if "NAME" in line), 0)
        column = lines[titles].find("NAME") + 1 if lines else 0
        order = "NAME↓" if lines and "NAME↑" in lines[titles] else "NAME↑"
        for what, x, y, button, shows in (
            ("the wheel", 10, 8, 65, "tocsin"),
            ("a row", 10, 7, 0, "tocsin"),
            ("a title", column + 2, titles + 1, 0, order),
            ("a tab", 12, 2, 0, "GROUP.* JOBS"),
            ("the key bar", 3, last, 0, "Run"),
        ):
            self._terminal.mouse(button, x, y)
            screen = self._terminal.until(partial(_shows, Case(shows), ""), PATIENCE)
            self.pressed += 1
            if screen is None or TROUBLE.search(screen):
                self.problems.append(f"the mouse on {what} shows {self._terminal.screen}")
                print(self.problems[-1])

    def _rest(self, pane: str) -> None:
        self._terminal.press(_digit(pane), "g")

    def _do(self, steps: Sequence[str]) -> None:
        for step in steps:
            if step.startswith("~"):
                self._terminal.until(partial(_contains, step[1:]), PATIENCE)
            elif step in KEYS or len(step) == 1:
                self._terminal.press(step)
            else:
                self._terminal.type(step)

    def _settled(self) -> str:
        """Return the screen once it stands still but for its figures."""
        last = self._terminal.screen
        for _ in range(20):
            self._terminal.until(lambda _: False, MOMENT / 8)
            now = self._terminal.screen
            if _at_rest(now) == _at_rest(last):
                return now
            last = now
        return last

    def _tell(self, pane: str, key: str, action: Action, what: str) -> None:
        self.problems.append(f"{key} ({action.id}) in {pane} {what}")
        print(self.problems[-1], flush=True)


def _digit(pane: str) -> str:
    return str(PANES.index(pane) + 1)


def _at_rest(screen: str) -> str:
    return RESTLESS.sub("", screen.partition("\n")[2])


def _contains(text: str, screen: str) -> bool:
    return text in screen


def _shows(case: Case, before: str, screen: str) -> bool:
    if case.shows:
        return re.search(case.shows, screen, re.MULTILINE) is not None
    return screen != before


@contextmanager
def opened(
    command: Sequence[str], size: tuple[int, int], shows: str = "often-broken"
) -> Iterator[Tmux]:
    """Open a program in tmux and wait until it shows something."""
    terminal = Tmux(f"tocsin-keys-{os.getpid()}-{next(_NUMBERS)}", command, size)
    try:
        terminal.until(partial(_contains, shows), 20)
        yield terminal
    finally:
        terminal.close()


def leave(terminal: Tmux, key: str) -> list[str]:
    """Press a key that leaves the console; return what was wrong."""
    terminal.press(key)
    gone = terminal.until(lambda _: terminal.is_dead, PATIENCE)
    return [] if gone is not None else [f"{key} does not leave: {terminal.screen}"]


def go_to_shell(terminal: Tmux, command: str) -> list[str]:
    """Suspend the console and let it go on; return what was wrong."""
    terminal.type(command)
    terminal.press("enter")
    terminal.until(partial(_contains, "often-broken"), 20)
    terminal.press("ctrl+z")
    if terminal.until(partial(_contains, "Stopped"), PATIENCE) is None:
        return [f"ctrl+z does not suspend: {terminal.screen}"]
    terminal.type("fg")
    terminal.press("enter")
    terminal.until(partial(_contains, "1 Jobs"), PATIENCE)
    terminal.press("?")
    back = terminal.until(partial(_contains, "━ Keys ━"), PATIENCE)
    return [] if back is not None else [f"no key is taken after fg: {terminal.screen}"]


@contextmanager
def living_engine(home: Path) -> Iterator[None]:
    """Run the examples and some jobs that fail, wait and save."""
    (home / "more").mkdir(parents=True)
    (home / "more" / "jobs.yaml").write_text(JOBS)
    command = [sys.executable, "-m", "app", "--home", str(home), "engine"]
    command += ["--jobs", str(EXAMPLES), "--jobs", str(home / "more")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as engine:
        try:
            assert engine.stdout is not None
            assert b"session" in engine.stdout.readline()
            yield
        finally:
            engine.terminate()
            engine.communicate(timeout=30)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.console.every_key")
    parser.add_argument("--size", default="80x24")
    parser.add_argument("--keep", type=Path, help="where the screens go")
    parser.add_argument("--only", nargs="*", help="actions, by id")
    options = parser.parse_args(arguments)
    size = tuple(int(each) for each in options.size.split("x"))
    keep = options.keep or Path(tempfile.mkdtemp(prefix="tocsin-keys"))
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tocsin", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        with living_engine(home):
            command = [sys.executable, "-m", "app", "--home", str(home), "console", "--attach"]
            console = partial(opened, command, (size[0], size[1]))
            with console() as terminal:
                walk = Walk(terminal, keep)
                for pane in PANES:
                    for action in all_actions().in_pane(pane):
                        if action.id in {*LEAVING, *TO_THE_SHELL}:
                            continue
                        if options.only and action.id not in options.only:
                            continue
                        for key in action.keys:
                            walk.press(action, pane, key)
                walk.use_mouse()
            for key in [key for name in LEAVING for key in all_actions()[name].keys]:
                with console() as terminal:
                    walk.pressed += 1
                    walk.problems += leave(terminal, key)
            with opened(["bash", "--norc", "-i"], (size[0], size[1]), "$ ") as terminal:
                walk.pressed += 1
                walk.problems += go_to_shell(terminal, shlex.join(command))
        faults = home / "console-faults.log"
        if faults.exists():
            walk.problems.append(faults.read_text())
    print(f"{walk.pressed} presses at {options.size}, {len(walk.problems)} problems; see {keep}")
    return 1 if walk.problems else 0


if __name__ == "__main__":
    sys.exit(main())
