"""Runs followed to their end, groups filled by a filter, ranges, and a view that stands still."""

from app.testing.harness import Robot
from engine.domain.instance import Status


async def test_how_a_run_that_was_started_here_ends_is_said(robot: Robot) -> None:
    await robot.command("job card-expiry-scan")
    await robot.press("r")
    assert "card-expiry-scan runs as #" in robot.status
    (number,) = (row.job_instanceid for row in robot.engine.instances.values() if row.is_live)
    robot.engine.end(number, Status.ERROR, after=60, error="TimeoutError: no answer")
    await robot.settled()
    assert robot.status.startswith(f"card-expiry-scan #{number} ERROR after 1m")
    assert "TimeoutError: no answer" in robot.status


async def test_several_runs_are_summed_up_when_the_last_has_ended(robot: Robot) -> None:
    await robot.command("run card-expiry-scan vat-report-nl")
    robot.clock.pass_time(1)
    await robot.press("y")
    live = sorted(row.job_instanceid for row in robot.engine.instances.values() if row.is_live)
    robot.engine.end(live[0], Status.COMPLETE)
    await robot.settled()
    assert "runs have ended" not in robot.status
    robot.engine.end(live[1], Status.CRASH)
    await robot.settled()
    assert "2 runs have ended, 1 of them COMPLETE" in robot.status


async def test_a_group_is_filled_by_a_filter_and_emptied_again_by_undo(robot: Robot) -> None:
    await robot.command("newgroup nightly")
    await robot.pass_time(1)
    await robot.press("enter")
    assert robot.shows("Jobs - nightly")  # the cursor is on it
    await robot.press("A")
    await robot.type("invoice")
    assert robot.shows("2 jobs would join")
    assert robot.shows("invoice-archive")
    await robot.press("enter")
    assert "added to nightly: invoice-archive, invoice-sync-eu" in robot.status
    assert "nightly" in robot.engine.jobs["invoice-archive"].groups
    await robot.press("u")
    assert "nightly" not in robot.engine.jobs["invoice-archive"].groups


async def test_a_filter_that_finds_nobody_fills_no_group(robot: Robot) -> None:
    await robot.press("2")
    await robot.command("newgroup nightly")
    await robot.pass_time(1)
    await robot.press("enter")
    await robot.press("A")
    await robot.pass_time(1)
    await robot.press("enter")
    assert robot.shows("which jobs?")
    await robot.type("no-such-job")
    await robot.press("enter")
    assert robot.shows("no job outside of nightly matches")
    assert "add" not in " ".join(robot.engine.asked)


async def test_jobs_of_a_group_are_marked_where_the_keys_are(robot: Robot) -> None:
    await robot.press("2")
    await robot.press("enter", "space", "space")
    assert "•" in robot.line_with("invoice-archive")
    assert robot.shows("marked 2")
    await robot.press("shift+tab")
    assert not robot.shows("marked")  # no group is
    await robot.press("enter")
    await robot.resize(90, 24)
    await robot.press("d")
    assert "Disable 2 jobs" in robot.status
    robot.clock.pass_time(1)
    await robot.press("escape", "escape")
    assert "•" not in robot.frame


async def test_all_rows_of_the_filter_are_marked_and_again_unmarked(robot: Robot) -> None:
    await robot.command("jobs inv")
    await robot.press("*")
    assert robot.shows("marked 2")
    await robot.press("*")
    assert not robot.shows("marked")


async def test_the_title_of_the_order_has_an_arrow_that_turns_with_it(robot: Robot) -> None:
    assert robot.shows("NAME↑")
    await robot.press("=")
    assert robot.shows("NAME↓")


async def test_a_range_is_marked_with_shift_and_arrows(robot: Robot) -> None:
    await robot.press("shift+down", "shift+down")
    assert robot.shows("marked 3")


async def test_beginning_a_range_says_how_it_ends(robot: Robot) -> None:
    await robot.press("V")
    assert "a range begins here" in robot.status
    await robot.press("down", "V")
    assert robot.shows("marked 2")


async def test_a_view_that_stands_still_tells_for_how_long_and_what_it_does_not_show(
    robot: Robot,
) -> None:
    await robot.resize(120, 40)
    await robot.press("f")
    robot.engine.begin("card-expiry-scan")
    await robot.settled()
    await robot.pass_time(14)
    assert "FROZEN 14s, 2 changes" in robot.header
    await robot.press("f")
    assert "FROZEN" not in robot.header


async def test_columns_are_chosen_by_name(robot: Robot) -> None:
    await robot.command("cols next,schedule")
    title = robot.line_with("NAME↑")
    assert "NEXT" in title
    assert "SCHEDULE" in title
    assert "GROUP" not in title
    await robot.command("cols nxt")
    assert "no column nxt; there are name," in robot.status


async def test_what_went_well_is_no_news_after_a_minute_but_an_error_stays(robot: Robot) -> None:
    await robot.press("V")
    await robot.pass_time(59)
    assert "a range begins here" in robot.status
    await robot.pass_time(1)
    assert robot.status == ""
    await robot.command("run no-such-job")
    await robot.pass_time(600)
    assert "no-such-job" in robot.status
