"""A plain console to type into: a real store, a real pipe, no engine unless a test starts one."""

import io
import os
import shutil
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.cli.boundary import run as command_line
from app.plain.ear import FileEar
from app.plain.hang_up import HangUp
from app.plain.main import converse
from app.plain.talk import Choice, Talk
from app.plain.voice import Voice
from app.presentation.instants import zone_named
from engine.config import Settings, load_settings
from engine.control import Actor, System, open_system
from engine.testing.clock import ManualClock

JOBS = """
name: report
version: "2.1"
desc: Counts the files
schedule: "30 2 * * mon-fri"
timezone: Europe/Prague
groups: [nightly]
tags: {team: ops}
code: |
  def run():
      job_progress(0.5, "half")
---
name: probe
duration: 600
groups: [nightly]
code: |
  def run():
      raise RuntimeError("no \\x1b[31mdisk")
---
name: slow
duration: 7000
single-instance: true
code: |
  def run():
      job_sleep(60)
"""

Said = Callable[..., list[str]]


@pytest.fixture(scope="session")
def loaded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which the jobs were loaded, to be copied: faster than loading for each test."""
    folder = tmp_path_factory.mktemp("loaded")
    path = folder / "jobs.yaml"
    path.write_text(textwrap.dedent(JOBS))
    assert command_line(["--home", str(folder / "home"), "load", str(path)]) == 0
    return folder / "home"


@pytest.fixture
def settings(loaded_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    home = shutil.copytree(loaded_home, tmp_path / "home")
    monkeypatch.setenv("TOCSIN_HOME", str(home))
    return load_settings(home)


@pytest.fixture
def system(settings: Settings) -> Iterator[System]:
    opened = open_system(settings)
    yield opened
    opened.close()


@pytest.fixture
def said(system: System) -> Said:
    """Type lines and get back every line that was said, without the prompts."""

    def type_lines(
        *typed: str,
        read_only: bool = False,
        environment: str = "",
        now: str = "",
        offered: Sequence[Choice] = (),
    ) -> list[str]:
        of_then = replace(system.context, clock=ManualClock.at(now)) if now else system.context
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write("".join(f"{line}\n" for line in typed).encode())
        stream = io.StringIO()
        talk = Talk(
            System(of_then),
            Actor("ops", "test"),
            FileEar(reading),
            Voice(stream),
            zone_named("UTC"),
            is_read_only=read_only,
            environment=environment,
            _choices=list(offered),
        )
        try:
            converse(talk, None, HangUp())
        finally:
            os.close(reading)
        prompts = {"tocsin> ", "confirm> "}
        return [line for line in stream.getvalue().splitlines() if line not in prompts]

    return type_lines
