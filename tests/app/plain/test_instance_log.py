"""`log #INSTANCE follow` reads on until the run ends, or until Enter stops it."""

import io
from collections.abc import Callable, Iterator, Sequence

import pytest
from msgspec.structs import replace

from app.plain.main import COMMANDS
from app.plain.talk import Talk
from app.plain.voice import Voice
from app.presentation.instants import zone_named
from engine.control import Actor, System
from engine.execution.log_reader import base_of
from engine.execution.runtime.log_file import LogFile
from engine.persistence import instances, jobs
from engine.persistence.instances import StartDetails
from engine.testing.clock import ManualClock
from tests.support.stores import NOON, a_running, a_session, ended

Step = Callable[[], bool]  # what happens during a wait; True: something was typed


class ListeningEar:
    """Lets one thing happen in each wait, in the place of time."""

    def __init__(self, steps: Sequence[Step], *, is_interactive: bool) -> None:
        self._steps: Iterator[Step] = iter(steps)
        self.is_interactive = is_interactive
        self.lines = ["", "undo"]

    def wait(self, seconds: float | None) -> bool:
        """Whether something is typed meanwhile."""
        del seconds
        return not self.is_interactive or next(self._steps)()

    def line(self) -> str | None:
        """Return the next line."""
        return self.lines.pop(0)

    def pause(self, seconds: float) -> None:
        """Let the next thing happen, whatever was typed."""
        del seconds
        next(self._steps)()


class Run:
    """A run that goes on, and its log."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._path = system.settings.log_dir / "report.log"
        self._path.parent.mkdir()
        self._path.touch()
        with system.database.begin() as tx:
            self._claim = a_running(tx, jobs.get(tx, "report").jobid, a_session(tx))
            place = StartDetails(self._claim.job_instanceid, 4242, str(self._path), 0)
            instances.set_started_details(tx, [place])

    def writes(self, text: str) -> bool:
        """Add a line of the run, and one of another run."""
        with self._path.open("a") as log:
            for number in (self._claim.job_instanceid, 77):
                log.write(f"2026-11-26T12:00:00.000000Z OUT   JI {number}: {text}\n")
        return False

    def writes_full(self, *texts: str) -> bool:
        """Add lines of the run, each to a file of its own, of which two are kept."""
        log = LogFile(str(self._path), limit=60, generations=1)
        for text in texts:
            log.append(f"2026-11-26T12:00:00.000000Z OUT   JI 1: {text}\n".encode())
        log.close()
        return False

    def ends(self) -> bool:
        """Record its end."""
        end = base_of(self._path) + self._path.stat().st_size
        finish = ended(self._claim, log_file=str(self._path), log_start=0, log_end=end)
        with self._system.database.begin() as tx:
            instances.finish_many(tx, [finish], self._claim.sessionid)
        return False


@pytest.fixture
def run(system: System) -> Run:
    run = Run(system)
    run.writes("before")
    return run


def said(system: System, typed: str, ear: ListeningEar) -> list[str]:
    """Return what is said to a command, without the instants of the log."""
    stream = io.StringIO()
    talk = Talk(
        System(replace(system.context, clock=ManualClock(NOON))),
        Actor("ops", "test"),
        ear,
        Voice(stream),
        zone_named("UTC"),
    )
    COMMANDS.run(talk, typed)
    return [line.split("Z OUT   ")[-1] for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("is_interactive", [True, False])
def test_an_instance_is_read_on_to_its_end(
    system: System, run: Run, *, is_interactive: bool
) -> None:
    steps = [
        lambda: run.writes("first"),
        lambda: run.writes("second") or run.writes("third") or run.ends(),
    ]
    ear = ListeningEar(steps, is_interactive=is_interactive)
    assert said(system, "log #1 follow", ear) == [
        "Reading on as it grows; Enter stops it.",
        "JI 1: before",
        "JI 1: first",
        "JI 1: second",
        "JI 1: third",
        "#1 report: complete after 1.0s, schedule, started 12:00:00",
    ]
    assert ear.lines == ["", "undo"]  # what a pipe holds is for later


def test_enter_stops_the_reading_and_the_run_goes_on(system: System, run: Run) -> None:
    ear = ListeningEar([lambda: run.writes("first"), lambda: True], is_interactive=True)
    assert said(system, "log 1 1 follow", ear) == [
        "Reading on as it grows; Enter stops it.",
        "JI 1: before",
        "JI 1: first",
        "Not reading on any more.",
    ]
    assert ear.lines == ["undo"]


def test_an_instance_that_has_ended_is_read_out_at_once(system: System, run: Run) -> None:
    run.ends()
    ear = ListeningEar([], is_interactive=True)
    assert said(system, "log #1 follow", ear) == ["JI 1: before"]


def test_no_line_is_left_out_while_rotation_removes_what_was_read(system: System, run: Run) -> None:
    steps = [
        lambda: run.writes_full("first"),
        lambda: run.writes_full("second"),
        lambda: run.writes_full("third", "fourth"),
        lambda: run.writes_full("fifth") or run.ends(),
    ]
    told = said(system, "log #1 follow", ListeningEar(steps, is_interactive=True))
    texts = ["before", "first", "second", "third", "fourth", "fifth"]
    assert told[1:-1] == [f"JI 1: {text}" for text in texts]


def test_lines_that_rotation_removed_before_they_were_read_are_told(
    system: System, run: Run
) -> None:
    steps = [lambda: run.writes_full("first", "second", "third", "fourth") or run.ends()]
    assert said(system, "log #1 follow", ListeningEar(steps, is_interactive=True))[1:-1] == [
        "JI 1: before",
        "Lines were removed by the rotation of the log before they were read.",
        "JI 1: third",
        "JI 1: fourth",
    ]
    assert said(system, "log #1", ListeningEar([], is_interactive=True)) == [
        "Its beginning was removed by the rotation of the log.",
        "JI 1: third",
        "JI 1: fourth",
    ]


def test_a_beginning_that_is_gone_is_told_to_who_reads_on(system: System, run: Run) -> None:
    run.writes_full("first", "second", "third")
    ear = ListeningEar([lambda: True], is_interactive=True)
    assert said(system, "log #1 1 follow", ear) == [
        "Reading on as it grows; Enter stops it.",
        "Its beginning was removed by the rotation of the log.",
        "JI 1: third",
        "Not reading on any more.",
    ]
