"""A file is handed over to whom a store belongs; never one that somebody else put there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.persistence.belonging import Belonging, belonging_of

ROOT = Path(__file__).parents[2]
USER, GROUP = 12_345, 12_346
THEIRS = Belonging(USER, GROUP, 0o660)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "made"
    path.touch(0o600)
    return path


def whose(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode & 0o777


def test_a_file_becomes_theirs(made: Path) -> None:
    THEIRS.hand_over(made)
    assert whose(made) == (USER, GROUP, 0o660)
    assert belonging_of(made) == THEIRS


def test_what_makes_a_program_is_left_out_of_a_mode(made: Path) -> None:
    made.chmod(0o4755)
    assert belonging_of(made).mode == 0o644


def test_what_somebody_else_put_there_is_given_to_nobody(made: Path) -> None:
    linked, pointed = made.with_name("linked"), made.with_name("pointed")
    os.link(made, linked)
    THEIRS.hand_over(linked)
    pointed.symlink_to(made)
    with pytest.raises(OSError, match="symbolic links"):
        THEIRS.hand_over(pointed)
    assert whose(made) == (0, os.getegid(), 0o600)


HAND_OVER_AS_USER = f"""
import os, pathlib
from tests.persistence.test_belonging import THEIRS, whose
pathlib.Path("mine").mkdir()
os.chown("mine", {USER}, {USER})
os.chdir("mine")
os.setgroups([]); os.setgid({USER}); os.setuid({USER})
made = pathlib.Path("made")
made.touch(0o600)
THEIRS.hand_over(made)
print(*whose(made))
"""


def test_the_rights_of_a_group_are_given_to_no_other_one(tmp_path: Path) -> None:
    code = [sys.executable, "-c", HAND_OVER_AS_USER]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        code, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert done.stdout.split() == [str(USER), str(USER), str(0o600)], done.stderr
