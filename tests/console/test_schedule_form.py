"""The schedule editor: it begins with what the job has, and gives back no more than was changed."""

from msgspec.structs import replace

from app.testing.harness import Robot
from engine.clock import DAY
from engine.domain.schedule import CronSchedule


async def test_a_save_keeps_what_the_job_does_when_the_clocks_change(robot: Robot) -> None:
    engine = robot.engine
    own = CronSchedule("30", "2", "*", "*", "*", "Europe/Prague", "skip", "both")
    engine.change("invoice-archive", schedule=own)
    await robot.settled()
    await robot.command("reschedule invoice-archive")
    await robot.press("end", "backspace", "1", "enter")
    assert engine.job("invoice-archive").schedule == replace(own, wday="1")
    await robot.press("u")
    assert engine.job("invoice-archive").schedule == own


async def test_an_undo_that_comes_too_late_tells_which_schedule_and_expiry_there_were(
    robot: Robot,
) -> None:
    robot.engine.change("invoice-archive", schedule=CronSchedule("30", "2", "*", "*", "*", "UTC"))
    await robot.settled()
    await robot.command("reschedule invoice-archive")
    await robot.press("end", "backspace", "1", "enter")
    await robot.pass_time(11)
    await robot.press("u")
    late = "too late (10s) to take back: schedule of invoice-archive; S sets 30 2 * * *"
    assert robot.app.news.told[-1].text == f"Undo: {late}"
    await robot.command("expire invoice-archive 2026-06-01")
    await robot.pass_time(1)
    await robot.press("enter")
    await robot.pass_time(11)
    await robot.press("u")
    assert robot.status.endswith("expiry of invoice-archive; it was never")


async def test_undo_brings_back_the_schedule_that_another_set_while_the_form_was_open(
    robot: Robot,
) -> None:
    engine = robot.engine
    await robot.command("reschedule invoice-archive")
    theirs = CronSchedule("45", "3", "*", "*", "*", "Europe/Prague")
    engine.change("invoice-archive", schedule=theirs)
    await robot.settled()
    await robot.press("end", "backspace", "1", "enter")
    assert engine.job("invoice-archive").schedule != theirs
    await robot.press("u")
    assert engine.job("invoice-archive").schedule == theirs


async def test_undo_brings_back_the_expiry_that_another_set_while_the_form_was_open(
    robot: Robot,
) -> None:
    engine = robot.engine
    await robot.command("expire invoice-archive 2026-06-01")
    theirs = robot.clock.now() + 90 * DAY
    engine.change("invoice-archive", expiry_date=theirs)
    await robot.settled()
    await robot.pass_time(1)
    await robot.press("enter")
    assert engine.job("invoice-archive").expiry_date != theirs
    await robot.press("u")
    assert engine.job("invoice-archive").expiry_date == theirs


async def test_an_expiry_is_read_in_the_job_s_zone(robot: Robot) -> None:
    engine = robot.engine
    own = CronSchedule("30", "2", "*", "*", "*", "Asia/Tokyo")
    engine.change("invoice-archive", schedule=own)
    await robot.settled()
    await robot.command("expire invoice-archive 2026-06-01")
    await robot.pass_time(1)
    assert robot.shows("2026-06-01 00:00:00 JST")
    assert robot.shows("2026-05-31 15:00:00 UTC")


async def test_the_place_of_a_wrong_field_is_told_once(robot: Robot) -> None:
    await robot.command("reschedule invoice-archive")
    await robot.press(*["backspace"] * 40)
    await robot.type("0 61 * * *")
    told = robot.line_with("outside 0 to 23")
    assert "(character 3)" in told
    assert "position" not in told
