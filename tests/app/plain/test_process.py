"""The plain console as a process: from a pipe, in a terminal, hosting an engine, hung up on."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import Settings
from engine.control import Actor, System
from engine.domain.instance import Status

ROOT = Path(__file__).parents[3]
ENTRY = (  # with signals as in a terminal: whoever runs the tests may have them ignored
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from app.plain import run; from engine.config import load_settings; "
    "sys.exit(run(load_settings()))"
)
IDLE = "name: idle\nduration: 3600\nlang: shell\ncode: 'true'\n"
DEADLINE = 60.0  # seconds: a bound for a broken test, not a wait
FOREIGN = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")


@pytest.fixture
def quick_home(settings: Settings) -> Settings:
    (settings.home / "settings.yaml").write_text("grace-seconds: 0.5\n")
    return settings


def piped(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", ENTRY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home), "TERM": "dumb", "LC_ALL": "C.UTF-8"},
    )


def from_pipe(typed: str, *, home: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", ENTRY],
        input=typed.encode(),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home), "TERM": "dumb", "LC_ALL": "C.UTF-8"},
        timeout=DEADLINE,
        check=False,
    )


class Terminal:
    """A plain console in a pseudo-terminal."""

    def __init__(self, home: Path) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", ENTRY],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**os.environ, "TOCSIN_HOME": str(home), "TERM": "dumb", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        os.close(slave)
        self.seen = b""
        self._from = 0

    def type(self, text: str) -> None:
        self._from = len(self.seen)
        os.write(self._master, text.encode())

    def until(self, pattern: str) -> str:
        """Read until `pattern` shows since the last typing; return what has shown since then."""
        clock = SystemClock()
        end = clock.monotonic() + DEADLINE
        while not re.search(pattern, self.since().replace("\r", "")):
            left = end - clock.monotonic()
            ready, _, _ = select.select([self._master], [], [], max(0.0, left))
            assert ready, f"{pattern!r} never came; this did: {self.since()}"
            try:
                self.seen += os.read(self._master, 65536)
            except OSError:  # the other side is closed
                break
        return self.since()

    def since(self) -> str:
        return self.seen[self._from :].decode()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(quick_home: Settings) -> Iterator[Terminal]:
    opened = Terminal(quick_home.home)
    yield opened
    opened.close()


def test_a_piped_session_hosts_an_engine_runs_jobs_and_leaves_it_in_order(
    quick_home: Settings, system: System
) -> None:
    done = from_pipe(
        "run report\nrun probe\ninstances status:failed\nengine\n", home=quick_home.home
    )
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert "This console hosts the engine: it stops when you leave." in out
    assert re.search(r"#1 report: complete after \S+, manual ", out)
    assert re.search(r"#2 probe: error after \S+, an exception was not caught, manual ", out)
    assert "MAJOR RuntimeError: no ␛[31mdisk" in out
    assert "1 instance of the last 2. A number opens one." in out
    assert not FOREIGN.search(done.stdout)
    assert not system.living.is_alive()


def test_each_of_several_jobs_runs_with_the_options_that_were_typed(
    quick_home: Settings, system: System
) -> None:
    from_pipe("run report probe day=7\nyes\n", home=quick_home.home)
    ran = [system.instances.get(number) for number in (1, 2)]
    assert {each.name for each in ran} == {"report", "probe"}
    assert [each.instance.options for each in ran] == [{"day": 7}] * 2


def test_an_engine_that_is_hosted_loads_the_definitions_of_the_home_as_any_other(
    quick_home: Settings,
) -> None:
    quick_home.jobs_dir.mkdir()
    (quick_home.jobs_dir / "home.yaml").write_text(IDLE)
    out = from_pipe("jobs name:idle\n", home=quick_home.home).stdout.decode()
    assert "1 of 4 jobs." in out


def test_wrong_definitions_of_the_home_are_told_and_the_jobs_of_the_store_go_on(
    quick_home: Settings, system: System
) -> None:
    quick_home.jobs_dir.mkdir()
    (quick_home.jobs_dir / "home.yaml").write_text(IDLE + "nonsense: 1\n")
    done = from_pipe("run report\n", home=quick_home.home)
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert f"The definitions in {quick_home.jobs_dir} are wrong; none was loaded:" in out
    assert re.search(r"  \S+home\.yaml:\d+.*nonsense", out)
    assert re.search(r"#1 report: complete after ", out)
    assert "nonsense" in str(system.alerts.current()[0].as_json())


def test_a_terminal_session_tells_what_others_do_while_it_watches(
    terminal: Terminal, system: System
) -> None:
    terminal.until("help' lists all commands")
    terminal.type("watch\n")
    terminal.until("Enter stops it")
    system.jobs.set_enabled(["report"], False, Actor("ann", "elsewhere"))
    terminal.until(r"\d\d:\d\d:\d\d JOB-DISABLED: job report, by ann")
    system.jobs.run("probe", Actor("ann", "elsewhere"))
    terminal.until(r"\d\d:\d\d:\d\d #1 probe: error after ")
    terminal.type("\n")
    terminal.until("Not watching any more")
    terminal.type("quit\n")
    assert terminal.process.wait(DEADLINE) == 0
    assert not FOREIGN.search(terminal.seen)


def quit_while_a_job_runs(terminal: Terminal) -> None:
    terminal.until("help' lists all commands")
    terminal.type("run slow\n")
    terminal.until("Enter stops following")
    terminal.type("\n")
    terminal.until("instance 1 goes on")
    terminal.type("quit\n")
    terminal.until("drain waits for them")


def test_leaving_with_a_running_job_asks_and_stays_unless_told(
    terminal: Terminal, system: System
) -> None:
    quit_while_a_job_runs(terminal)
    for answer in ("foo", ""):
        terminal.type(f"{answer}\n")
        terminal.until("Staying\\.\n(.*\n)*tocsin> ")
        terminal.type("quit\n")
        terminal.until("leave> ")
    terminal.type("no\n")
    terminal.until("tocsin> ")
    terminal.type("cancel 1\nyes\n")
    terminal.until("instance 1: ")
    terminal.type("follow 1\n")
    terminal.until(r"#1 slow: error after \S+, cancelled")
    terminal.type("quit\n")
    assert terminal.process.wait(DEADLINE) == 0
    assert system.instances.get(1).instance.jobstatus is Status.ERROR


@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGTERM])
def test_a_lost_terminal_ends_the_hosted_engine_and_records_the_truth(
    terminal: Terminal, system: System, sent: signal.Signals
) -> None:
    terminal.until("help' lists all commands")
    terminal.type("run slow\n")
    terminal.until("runs as instance 1")
    terminal.process.send_signal(sent)
    assert terminal.process.wait(DEADLINE) == 128 + sent
    assert not system.living.is_alive()
    assert system.instances.get(1).instance.jobstatus is Status.ERROR


@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGTERM])
@pytest.mark.parametrize("typed", ["run slow\n", "watch 50s\n"])
def test_a_piped_session_ends_at_a_signal_while_it_follows_or_watches(
    quick_home: Settings, system: System, sent: signal.Signals, typed: str
) -> None:
    with piped(quick_home.home) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(typed.encode())
        process.stdin.flush()
        while not re.search(rb"runs as instance 1|Watching", line := process.stdout.readline()):
            assert line, "it ended before"
        began = SystemClock().monotonic()
        process.send_signal(sent)
        assert process.wait(DEADLINE) == 128 + sent
        assert SystemClock().monotonic() - began < 30  # not when the job or the time is over
    assert not system.living.is_alive()


def test_ctrl_c_stays_while_leaving_is_asked_about_and_while_the_engine_drains(
    terminal: Terminal, system: System
) -> None:
    quit_while_a_job_runs(terminal)
    terminal.until("leave> ")
    terminal.process.send_signal(signal.SIGINT)
    terminal.until("Staying\\.\ntocsin> ")
    terminal.type("quit\n")
    terminal.until("leave> ")
    terminal.type("drain\n")
    terminal.until("drain.*\n.*(drain|start)")
    terminal.process.send_signal(signal.SIGINT)
    terminal.until("Staying\\. The engine starts jobs again\\.\ntocsin> ")
    assert system.instances.get(1).instance.jobstatus is Status.IN_PROGRESS
    assert system.engine.status().mode == "running"
    terminal.type("quit\n")
    terminal.until("leave> ")
    terminal.type("stop\n")
    assert terminal.process.wait(DEADLINE) == 0


def test_ctrl_d_stops_what_is_waited_for_and_leaves_only_where_a_command_is(
    terminal: Terminal, system: System
) -> None:
    terminal.until("help' lists all commands")
    terminal.type("run slow\n")
    terminal.until("Enter stops following")
    terminal.type("\x04")
    terminal.until("instance 1 goes on\\.\ntocsin> ")
    terminal.type("cancel 1\n")
    terminal.until("confirm> ")
    terminal.type("\x04")
    terminal.until("Nothing was changed\\.\ntocsin> ")
    terminal.type("\x04")
    terminal.until("stop or ctrl\\+d ends them.*\nleave> ")
    terminal.type("no\n")
    terminal.until("Staying\\.\ntocsin> ")
    assert system.instances.get(1).instance.jobstatus is Status.IN_PROGRESS
    terminal.type("\x04")
    terminal.until("leave> ")
    terminal.type("\x04")
    assert terminal.process.wait(DEADLINE) == 0
    assert system.instances.get(1).instance.jobstatus is Status.ERROR


def test_a_terminal_that_goes_away_without_a_signal_ends_the_hosted_engine(
    quick_home: Settings, system: System
) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", ENTRY],
        stdin=theirs,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(quick_home.home), "LC_ALL": "C.UTF-8"},
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        os.write(ours, b"run slow\n")
        while b"runs as instance 1" not in (line := process.stdout.readline()):
            assert line, "it ended before"
        os.close(ours)
        assert process.wait(DEADLINE) == 0
    assert not system.living.is_alive()
