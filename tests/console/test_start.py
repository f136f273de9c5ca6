"""What a console does until its first rows are there, and what it leaves out for that."""

import os
import pty
import select
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import RenderableType
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

from app.actions.all import all_actions
from app.cli.foreseen import WITH_VALUE, opens_screen
from app.cli.lazy import global_options
from app.client.handover import Handover
from app.store.events import Inbox
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, SeenConsole
from app.testing.rest import at_rest


class NotingConsole(SeenConsole):
    """Keeps every frame that it painted."""

    def __init__(self, engine: ScriptedEngine, clock: ManualClock) -> None:
        super().__init__(engine, all_actions(), None, clock)
        self.frames: list[str] = []
        self.rows_at_mount = 0
        self.ticks_by_itself = False

    def on_mount(self) -> None:  # the console's own is called as well
        self.rows_at_mount = len(self.store.jobs)

    def _display(self, screen: "Screen[object]", renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if self.painted.updates:
            self.frames.append("\n".join(self.painted.lines))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_first_frame_has_the_rows_that_were_read_before_it(
    engine: ScriptedEngine, clock: ManualClock, size: tuple[int, int]
) -> None:
    app = NotingConsole(engine, clock)
    async with app.run_test(size=size):
        await at_rest(app)
        assert "invoice-archive" in app.frames[0], app.frames[0]
        assert app.rows_at_mount == len(engine.jobs), "nothing can be painted before"


async def test_the_style_sheets_are_read_once_for_the_first_frame(
    engine: ScriptedEngine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    reparse = Stylesheet.reparse

    def told(sheet: Stylesheet) -> None:
        read.append("again")
        reparse(sheet)

    monkeypatch.setattr(Stylesheet, "reparse", told)
    app = NotingConsole(engine, clock)
    async with app.run_test():
        await at_rest(app)
        assert read == []
        app.wardrobe.choose("night")
        await at_rest(app)
        assert read == ["again"]


async def test_the_reader_is_told_when_the_first_rows_can_be_seen(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    engine.reads_slowly = True
    app = NotingConsole(engine, clock)
    async with app.run_test():
        await at_rest(app)
        assert not app.inbox.is_on_screen.is_set()
        engine.resync()
        app.pump.flush()
        assert not app.inbox.is_on_screen.is_set()
        await at_rest(app)
        assert app.inbox.is_on_screen.is_set()
        assert "invoice-archive" in app.frames[-1]


def test_the_reader_waits_for_the_rows_to_be_seen_once_they_were_taken() -> None:
    class Painted(threading.Event):
        waits = 0

        def wait(self, timeout: float | None = None) -> bool:
            del timeout
            self.waits += 1
            return True

    inbox, painted = Inbox(), Painted()
    inbox.is_on_screen = painted
    handover = Handover()
    handover.connect(inbox)
    handover.let_the_screen_go_first(threading.Event())
    assert painted.waits == 1


# -- what is got ready ----------------------------------------------------------------------------


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("_TOCSIN_COMPLETE", raising=False)
    monkeypatch.setattr("os.isatty", lambda _: True)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("line", "is_foreseen"),
    [
        ("", True),
        ("--attach", True),
        ("console --read-only", True),
        ("--home /srv/tocsin", True),
        ("--home /srv/tocsin console", True),
        ("console --db sqlite:///x.db --instance a", True),
        ("--home=/srv/tocsin", True),
        ("--home console job list", False),
        ("--plain", False),
        ("console --help", False),
        ("-h", False),
        ("--version", False),
        ("job list", False),
        ("console more", False),
    ],
)
def test_a_console_on_a_terminal_is_foreseen(line: str, is_foreseen: bool) -> None:
    assert opens_screen(line.split()) is is_foreseen


@pytest.mark.usefixtures("terminal")
def test_nothing_is_foreseen_for_a_shell_that_completes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TOCSIN_COMPLETE", "bash_complete")
    assert not opens_screen([])


@pytest.mark.parametrize("stream", [0, 1])
def test_nothing_is_foreseen_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, stream: int
) -> None:
    monkeypatch.setattr("os.isatty", lambda number: number != stream)
    assert not opens_screen([])


def test_the_options_that_take_a_value_are_those_of_the_command_line() -> None:
    assert {each.opts[0] for each in global_options(hidden=False)} == set(WITH_VALUE)


# -- what is left out -----------------------------------------------------------------------------


def test_asyncio_is_loaded_without_tls_and_others_have_it() -> None:
    said = _python(
        "import sys\n"
        "from app.lean import load_asyncio\n"
        "load_asyncio()\n"
        "print('ssl' in sys.modules, '_ssl' in sys.modules)\n"
        "import asyncio, ssl\n"
        "print(ssl.create_default_context().check_hostname, asyncio.run(asyncio.sleep(0, 'ran')))\n"
    )
    assert said.split() == ["False", "False", "True", "ran"]


def test_tls_that_is_loaded_already_stays() -> None:
    said = _python(
        "import ssl, sys\n"
        "from app.lean import load_asyncio\n"
        "load_asyncio()\n"
        "print(sys.modules['ssl'] is ssl)\n"
    )
    assert said.strip() == "True"


def _python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def test_what_was_foreseen_wrongly_leaves_nothing_at_the_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "app", "--home", str(tmp_path), "--nonsense"]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    assert process.wait() == 2
    held = select.poll()
    held.register(ours, select.POLLIN)
    assert held.poll(0)[0][1] & select.POLLHUP, "somebody still holds the other end"
    said = b""
    with suppress(OSError):  # at the end
        while part := os.read(ours, 4096):
            said += part
    os.close(ours)
    assert said.startswith(b"No such option '--nonsense'.")
