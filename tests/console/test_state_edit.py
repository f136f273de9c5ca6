"""State data in `$EDITOR`: a text that could not be saved comes back, and never by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from app.testing.harness import Robot

JOB = "card-expiry-scan"


class Editor:
    """An editor that notes what it is given, and leaves the text that a test wants (None: it)."""

    def __init__(self, folder: Path) -> None:
        self._given, self._wanted = folder / "given", folder / "wanted"
        self.path = folder / "editor"
        self.path.write_text(
            f"#!/bin/sh\ncp \"$1\" '{self._given}'\n"
            f"if [ -e '{self._wanted}' ]; then mv '{self._wanted}' \"$1\"; fi\n"
        )
        self.path.chmod(0o700)

    def will_leave(self, text: str) -> None:
        self._wanted.write_text(text)

    @property
    def given(self) -> str:
        return self._given.read_text()


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    editor = Editor(tmp_path)
    monkeypatch.setenv("VISUAL", str(editor.path))
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    return editor


async def edit(
    robot: Robot, editor: Editor, text: str | None, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Edit the state data of the job into `text`; None: leave the editor without a change."""
    if text is not None:
        editor.will_leave(text)
    await robot.command(f"editstate {JOB}")
    robot.engine.holds_answers = True
    await robot.type(JOB)
    await robot.press("enter")
    robot.engine.let_answer()
    robot.engine.holds_answers = True
    await robot.settled()
    meanwhile()
    robot.engine.let_answer()
    await robot.settled()


def data_of(robot: Robot) -> object:
    return robot.engine.desk.state(JOB).data


async def test_a_text_that_is_left_as_it_was_given_changes_nothing(
    robot: Robot, editor: Editor
) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 100})
    await edit(robot, editor, None)
    assert editor.given == "cursor: 100\n"
    assert robot.status == "nothing was changed"
    assert len(robot.engine.desk.state(JOB).history) == 1


async def test_an_unsaved_text_that_is_left_unchanged_is_dropped_and_saves_nothing(
    robot: Robot, editor: Editor
) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 100})
    await edit(
        robot, editor, "cursor: 50\n", lambda: robot.engine.desk.set_state(JOB, {"cursor": 101})
    )
    assert "not saved: a run saved its own meanwhile" in robot.status
    robot.engine.desk.set_state(JOB, {"cursor": 900, "done": ["a"]})
    await edit(robot, editor, None)
    assert robot.status == "nothing was changed; your text of 12:30:05 UTC is dropped"
    assert data_of(robot) == {"cursor": 900, "done": ["a"]}
    await edit(robot, editor, None)
    assert editor.given == "cursor: 900\ndone:\n- a\n"
    assert robot.status == "nothing was changed"


async def test_an_unsaved_text_comes_with_its_time_and_the_data_as_they_are_now(
    robot: Robot, editor: Editor
) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 100})
    await edit(
        robot, editor, "cursor: 50\n", lambda: robot.engine.desk.set_state(JOB, {"cursor": 101})
    )
    orders: list[bool] = []
    await edit(robot, editor, "cursor: 51\n", lambda: orders.append(robot.app.waiting.has_orders))
    assert orders == [True], "to save is an order, which is waited for"
    above, text, below = editor.given.partition("cursor: 50\n")
    assert text
    assert above.startswith("# Your text of 12:30:05 UTC, which was not saved.")
    assert "The data HAVE CHANGED since" in above
    assert below == "# The data are now:\n# cursor: 101\n"
    assert robot.status == f"saved the state data of {JOB}"
    assert data_of(robot) == {"cursor": 51}
    await edit(robot, editor, None)
    assert editor.given == "cursor: 51\n"


async def test_an_unsaved_text_is_saved_as_it_is_where_the_comment_is_deleted(
    robot: Robot, editor: Editor
) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 100})
    await edit(
        robot, editor, "cursor: 50", lambda: robot.engine.desk.set_state(JOB, {"cursor": 101})
    )
    await edit(robot, editor, "cursor: 50\n# The data are now:\n# cursor: 101\n")
    assert data_of(robot) == {"cursor": 50}


async def test_what_is_saved_while_an_unsaved_text_is_gone_on_from_is_a_conflict_again(
    robot: Robot, editor: Editor
) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 100})
    for number in (1, 2):
        await edit(
            robot,
            editor,
            f"cursor: {number}\n",
            lambda: robot.engine.desk.set_state(
                JOB, {"cursor": len(robot.engine.desk.state(JOB).history)}
            ),
        )
        assert "not saved: a run saved its own meanwhile" in robot.status
    assert data_of(robot) == {"cursor": 2}


async def test_the_line_of_a_fault_is_the_one_that_the_next_edit_shows(
    robot: Robot, editor: Editor
) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 100})
    await edit(robot, editor, "cursor: 1\nother: [}\nlast: 2\n")
    assert "not saved: line 4: " in robot.status
    await edit(robot, editor, None)
    assert editor.given.splitlines()[3] == "other: [}"
    assert "The data have not changed since" in editor.given
    assert "is dropped" in robot.status
