"""The console on a real pseudo-terminal with a real engine: attach, lose, hang up, leave."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.testing.terminal import Terminal
from app.view_state import load_view_state
from engine.config import load_settings
from engine.control import System, open_system
from engine.domain.instance import Status
from engine.domain.session import SessionStatus

PROGRAM = (sys.executable, "-m", "app")
CURSOR = "▸".encode()
JOBS = """
name: quick
duration: 3600
lang: shell
code: echo hello from quick
---
name: slow
duration: 3600
lang: shell
code: |
  trap 'echo told to stop; exit 3' TERM
  echo begun
  while true; do sleep 0.05; done
"""

Open = Callable[..., Terminal]


@pytest.fixture(scope="session")
def loaded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which the jobs were loaded, to be copied: faster than loading for each test."""
    folder = tmp_path_factory.mktemp("loaded")
    definitions = folder / "jobs.yaml"
    definitions.write_text(JOBS)
    command = [*PROGRAM, "--home", str(folder / "home"), "load", str(definitions)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return folder / "home"


@pytest.fixture
def home(loaded_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(loaded_home, tmp_path / "home")


@contextmanager
def on_record(home: Path) -> Iterator[System]:
    """What the store tells, whoever has it open."""
    system = open_system(load_settings(home), create=False)
    try:
        yield system
    finally:
        system.close()


def statuses(home: Path) -> list[tuple[str, Status]]:
    with on_record(home) as system:
        return [(each.name, each.instance.jobstatus) for each in system.instances.query()]


def sessions(home: Path) -> list[SessionStatus]:
    with on_record(home) as system:
        return [each.session.status for each in system.sessions.all()]


def state_of(home: Path, name: str) -> object:
    with on_record(home) as system:
        saved = system.state.get(name)
        return saved.data if saved else None


@pytest.fixture
def open_terminal(home: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def terminal(*arguments: str, size: tuple[int, int] = (100, 30)) -> Terminal:
        command = [*PROGRAM, "--home", str(home), "console", *arguments]
        opened.append(Terminal(command, size))
        return opened[-1]

    yield terminal
    for each in opened:
        each.close()


@contextmanager
def living_engine(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [*PROGRAM, "--home", str(home), "engine", "--lease", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            assert process.stdout is not None
            assert b"session" in process.stdout.readline()
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=30)


@pytest.fixture
def engine(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with living_engine(home) as process:
        yield process


def test_it_hosts_an_engine_where_none_is_alive_runs_a_job_and_stops_it(
    open_terminal: Open, home: Path
) -> None:
    terminal = open_terminal()
    assert terminal.wait_for_text("hosted session 1")
    assert b"quick" in terminal.seen or terminal.wait_for_text("quick")
    terminal.write(b"r")
    assert terminal.wait_for_text("runs as #1")
    assert terminal.wait_for_text("COMPLETE")
    terminal.write(b"q")
    assert terminal.wait_for_text("This console hosts the engine")
    terminal.write(b"s")
    assert terminal.wait_for_end(30) == 0
    assert statuses(home) == [("quick", Status.COMPLETE)]
    assert sessions(home) == [SessionStatus.COMPLETE]


def test_it_attaches_sees_the_engine_die_and_come_back_and_leaves_it_alone(
    open_terminal: Open, home: Path, engine: "subprocess.Popen[bytes]"
) -> None:
    terminal = open_terminal("--attach")
    assert terminal.wait_for_text("attached session 1")
    engine.kill()
    assert terminal.wait_for_text("no engine since")
    with living_engine(home) as other:
        assert terminal.wait_for_text("attached session 2")
        terminal.write(b"q")
        assert terminal.wait_for_end(10) == 0
        assert other.poll() is None, "leaving an attached console never touches the engine"


def test_a_key_that_the_settings_give_works_from_the_start(
    open_terminal: Open, home: Path, engine: "subprocess.Popen[bytes]"
) -> None:
    (home / "console.yaml").write_text("keys:\n  go.groups: [f9]\n")
    terminal = open_terminal("--attach")
    assert terminal.wait_for_text("attached session 1")
    terminal.write(b"\x1b[20~")  # F9
    assert terminal.wait_for_text("Jobs - DEFAULT")
    terminal.write(b"q")
    assert terminal.wait_for_end(10) == 0


def test_it_goes_back_to_before_there_were_jobs_and_returns(
    open_terminal: Open, home: Path, engine: "subprocess.Popen[bytes]"
) -> None:
    terminal = open_terminal("--attach")
    assert terminal.wait_for_text("attached session 1")
    terminal.write(b":at -1h\r")
    assert terminal.wait_for_text("read only")
    assert terminal.wait_for_text("No job was there by then")
    terminal.write(b"r")
    assert terminal.wait_for_text("Run: read only: as of")
    terminal.write(b"L")
    assert terminal.wait_for_text("back to now")
    assert terminal.wait_for_text("quick")
    terminal.write(b"q")
    assert terminal.wait_for_end(10) == 0
    assert statuses(home) == [], "nothing was run from the past"
    assert engine.poll() is None


def test_a_lost_terminal_stops_a_hosted_engine_with_its_runs_on_record(
    open_terminal: Open, home: Path
) -> None:
    terminal = open_terminal()
    assert terminal.wait_for_text("hosted session 1")
    terminal.write(b"jr")
    assert terminal.wait_for_text("runs as #1")
    terminal.drain(0.5)
    terminal.hang_up()
    assert terminal.wait_for_end(30) == 128 + signal.SIGHUP
    assert statuses(home) == [("slow", Status.ERROR)]
    assert sessions(home) == [SessionStatus.COMPLETE]


def test_a_lost_terminal_ends_an_attached_console_and_not_the_engine(
    open_terminal: Open, engine: "subprocess.Popen[bytes]"
) -> None:
    terminal = open_terminal("--attach")
    assert terminal.wait_for_text("attached session 1")
    terminal.hang_up()
    assert terminal.wait_for_end(10) == 128 + signal.SIGHUP
    assert engine.poll() is None


def test_a_lost_terminal_keeps_the_view(
    open_terminal: Open, home: Path, engine: "subprocess.Popen[bytes]"
) -> None:
    terminal = open_terminal("--attach")
    assert terminal.wait_for_text("attached session 1")
    terminal.write(b"/slow\r")
    assert terminal.wait_for_text("1 of 2")
    terminal.hang_up()
    assert terminal.wait_for_end(10) == 128 + signal.SIGHUP
    views, _ = load_view_state(home)
    assert views["jobs"]["filter"] == "slow"
    assert engine.poll() is None


def test_a_storm_of_sizes_leaves_a_screen_that_works(open_terminal: Open) -> None:
    terminal = open_terminal("--read-only")
    assert terminal.wait_for_text("quick")
    for turn in range(60):
        terminal.resize(40 + turn * 3 % 160, 8 + turn * 7 % 50)
        terminal.read(0.005)
    terminal.resize(80, 24)
    terminal.drain(1.0)
    terminal.write(b"7")
    assert terminal.wait_for_text("Due instants")
    terminal.write(b"q")
    assert terminal.wait_for_end(10) == 0


def test_no_key_is_lost_at_sixty_a_second(open_terminal: Open) -> None:
    terminal = open_terminal("--read-only")
    assert terminal.wait_for_text("quick")
    text = "abcdefghij" * 6
    terminal.write(b"/")
    for letter in text:
        terminal.write(letter.encode())
        terminal.drain(1 / 60)
    assert text.encode() in terminal.seen or terminal.wait_for_text(text)


def test_a_lone_escape_is_told_after_a_rest(open_terminal: Open) -> None:
    terminal = open_terminal("--read-only")
    assert terminal.wait_for_text("quick")
    terminal.write(b"/slow\r")
    assert terminal.wait_for_text("1 of 2")
    terminal.drain(2.5)  # by then it waits for keys without looking
    terminal.write(b"\x1b")
    assert terminal.wait_for_text("quick")


def test_a_key_that_arrives_with_an_escape_is_pressed_behind_it(open_terminal: Open) -> None:
    terminal = open_terminal("--read-only")
    assert terminal.wait_for_text("quick")
    terminal.write(b"/slow")
    assert terminal.wait_for_text("1 of 2")
    terminal.write(b"\x1b3")
    assert terminal.wait_for_text("CAUSE")
    terminal.write(b"\x1b1")
    assert terminal.wait_for_text("quick"), "the filter was left"


def test_errors_may_go_to_a_file(home: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    script = f"exec {shlex.join(PROGRAM)} --home '{home}' console --read-only 2>'{errors}'"
    terminal = Terminal(["sh", "-c", script], (80, 24))
    try:
        assert terminal.wait_for_text("quick")
        terminal.write(b"q")
        assert terminal.wait_for_end(10) == 0
    finally:
        terminal.close()
    assert errors.read_bytes() == b""


def test_without_a_terminal_it_says_what_to_do_instead(home: Path) -> None:
    command = [*PROGRAM, "--home", str(home), "console"]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
    )
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "--plain" in done.stderr


def test_no_color_sends_no_colour(home: Path) -> None:
    command = [*PROGRAM, "--home", str(home), "console", "--read-only"]
    terminal = Terminal(command, (80, 24), {"NO_COLOR": "1"})
    try:
        assert terminal.wait_for_text("quick")
        terminal.drain(0.5)
        for code in (b"\x1b[31m", b"\x1b[38;", b"\x1b[48;", b";36m", b";32m", b"[90m"):
            assert code not in terminal.seen
    finally:
        terminal.close()


def test_the_place_survives_a_restart(open_terminal: Open) -> None:
    terminal = open_terminal("--read-only")
    assert terminal.wait_for_text("quick")
    terminal.write(b"/slo\r")
    terminal.drain(0.5)
    terminal.write(b"q")
    assert terminal.wait_for_end(10) == 0
    again = open_terminal("--read-only")
    assert again.wait_for_text("/slo")
    assert b"1 of 2" in again.seen or again.wait_for_text("1 of 2")
    again.write(b"q")
    assert again.wait_for_end(10) == 0


def test_sigterm_is_a_clean_end(open_terminal: Open, home: Path) -> None:
    terminal = open_terminal()
    assert terminal.wait_for_text("hosted session 1")
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.wait_for_end(30) == 128 + signal.SIGTERM
    assert sessions(home) == [SessionStatus.COMPLETE]


def is_saved(terminal: Terminal, home: Path, data: object) -> bool:
    """Whether these state data of `quick` are in the store before long; the screen goes on."""
    for _ in range(100):
        terminal.drain(0.05)
        if state_of(home, "quick") == data:
            return True
    return False


def test_keys_are_taken_again_after_an_editor_had_the_terminal(home: Path, tmp_path: Path) -> None:
    editor, edits = tmp_path / "editor", tmp_path / "edits"
    editor.write_text(
        f"#!/bin/sh\necho >> '{edits}'\necho \"mine: $(wc -l < '{edits}')\" > \"$1\"\n"
    )
    editor.chmod(0o700)
    command = [*PROGRAM, "--home", str(home), "console"]
    terminal = Terminal(command, (80, 24), {"VISUAL": str(editor)})
    try:
        assert terminal.wait_for_text("hosted")
        for number in (1, 2):
            terminal.write(b":editstate quick\r")
            assert terminal.wait_for_text("Type quick to go on")
            terminal.write(b"quick\r")
            # What is said of the first edit still stands at the second: the store tells then.
            assert number > 1 or terminal.wait_for_text("saved the state data")
            assert is_saved(terminal, home, {"mine": number})
        terminal.write(b"q")
        assert terminal.wait_for_text("This console hosts the engine")
        terminal.write(b"s")
        assert terminal.wait_for_end(30) == 0
    finally:
        terminal.close()
    assert state_of(home, "quick") == {"mine": 2}


@pytest.fixture
def open_with_editor(home: Path, tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    """A console whose `$VISUAL` is this script, or a command where it is none."""
    opened: list[Terminal] = []

    def terminal(script: str) -> Terminal:
        if script.startswith("#!"):
            editor = tmp_path / "editor"
            editor.write_text(script)
            editor.chmod(0o700)
            script = str(editor)
        command = [*PROGRAM, "--home", str(home), "console"]
        opened.append(Terminal(command, (80, 24), {"VISUAL": script}))
        assert opened[-1].wait_for_text("hosted")
        opened[-1].write(b":editstate quick\r")
        assert opened[-1].wait_for_text("Type quick to go on")
        opened[-1].write(b"quick\r")
        return opened[-1]

    yield terminal
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    ("editor", "told"), [("no-such-editor", "set $EDITOR"), ("vi 'x", "a quote that is not closed")]
)
def test_an_editor_that_is_none_leaves_the_screen_and_the_keys(
    open_with_editor: Callable[[str], Terminal], editor: str, told: str
) -> None:
    terminal = open_with_editor(editor)
    assert terminal.wait_for_text(told)
    terminal.write(b"/slow\r")
    assert terminal.wait_for_text("1 of 2")


def test_ctrl_c_in_an_editor_is_for_the_editor_alone(
    open_with_editor: Callable[[str], Terminal], home: Path
) -> None:
    terminal = open_with_editor(
        "#!/bin/sh\ntrap told=1 INT\necho ready\n"
        'while [ -z "$told" ]; do sleep 0.05; done\necho "mine: 1" > "$1"\n'
    )
    assert terminal.wait_for_text("ready")
    terminal.write(b"\x03")
    assert terminal.wait_for_text("saved the state data")
    terminal.write(b"/slow\r")
    assert terminal.wait_for_text("1 of 2")
    assert state_of(home, "quick") == {"mine": 1}


def test_what_is_no_text_or_no_sequence_ends_neither_the_keys_nor_the_console(
    open_terminal: Open,
) -> None:
    terminal = open_terminal("--read-only")
    assert terminal.wait_for_text("quick")
    terminal.write(b"\xe9")  # another encoding's letter
    terminal.drain(0.2)
    terminal.write(b"\x1b[1:R\x1b[1114112u")  # noise that looks like sequences
    terminal.drain(0.2)
    terminal.write(b"/sl\xc3")  # a letter of two bytes, one at a time
    terminal.drain(0.2)
    terminal.write(b"\xa9")
    assert terminal.wait_for_text("sl\N{LATIN SMALL LETTER E WITH ACUTE}")
