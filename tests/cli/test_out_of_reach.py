"""Files and folders that the system refuses: told in one line, and no fault of tocsin."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import Cli

ROOT = Path(__file__).parents[2]
HELD_OFF = """
import ctypes, os, sys
for capability in (1, 2):  # what lets root look into every folder; others have neither
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "app", *sys.argv[1:]])
"""


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may look into."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o000)
    yield folder
    folder.chmod(0o700)


def held_off(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run one command line that may not look everywhere."""
    return subprocess.run(
        [sys.executable, "-c", HELD_OFF, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_home_in_a_folder_that_is_locked_is_an_unknown_status(locked: Path) -> None:
    done = held_off("--home", locked / "home", "status", "--exit-code")
    assert done.returncode == 3
    assert done.stderr == f"{locked}/home: cannot be used: Permission denied\n"


@pytest.mark.parametrize(
    "command",
    [("restore", "{}"), ("import", "crontab", "{}"), ("import", "systemd", "{}"),
     ("--home", "{}", "job", "list"), ("--home", "{}", "status"), ("--home", "{}", "console")],
)  # fmt: skip
def test_what_is_in_a_folder_that_is_locked_is_told_in_one_line(
    cli: Cli, locked: Path, home: Path, command: tuple[str, ...]
) -> None:
    assert cli("job", "list").status == 0
    done = held_off(*(each.format(locked / "it") for each in command))
    assert done.returncode == 1
    assert done.stderr == f"{locked}/it: cannot be used: Permission denied\n"
    assert not list((home / "logs").glob("crash-*"))


def test_a_working_directory_that_is_gone_is_told_in_one_line(cli: Cli, tmp_path: Path) -> None:
    assert cli("job", "list").status == 0
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", f"rmdir '{gone}'; exec '{sys.executable}' -m app engine --jobs x"],
        cwd=gone,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "the working directory cannot be used: No such file or directory\n"
