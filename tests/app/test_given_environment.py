"""The locale that the user gave decides about the signs, not the one that Python put there."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.given_environment import given_environment

_SAY = """
import os, sys
from app.given_environment import given_environment
from app.presentation.symbols import choose_symbols
print(choose_symbols(given_environment(os.environ), sys.stdout.encoding))
"""


@pytest.mark.parametrize(
    ("locale", "signs"),
    [
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "POSIX"}, "ascii"),
        ({"LC_ALL": "C", "LANG": "C.UTF-8"}, "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "unicode"),
        ({"LANG": "C.UTF-8"}, "unicode"),
    ],
)
def test_the_c_locale_has_ascii_signs_though_python_makes_it_utf_8(
    locale: dict[str, str], signs: str
) -> None:
    environment = {"TERM": "xterm", "PATH": "/usr/bin:/bin", **locale}
    command = [sys.executable, "-c", _SAY]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == signs


def test_where_the_start_cannot_be_read_the_environment_stays(tmp_path: Path) -> None:
    now = {"LANG": "C", "LC_CTYPE": "C.UTF-8"}
    assert given_environment(now, tmp_path / "none") == now
