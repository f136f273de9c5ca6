"""How the console ends: told by a signal, or by nobody when its terminal just goes away."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.testing.terminal import Terminal, after_text
from engine.config import load_settings
from engine.control import open_system
from engine.domain.session import SessionStatus

PROGRAM = (sys.executable, "-m", "app")
DEADLINE = 30.0  # seconds: a bound for a broken test, not a wait

Open = Callable[..., Terminal]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@contextmanager
def not_ignored(number: signal.Signals) -> Iterator[None]:
    """Let what is started here have a signal that a shell ignores in what runs behind it."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.fixture
def open_terminal(home: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def terminal(*arguments: str, **environment: str) -> Terminal:
        command = [*PROGRAM, "--home", str(home), *arguments]
        with not_ignored(signal.SIGINT):
            opened.append(Terminal(command, (100, 30), environment))
        assert opened[-1].wait_for_text("hosted session 1")
        return opened[-1]

    yield terminal
    for each in opened:
        each.close()


def is_stopped(home: Path) -> bool:
    """Whether the engine that was hosted came to an end that is on record."""
    system = open_system(load_settings(home), create=False)
    try:
        return [each.session.status for each in system.sessions.all()] == [SessionStatus.COMPLETE]
    finally:
        system.close()


@contextmanager
def other_side(terminal: Terminal) -> Iterator[int]:
    """The side of the terminal that the process has."""
    side = os.open(Path(f"/proc/{terminal.pid}/fd/0").readlink(), os.O_RDWR | os.O_NOCTTY)
    try:
        yield side
    finally:
        os.close(side)


@pytest.mark.parametrize("arguments", [(), ("console",)])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_the_exit_status_tells_of_the_signal_however_it_was_opened(
    open_terminal: Open, home: Path, sent: signal.Signals, arguments: tuple[str, ...]
) -> None:
    terminal = open_terminal(*arguments)
    os.kill(terminal.pid, sent)
    assert terminal.wait_for_end(DEADLINE) == 128 + sent
    assert is_stopped(home)


def test_a_terminal_that_takes_no_output_keeps_nothing_from_ending(
    open_terminal: Open, home: Path
) -> None:
    terminal = open_terminal("console")
    with other_side(terminal) as side:
        assert not termios.tcgetattr(side)[3] & termios.ECHO
        termios.tcflow(side, termios.TCOOFF)  # as ctrl+s does
        terminal.write(b"1234567" * 20)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait_for_end(DEADLINE) == 128 + signal.SIGTERM
        assert termios.tcgetattr(side)[3] & termios.ECHO, "what is typed is seen again"
    assert is_stopped(home)


def test_an_editor_that_has_the_terminal_is_waited_for(
    open_terminal: Open, home: Path, tmp_path: Path
) -> None:
    definitions, editor = tmp_path / "jobs.yaml", tmp_path / "editor"
    definitions.write_text("name: quick\nduration: 3600\nlang: shell\ncode: 'true'\n")
    command = [*PROGRAM, "--home", str(home), "load", str(definitions)]
    subprocess.run(command, check=True, capture_output=True, timeout=DEADLINE)
    editor.write_text("#!/bin/sh\nkill -TERM $PPID\necho told it\nread line\necho edited\n")
    editor.chmod(0o700)
    terminal = open_terminal("console", VISUAL=str(editor))
    terminal.write(b":editstate quick\r")
    assert terminal.wait_for_text("Type quick to go on")
    terminal.write(b"quick\r")
    assert terminal.wait_for_text("told it")
    terminal.drain(7.0)  # longer than a screen may take that is drawn no more
    terminal.write(b"\n")
    assert terminal.wait_for_text("edited")
    assert terminal.wait_for_end(DEADLINE) == 128 + signal.SIGTERM


def test_a_terminal_that_is_not_its_own_ends_it_by_going_away(home: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    own = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [*PROGRAM, "--home", str(home)],
        env={**own, "TERM": "xterm-256color", "LANG": "C.UTF-8"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        seen = b""
        while after_text(seen, "hosted session 1") is None:
            assert select.select([ours], [], [], DEADLINE)[0], seen
            seen += os.read(ours, 65536)
        os.close(ours)  # none of its processes is told: the terminal belongs to no session
        assert process.wait(DEADLINE) == 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()
    assert is_stopped(home)


def test_an_end_of_input_from_a_terminal_that_is_there_ends_nothing(open_terminal: Open) -> None:
    terminal = open_terminal("console")
    with other_side(terminal) as side:
        keys = termios.tcgetattr(side)
        lines = [*keys[:3], keys[3] | termios.ICANON, *keys[4:6], [*keys[6]]]
        lines[6][termios.VEOF] = b"\x04"
        termios.tcsetattr(side, termios.TCSANOW, lines)  # as `stty sane` from elsewhere
        terminal.write(b"\x04")
        terminal.write(b"7\n")
        assert terminal.wait_for_text("Due instants")
