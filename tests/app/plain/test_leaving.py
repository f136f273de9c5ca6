"""Leaving a plain console that hosts an engine, when that engine or its store does not answer."""

import io
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.plain.ear import FileEar
from app.plain.hang_up import HangUp
from app.plain.leaving import may_leave
from app.plain.talk import Talk
from app.plain.voice import Voice
from app.presentation.instants import zone_named
from engine.config import Settings
from engine.control import Actor, System
from engine.engine import Engine
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld


@pytest.fixture
def other(settings: Settings) -> Iterator[ManualEngine]:
    """An engine that runs a job, and is not the one that the console hosts."""
    clock = ManualClock()
    world = ScriptedWorld(clock, ends_at_once=False)
    engine = ManualEngine(settings.home, settings=settings, clock=clock, world=world)
    engine.open()
    engine.run("slow")
    yield engine
    engine.drop()


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Engine]:
    """An engine that lives, though the store that is asked knows of none: its file was replaced."""
    engine = Engine(Settings(tmp_path / "replaced", f"sqlite:///{tmp_path / 'replaced.db'}"))
    engine.start()
    yield engine
    engine.stop(0)
    engine.wait()


@pytest.fixture
def left(other: ManualEngine, hosted: Engine, system: System) -> Iterator["Leaving"]:
    """What the other engine ran when it died stands in the store as if it ran on."""
    other.kill()
    leaving = Leaving(hosted, system)
    yield leaving
    leaving.close()


class Leaving:
    """Leaves the console that hosts an engine."""

    def __init__(self, hosted: Engine, system: System) -> None:
        self._hosted = hosted
        self._system = system
        self._reading, self._writing = os.pipe()
        self.has_left = False

    def leave(self, *answers: str) -> list[str]:
        """Return what is said until an answer leaves or stays."""
        os.write(self._writing, "".join(f"{answer}\n" for answer in answers).encode())
        stream = io.StringIO()
        ear = FileEar(self._reading)
        talk = Talk(self._system, Actor("ops", "test"), ear, Voice(stream), zone_named("UTC"))
        self.has_left = may_leave(talk, self._hosted, HangUp(), ended=False)
        return [line for line in stream.getvalue().splitlines() if line != "leave> "]

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)


def test_a_drain_that_is_refused_is_told_in_one_line_and_the_question_stays(left: Leaving) -> None:
    told, drain, *after = left.leave("drain", "drain", "stay")
    assert told == "1 instance would be ended with the engine that this console hosts."
    assert drain == "drain waits for them, stop ends them, anything else stays."
    refused = re.compile(r"Refused: No engine is alive on \S+, so there is none to drain\. .+")
    assert [bool(refused.fullmatch(line)) for line in after] == [True, True, False]
    assert after[-1] == "Staying."
    assert not left.has_left


def test_a_store_that_cannot_be_read_is_told_in_one_line_and_the_question_is_asked(
    left: Leaving, settings: Settings
) -> None:
    with closing(sqlite3.connect(settings.home / "tocsin.db")) as store:
        store.execute("ALTER TABLE job_instance RENAME TO out_of_reach")
        unread, told, *rest = left.leave("stay")
        left.leave("stop")
        store.execute("ALTER TABLE out_of_reach RENAME TO job_instance")
    assert re.fullmatch(r"The store cannot be read: The store \S+ refused: no such .+", unread)
    assert told == "What runs would be ended with the engine that this console hosts."
    assert rest[-1] == "Staying."
    assert left.has_left


def test_an_engine_that_was_hosted_and_is_gone_is_not_asked_about_though_another_runs_jobs(
    other: ManualEngine, settings: Settings, system: System
) -> None:
    del other  # it runs
    assert system.engine.status().running == 1
    leaving = Leaving(Engine(settings), system)
    try:
        assert leaving.leave("stop") == []
        assert leaving.has_left
    finally:
        leaving.close()
