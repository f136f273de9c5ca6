"""The form of a trigger: what it takes and says while time goes on and the job has run."""

from app.testing.harness import Robot
from engine.clock import HOUR, MINUTE, SECOND

JOB = "invoice-sync-eu"  # due in two minutes, at 12:32:05
EARLY = "a trigger lies between now and the next run"


async def clear(robot: Robot, text: str = "") -> None:
    """Type another text into the field."""
    await robot.press("ctrl+u")
    await robot.type(text)


async def test_a_trigger_is_taken_once_the_next_run_passed_while_it_was_typed(robot: Robot) -> None:
    await robot.command(f"trigger {JOB}")
    await robot.pass_time(121)
    robot.engine.nexts[JOB] += 5 * MINUTE
    robot.engine.begin(JOB)
    await robot.settled()
    await clear(robot, "10m")
    assert robot.shows(f"{EARLY} (2026-01-05 12:37:05")
    await clear(robot, "10s")
    assert not robot.shows(EARLY)
    await robot.press("enter")
    assert robot.engine.asked == [f"trigger {JOB}"]
    assert robot.engine.job(JOB).trigger_at == robot.clock.now() + 10 * SECOND


async def test_a_run_that_was_due_already_is_never_called_the_next_one(robot: Robot) -> None:
    await robot.command(f"trigger {JOB}")
    await robot.pass_time(121)  # nothing is told of it yet
    await clear(robot, "12:31")
    assert robot.shows("2026-01-06 12:31:00")
    assert not robot.shows("12:32:05")
    await clear(robot, "0s")
    assert robot.shows(EARLY)
    assert not robot.shows("12:32:05")


async def test_a_time_of_day_that_passed_while_the_form_was_open_is_not_sent_as_tomorrow_s(
    robot: Robot,
) -> None:
    robot.engine.nexts[JOB] = robot.clock.now() + HOUR
    robot.engine.change(JOB)
    await robot.settled()
    await robot.command(f"trigger {JOB} 12:31")
    assert robot.shows("2026-01-05 12:31:00")
    robot.clock.pass_time(60)  # before the console's second hand moves
    await robot.press("enter")
    assert robot.engine.asked == []
    assert robot.shows(EARLY)


async def test_a_form_tells_each_second_what_its_values_mean_by_now(robot: Robot) -> None:
    await robot.command(f"trigger {JOB} 12:31")
    assert robot.shows("2026-01-05 12:31:00")
    robot.engine.nexts[JOB] = robot.clock.now() + 48 * HOUR
    robot.engine.change(JOB)
    await robot.pass_time(60)
    assert robot.shows("2026-01-06 12:31:00")


async def test_a_trigger_is_put_off_to_a_time_before_the_next_due_instant(robot: Robot) -> None:
    robot.engine.nexts[JOB] = at = robot.clock.now() + MINUTE
    robot.engine.change(JOB, trigger_at=at)  # what comes next is the trigger itself
    await robot.settled()
    await robot.command(f"trigger {JOB} 90s")
    assert not robot.shows(EARLY)
    await robot.pass_time(1)
    await robot.press("enter")
    assert robot.engine.job(JOB).trigger_at == robot.clock.now() + 90 * SECOND


async def test_a_trigger_once_the_job_has_expired_is_not_sent(robot: Robot) -> None:
    robot.engine.nexts[JOB] = robot.clock.now() + HOUR
    robot.engine.change(JOB, expiry_date=robot.clock.now() + 10 * MINUTE)
    await robot.settled()
    await robot.command(f"trigger {JOB} 10m")
    assert robot.shows("a trigger lies before the job expires (2026-01-05 12:40:05")
    await robot.press("enter")
    assert robot.engine.asked == []
    await clear(robot, "9m")
    assert not robot.shows("before the job expires")
    await robot.press("enter")
    assert robot.engine.asked == [f"trigger {JOB}"]
