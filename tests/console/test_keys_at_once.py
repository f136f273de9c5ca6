"""Keys that arrive in one read mean what they would mean one by one, beside the table too."""

import pytest
from textual import events

from app.panes.logs import LogsPane
from app.testing.harness import Robot

# The groups from above: billing, DEFAULT, mail.


async def test_a_job_of_the_group_that_the_keys_before_went_to_is_disabled(robot: Robot) -> None:
    await robot.press("2")
    await robot.press("j", "j", "enter", "d")
    assert robot.engine.asked == ["disable dunning-mail"]


@pytest.mark.parametrize("there", ["l", "tab", "enter", "shift+tab"])
async def test_keys_go_on_among_the_jobs_of_the_group_that_was_gone_to(
    robot: Robot, there: str
) -> None:
    await robot.press("2")
    await robot.press("j", there, "j", "d")
    assert robot.engine.asked == ["disable dunning-mail"]  # the second one of DEFAULT
    assert robot.shows("Jobs - DEFAULT")


async def test_what_was_gone_back_to_has_its_jobs_before_the_next_key(robot: Robot) -> None:
    await robot.press("2")
    await robot.press("j", "l", "1", "2", "h", "k", "l")
    await robot.press("[", "[", "j", "d")
    assert robot.engine.asked == ["disable dunning-mail"]


async def test_a_wheel_beside_a_cursor_that_moves_does_not_keep_it_from_being_told(
    robot: Robot,
) -> None:
    await robot.resize(120, 40)
    await robot.press("2")
    x = robot.line_with("Jobs - billing").index("Jobs - billing")
    robot.app.post_message(events.Key("j", "j"))
    await robot.mouse(events.MouseScrollDown, x, 8)
    assert robot.shows("Jobs - DEFAULT")


async def test_nothing_is_asked_about_the_rows_that_held_keys_only_pass(robot: Robot) -> None:
    await robot.resize(120, 40)
    robot.engine.holds_answers = True
    await robot.press("j", "j", "space", "space", "j")
    assert len(robot.engine._held) == 1  # the log of the job that the cursor came to
    robot.engine.let_answer()
    await robot.settled()


async def test_the_run_of_the_job_that_was_gone_to_is_shown_and_stopped(robot: Robot) -> None:
    await robot.resize(120, 40)
    for name in ("invoice-archive", "invoice-sync-eu"):
        robot.engine.begin(name)
    await robot.press("j", "j")  # to invoice-archive
    await robot.press("j", "tab", "x")
    assert "invoice-sync-eu" in robot.status
    await robot.press("n", "shift+tab", "k", "tab", "o")
    logs = robot.app.pane_named("logs")
    assert isinstance(logs, LogsPane)
    last = robot.app.store.jobs[robot.app.store.names["invoice-archive"]].running[-1]
    assert logs.subject == f"instance {last}"


async def test_the_run_of_the_job_that_was_gone_to_is_marked(robot: Robot) -> None:
    await robot.resize(120, 40)
    await robot.press("j", "j", "tab", "space", "j", "space")
    chosen = robot.app.scene().selection
    assert [job.name for job in chosen.jobs] == ["invoice-archive"]
    assert len(chosen.instances) == 2
