"""A job finds back to the tocsin that runs it, and learns no password on the way."""

import shlex
import subprocess
from pathlib import Path

import pytest

from engine.execution.way_back import way_back


def test_the_command_runs_tocsin() -> None:
    told = way_back(Path("/home/of/tocsin"), "sqlite:////home/of/tocsin/tocsin.db")
    assert told["TOCSIN_HOME"] == "/home/of/tocsin"
    done = subprocess.run(
        [*shlex.split(told["TOCSIN_COMMAND"]), "version"],
        capture_output=True,
        text=True,
        cwd="/",
        check=True,
    )
    assert done.stdout.startswith("tocsin ")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////srv/tocsin.db", "sqlite:////srv/tocsin.db"),
        ("postgresql://ann@db:5432/jobs", "postgresql://ann@db:5432/jobs"),
        (
            "postgresql://ann:secret@db/jobs?sslmode=require",
            "postgresql://ann@db/jobs?sslmode=require",
        ),
        ("postgresql+psycopg://ann:s@c:r@db/jobs", "postgresql+psycopg://ann@db/jobs"),
    ],
)
def test_a_password_is_left_out(url: str, told: str) -> None:
    assert way_back(Path("/h"), url)["TOCSIN_DB"] == told
