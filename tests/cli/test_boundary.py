"""The edge of the program: exit statuses, streams, locales, and what is imported."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.support import Cli

ROOT = Path(__file__).parents[2]


def call(*arguments: object, home: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run one command line in a process of its own."""
    known = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=ROOT,
        env={**known, "TOCSIN_HOME": str(home), **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_a_listing_imports_no_screen_no_migrations_and_no_yaml(cli: Cli, home: Path) -> None:
    assert cli("job", "list").status == 0
    code = (
        "import sys; from app.cli.boundary import run; status = run(['job', 'list']); "
        "loaded = {name.split('.')[0] for name in sys.modules} | set(sys.modules); "
        "print(sorted(loaded & {'textual', 'rich', 'alembic', 'yaml', 'psycopg', 'platformdirs', "
        "'sqlalchemy.dialects.postgresql'}), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["engine", "--help"], ["version"]])
def test_help_imports_neither_the_store_nor_the_screen(arguments: list[str]) -> None:
    code = (
        f"import sys; from app.cli.boundary import run; run({arguments!r}); "
        "loaded = {name.split('.')[0] for name in sys.modules}; "
        "print(sorted(loaded & {'textual', 'rich', 'sqlalchemy', 'yaml'}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"


def test_an_unexpected_error_is_one_line_and_a_file(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        message = "first\nsecond \x1b[2J"
        raise RuntimeError(message)

    monkeypatch.setattr("engine.control.jobs.Jobs.all", broken)
    said = cli("job", "list")
    assert said.status == 1
    assert len(said.err.splitlines()) == 1
    assert "unexpected error: RuntimeError: first" in said.reason
    path = Path(said.reason.rpartition(" ")[2])
    assert path.parent == home / "logs"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Traceback" in path.read_text()
    assert "tocsin job list" in path.read_text()


def test_the_details_of_an_unexpected_error_hold_no_password(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        urls = "postgresql://ann:s3cret@db/x", "mysql://b:s3cr@t@db", "x?password=s3cret&a=b"
        raise RuntimeError(" ".join(urls))

    monkeypatch.setattr("engine.control.jobs.Jobs.all", broken)
    said = cli("job", "list", '"postgresql://ann:s3cret@db:5432/tocsin"')
    path = Path(said.reason.rpartition(" ")[2])
    for told in (said.reason, path.read_text()):
        assert "postgresql://ann:***@db/x mysql://b:***@db x?password=***&a=b" in told
        assert "s3cr" not in told
    assert 'tocsin job list "postgresql://ann:***@db:5432/tocsin"' in path.read_text()
    assert path.parent == home / "logs"


def test_a_reader_that_went_away_is_no_error(cli: Cli, home: Path) -> None:
    assert cli("job", "list").status == 0
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "app", "job", "list"],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home)},
        stdout=write_end,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write_end)
    assert done.returncode == 141
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this machine")
def test_a_full_disk_behind_the_output_is_told(cli: Cli, home: Path) -> None:
    assert cli("job", "list").status == 0
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "app", "job", "list"],
            cwd=ROOT,
            env={**os.environ, "TOCSIN_HOME": str(home)},
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert b"the output could not be written: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1", "no_SUCH.locale"])
def test_every_locale_gets_an_answer(cli: Cli, home: Path, locale: str) -> None:
    cli("group", "create", "billing", "--description", "Zürich, 東京 \U0001f4b0")
    done = call("group", "list", home=home, LC_ALL=locale, LANG=locale, PYTHONUTF8="0",
                PYTHONCOERCECLOCALE="0")  # fmt: skip
    assert done.returncode == 0
    assert b"billing" in done.stdout
    assert done.stderr == b""


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    job = tmp_path / "job.yaml"
    job.write_text("name: one\nduration: 60\nlang: shell\ncode: 'true'\n")
    done = call("load", job, home=blocker / "home")
    assert done.returncode == 1
    assert (
        done.stderr.decode().splitlines()[0].startswith(f"The home {blocker}/home cannot be made")
    )


def test_a_foreign_database_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "tocsin.db").write_bytes(b"this is no database at all" * 100)
    done = call("job", "list", home=home)
    assert done.returncode == 1
    assert b"is not a tocsin store" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_settings_file_with_a_mistake_is_wrong_usage(home: Path) -> None:
    home.mkdir()
    (home / "settings.yaml").write_text("leese-seconds: 5\n")
    done = call("job", "list", home=home)
    assert done.returncode == 2
    assert b"unknown setting 'leese-seconds'. Nearest: 'lease-seconds'" in done.stderr


@contextmanager
def not_ignored(number: signal.Signals) -> Iterator[None]:
    """Let what is started here have a signal that a shell ignores in what runs behind it."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def test_ctrl_c_ends_a_command_without_a_word(cli: Cli, home: Path) -> None:
    assert cli("job", "list").status == 0
    with not_ignored(signal.SIGINT):
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "app", "log", "report", "--follow"],
            cwd=ROOT,
            env={**os.environ, "TOCSIN_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    assert process.stderr is not None
    assert b"there is no log at" in process.stderr.readline()  # now it waits for one
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (out, err) == (b"", b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_nothing_and_no_fault(cli: Cli, home: Path, closed: str) -> None:
    assert cli("job", "list").status == 0
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -m app job list {closed}"],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_an_argument_means_the_same_in_every_locale(cli: Cli, home: Path) -> None:
    assert cli("job", "list").status == 0
    done = call("job", "show", "nöpe", home=home, LC_ALL="C", PYTHONUTF8="0",
                PYTHONCOERCECLOCALE="0")  # fmt: skip
    assert done.returncode == 1
    assert b"No job is named" in done.stderr


def test_following_a_log_ends_when_its_reader_goes_away(cli: Cli, home: Path) -> None:
    assert cli("job", "list").status == 0
    (home / "logs").mkdir(exist_ok=True)
    (home / "logs" / "report.log").write_text("2026-11-23T07:15:00.123456Z INFO  JI 42: hello\n")
    command = f"{sys.executable} -m app log report --follow | head -1; echo ended"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.endswith(b"hello\nended\n")
    assert done.stderr == b""


def on_a_terminal(home: Path, columns: int, *arguments: str) -> list[str]:
    """Run one command line on a terminal, and return the lines that it shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        said = b""
        with suppress(OSError), os.fdopen(ours, "rb", buffering=0) as screen:  # ends with an error
            while more := screen.read(65_536):
                said += more
    return said.decode().replace("\r\n", "\n").splitlines()


def test_a_reason_that_does_not_fit_into_a_terminal_stands_below_its_row(
    cli: Cli, home: Path
) -> None:
    for name in ("probe", "report"):
        assert cli("job", "options", name, "--set", f"greeting={'hello ' * 20}").status == 0
    lines = on_a_terminal(home, 80, "audit", "list", "--object", "probe")
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("WHEN")
    row = next(number for number, line in enumerate(lines) if "JOB-OPTIONS-CHANGED" in line)
    assert lines[row + 1].startswith("    added greeting: ")
    assert "hello hello" in lines[row + 1]
    assert len(lines) < 10
    assert len(cli("audit", "list", "--object", "probe").out.splitlines()[1]) > 150
