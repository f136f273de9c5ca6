"""Rows that go from the store while the view that lists them stands still."""

from app.store.model import InstanceRow
from app.store.store import KEPT_INSTANCES
from app.testing.harness import Robot
from engine.clock import SECOND
from engine.domain.instance import Cause, Status
from engine.domain.job import Job

GONE = "what was chosen is gone"


async def gone_in_a_view_that_stands_still(robot: Robot, *names: str) -> None:
    """Have jobs deleted elsewhere while the view is frozen."""
    await robot.press("f")
    for name in names:
        robot.engine.drop_job(name)
    await robot.settled()


async def test_an_order_for_a_job_that_went_while_the_view_was_frozen_says_so(
    robot: Robot,
) -> None:
    await gone_in_a_view_that_stands_still(robot, "card-expiry-scan")
    await robot.press("d")
    assert robot.status == f"Disable: {GONE}"
    await robot.press("o")
    assert robot.status == f"Output: {GONE}"
    assert robot.engine.asked == []
    await robot.press("j")
    assert robot.line_with("▸").split()[1] == "dunning-mail"
    await robot.press("f")
    assert not robot.shows("card-expiry-scan")


async def test_the_cursor_is_seen_on_the_line_of_a_job_that_is_gone(robot: Robot) -> None:
    await gone_in_a_view_that_stands_still(robot, "card-expiry-scan")
    await robot.press("j", "k")
    assert robot.line_with("▸").split()[1] == "card-expiry-scan"
    await robot.press("f")
    assert robot.line_with("▸").split()[1] == "dunning-mail"


async def test_a_click_on_a_pane_is_taken_while_the_row_under_the_cursor_is_gone(
    robot: Robot,
) -> None:
    await gone_in_a_view_that_stands_still(robot, "card-expiry-scan")
    await robot.click(robot.lines[1].index("Groups"), 1)
    assert robot.app.panes.current_name == "groups"


async def test_an_order_for_a_marked_job_that_went_never_means_the_row_under_the_cursor(
    robot: Robot,
) -> None:
    await robot.press("space")
    await gone_in_a_view_that_stands_still(robot, "card-expiry-scan")
    assert robot.line_with("▸").split()[1] == "dunning-mail"
    await robot.press("d")
    assert robot.status == f"Disable: {GONE}"
    await robot.press("f", "d")
    assert robot.engine.asked == ["disable dunning-mail"]


async def test_an_order_for_marked_jobs_of_which_one_went_means_the_others(robot: Robot) -> None:
    await robot.press("space", "space", "space")
    await gone_in_a_view_that_stands_still(robot, "dunning-mail")
    await robot.press("d")
    assert "Disable 2 jobs: card-expiry-scan, invoice-archive?" in robot.status
    await robot.press("escape", "f")


async def test_an_order_for_a_group_that_went_while_the_view_was_frozen_says_so(
    robot: Robot,
) -> None:
    await robot.press("2", "G", "f")
    robot.engine.drop_group("mail")
    await robot.settled()
    await robot.press("d")
    assert robot.status == f"Disable: {GONE}"
    await robot.press("f")


async def test_an_order_for_a_job_of_a_group_that_went_meanwhile_says_so(robot: Robot) -> None:
    await robot.press("2", "enter")
    first = robot.app.pane_named("groups").selection().jobs[0].name
    await gone_in_a_view_that_stands_still(robot, first)
    await robot.press("d")
    assert robot.status == f"Disable: {GONE}"
    await robot.press("enter")
    assert robot.app.panes.current_name == "groups"
    assert robot.status == f"Go to job: {GONE}"
    await robot.press("f")


async def test_a_job_of_a_frozen_agenda_that_went_meanwhile_is_said_to_be_gone(
    robot: Robot,
) -> None:
    await robot.command("agenda")
    await robot.press("G")
    chosen = robot.app.pane_named("schedule").selection().jobs
    assert chosen
    await gone_in_a_view_that_stands_still(robot, *(job.name for job in chosen))
    await robot.press("enter")
    assert robot.app.panes.current_name == "schedule"
    assert robot.status == f"Go to job: {GONE}"
    await robot.press("f")


async def crowded_out(robot: Robot, job: Job) -> None:
    """Have so many runs begin and end that those from before are not kept."""
    now = robot.clock.now()
    first = max(robot.engine.instances) + 1
    robot.engine.emit(
        *(
            InstanceRow(
                key, job.jobid, job.name, Status.COMPLETE, Cause.SCHEDULE, now, now + SECOND
            )
            for key in range(first, first + KEPT_INSTANCES + KEPT_INSTANCES // 10)
        )
    )
    await robot.settled()


async def test_a_run_that_is_kept_no_more_is_seen_in_a_frozen_view_and_not_opened(
    robot: Robot,
) -> None:
    job = robot.engine.job("card-expiry-scan")
    await robot.press("3", "f")
    await crowded_out(robot, job)
    await robot.press("R")
    assert robot.status == f"Rerun: {GONE}"
    await robot.press("}")
    assert "invoice-archive" in robot.line_with("▸")
    await robot.press("R")
    assert robot.status == f"Rerun: {GONE}"
    await robot.press("enter", "f")
    assert robot.app.panes.current_name == "instances"


async def test_an_order_for_a_run_that_is_kept_no_more_never_means_the_job(robot: Robot) -> None:
    await robot.resize(120, 40)
    await robot.press("j", "j", "j", "tab")
    assert robot.app.pane_named("jobs").selection().instances
    await robot.press("f")
    await crowded_out(robot, robot.engine.job("card-expiry-scan"))
    await robot.press("d")
    assert robot.status == f"Disable: {GONE}"
    await robot.press("f")
