"""The state pane: saves and clearings, what an older save held, values read whole, edits."""

from contextlib import nullcontext
from pathlib import Path
from typing import cast

import pytest

from app.client.desk import Desk
from app.client.saved_state import with_clearings
from app.client.views import SavedState, StateView
from app.options import ConsoleOptions
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.view_state import save_view_state
from engine.clock import SECOND, Instant
from engine.errors import EngineError

JOB = "card-expiry-scan"


def save(at: int, number: int | None, **data: object) -> SavedState:
    return SavedState(at * SECOND, data or None, number, "" if number else "ops")


def ended(*ends: tuple[int, int]) -> "Ends":
    return Ends(ends)


class Ends:
    """The ends of runs that were COMPLETE."""

    def __init__(self, ends: tuple[tuple[int, int], ...]) -> None:
        self._ends = [(at * SECOND, number) for at, number in ends]

    def __call__(self, before: SavedState) -> tuple[Instant, int] | None:
        return min((end for end in self._ends if end[0] >= before.saved_at), default=None)


def told(history: tuple[SavedState, ...]) -> list[str]:
    return [
        f"{each.saved_at // SECOND} {'cleared' if each.data is None else 'saved'}"
        for each in history
    ]


def test_a_complete_run_leaves_a_tombstone_after_its_last_save() -> None:
    saves = [save(12, 8, cursor=2), save(11, 8, cursor=1), save(2, 7, cursor=2)]
    history = with_clearings(saves, ended((3, 7), (13, 8)), has_data=False)
    assert told(history) == ["13 cleared", "12 saved", "11 saved", "3 cleared", "2 saved"]
    assert history[0].job_instanceid == 8
    assert history[0].who == "COMPLETE"


def test_data_that_are_still_there_were_not_cleared() -> None:
    saves = [save(12, 8, cursor=2), save(2, 7, cursor=2)]
    assert told(with_clearings(saves, ended((13, 9)), has_data=True)) == ["12 saved", "2 saved"]


def test_what_an_operator_cleared_has_its_own_line_alone() -> None:
    saves = [save(12, None), save(2, 7, cursor=2)]
    assert told(with_clearings(saves, ended((13, 9)), has_data=False)) == ["12 cleared", "2 saved"]


async def test_the_newest_line_of_cleared_data_tells_which_run_cleared_them(robot: Robot) -> None:
    now = robot.clock.now()
    robot.engine.states[JOB] = [
        SavedState(now - SECOND, {"cursor": 6}, 42),
        SavedState(now, None, 42, "COMPLETE"),
    ]
    await robot.press("s")
    assert robot.shows("no state data:")
    assert robot.shows("┃   cleared by COMPLETE #42")
    assert robot.shows("0s  #42 cleared")
    assert robot.shows("on 2026-01-05 12:")
    await robot.press("tab", "j")
    assert robot.shows("State data as of")
    assert robot.shows("cursor  6")


async def test_an_older_save_stays_chosen_while_a_run_saves_on(robot: Robot) -> None:
    now = robot.clock.now()
    states = [SavedState(now + step, {"cursor": step}, 42) for step in range(3)]
    robot.engine.states[JOB] = states
    await robot.press("s")
    await robot.press("tab", "j")
    assert robot.shows("cursor  1")
    robot.engine.begin(JOB)
    await robot.settled()
    states.append(SavedState(now + 9, {"cursor": 9}, 42))
    await robot.pass_time(3)
    assert robot.shows("cursor  1")
    await robot.press("g")
    assert robot.shows("cursor  9")


async def test_a_save_that_came_after_the_view_was_frozen_says_how_long_after(
    robot: Robot,
) -> None:
    robot.engine.states[JOB] = [SavedState(robot.clock.now() - 5 * SECOND, {"cursor": 1}, 42)]
    await robot.press("s", "f")
    await robot.pass_time(30)
    robot.engine.states[JOB].append(SavedState(robot.clock.now(), {"cursor": 2}, 43))
    await robot.pass_time(5)
    await robot.press("1", "5")
    assert robot.shows("cursor  2")
    assert "12:30:35 +30s  12 B  #43" in robot.line_with("#43")
    assert "12:30:00   5s  12 B  #42" in robot.line_with("#42")
    assert "saved 30s after the view was frozen" in robot.lines[2]
    await robot.press("f")
    assert "12:30:35   5s  12 B  #43" in robot.line_with("#43")
    assert "saved 5s ago" in robot.lines[2]


async def test_what_was_revealed_of_one_job_stays_masked_for_the_next(robot: Robot) -> None:
    for name in (JOB, "price-feed"):
        robot.engine.desk.set_state(name, {"password": "hunter2"})
    await robot.press("s", "H")
    assert robot.shows("hunter2")
    await robot.command("data price-feed")
    assert not robot.shows("hunter2")


async def test_enter_reads_a_long_value_whole_and_refuses_a_secret(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {"text": "word " * 300 + "last", "token": "abc"})
    await robot.press("s")
    await robot.press("enter")
    await robot.press("G")
    assert robot.shows("last")
    await robot.press("escape", "j")
    await robot.press("enter")
    assert "looks like a secret" in robot.status


@pytest.fixture
def editor(robot: Robot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that replaces the text by that of a file, and remembers what it was given."""
    script = tmp_path / "editor"
    script.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/given\ncp {tmp_path}/typed "$1"\n')
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(script))
    monkeypatch.setattr(robot.app, "suspend", nullcontext)  # there is no terminal to give away
    return tmp_path


async def edit(robot: Robot) -> None:
    await robot.press("M")
    await robot.type(JOB)
    await robot.press("enter")


async def test_an_edit_that_is_refused_is_not_lost(robot: Robot, editor: Path) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1})
    await robot.press("s")
    (editor / "typed").write_text("cursor: [2\n")
    await edit(robot)
    assert "not saved: line" in robot.status
    assert robot.engine.states[JOB][-1].data == {"cursor": 1}
    (editor / "typed").write_text("cursor: 2\n")
    await edit(robot)
    assert "\ncursor: [2\n" in (editor / "given").read_text()
    assert robot.engine.states[JOB][-1].data == {"cursor": 2}


async def test_an_editor_that_fails_says_so_and_keeps_the_text_of_before(
    robot: Robot, editor: Path
) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1})
    await robot.press("s")
    (editor / "typed").write_text("cursor: [2\n")
    await edit(robot)
    works = (editor / "editor").read_text()
    (editor / "editor").write_text("#!/bin/sh\nexit 3\n")
    await edit(robot)
    assert "ended with 3: nothing was saved" in robot.status
    (editor / "editor").write_text(works)
    await edit(robot)
    assert "\ncursor: [2\n" in (editor / "given").read_text()


async def test_a_text_that_was_taken_back_is_not_kept(robot: Robot, editor: Path) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1})
    await robot.press("s")
    for typed in ("cursor: [2\n", "cursor: 1\n", "cursor: 1\n"):
        (editor / "typed").write_text(typed)
        await edit(robot)
    assert "nothing was changed" in robot.status
    assert (editor / "given").read_text() == "cursor: 1\n"


async def test_another_job_is_shown_as_a_tree_again(robot: Robot) -> None:
    await robot.command("state card-expiry-scan")
    await robot.press("J")
    await robot.command("state card-expiry-scan")
    assert "yaml" in robot.lines[2]
    await robot.command("state price-feed")
    assert "tree" in robot.lines[2]


@pytest.mark.parametrize("keys", ["", "f"], ids=["following", "frozen"])
async def test_a_console_that_was_left_on_state_data_shows_those_of_the_cursors_job(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path, keys: str
) -> None:
    engine.desk.set_state("price-feed", {"cursor": 3})
    cursor = engine.job("price-feed").jobid
    save_view_state(tmp_path, {"console": {"pane": "state"}, "jobs": {"cursor": cursor}})
    engine.reads_slowly = True
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as robot:
        assert robot.shows("reading ...")
        assert not robot.shows("choose a job")
        await robot.press(*keys)
        engine.resync()
        await robot.settled()
        await robot.pass_time(1)
        assert "price-feed  1 key" in robot.lines[2]
        assert robot.shows("cursor  3")


async def test_nothing_of_another_job_is_told_while_the_data_are_read(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1})
    await robot.command(f"state {JOB}")
    assert f"{JOB}  1 key" in robot.lines[2]
    robot.engine.holds_answers = True
    await robot.command("state price-feed")
    assert robot.lines[2].split()[:2] == ["price-feed", "tree"]
    assert robot.shows("reading ...")
    assert not robot.shows("cursor")
    robot.engine.let_answer()
    await robot.settled()
    assert "price-feed  no state data" in robot.lines[2]
    assert not robot.shows("reading ...")


async def test_in_eighty_columns_every_save_tells_its_size_and_what_cleared_it(
    robot: Robot,
) -> None:
    now, day = robot.clock.now(), 24 * 3600 * SECOND
    data = {f"key{each}": "x" * 100 for each in range(5)}
    robot.engine.states[JOB] = [
        SavedState(now - 3 * day, data, 881_210),
        SavedState(now - 2 * day, None, 881_210, "COMPLETE"),
        SavedState(now - 60 * SECOND, data, 881_211),
        SavedState(now - 50 * SECOND, None, 881_211, "COMPLETE"),
        SavedState(now - 40 * SECOND, data, None, "ops"),
        SavedState(now - 30 * SECOND, None, None, "ops"),
    ]
    await robot.press("s")
    saves = [line.rpartition("│")[0].rpartition("│")[2] for line in robot.lines[4:10]]
    assert [line.rstrip() for line in saves] == [
        "12:29:35  30s  cleared by ops",
        "12:29:25  40s  551 B  ops",
        "12:29:15  50s  #881211 cleared",
        "12:29:05   1m  551 B  #881211",
        "Jan 03 12:30  #881210 cleared",
        "Jan 02 12:30  551 B  #881210",
    ]


class Unreadable:
    """A store whose state data cannot be read, but those of one job."""

    def __init__(self, engine: ScriptedEngine, readable: str = "") -> None:
        self._desk = engine.desk
        self._readable = readable

    def __getattr__(self, name: str) -> object:
        return getattr(self._desk, name)

    def state(self, name: str) -> StateView:
        if name == self._readable:
            return self._desk.state(name)
        raise EngineError("the disk says no")


async def test_state_data_that_cannot_be_read_say_so_and_are_shown_once_they_can(
    robot: Robot,
) -> None:
    readable = robot.engine.desk
    readable.set_state(JOB, {"cursor": 1})
    robot.engine.desk = cast("Desk", Unreadable(robot.engine))
    await robot.command(f"state {JOB}")
    assert robot.shows("cannot be read: the disk")
    assert robot.shows("Read again every 2 s")
    assert not robot.shows("reading ...")
    await robot.pass_time(3)
    assert robot.shows("cannot be read: the disk")
    robot.engine.desk = readable
    await robot.pass_time(3)
    assert robot.shows("cursor  1")
    assert not robot.shows("cannot be read")


async def test_an_answer_about_another_job_than_the_one_that_is_chosen_is_not_shown(
    robot: Robot,
) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1})
    robot.engine.desk = cast("Desk", Unreadable(robot.engine, JOB))
    robot.engine.holds_answers = True
    await robot.command(f"state {JOB}")
    await robot.command("state price-feed")
    robot.engine.let_answer()
    await robot.settled()
    assert not robot.shows("cursor  1")
    assert robot.shows("cannot be read: the disk")
