"""The columns of the jobs table: each tells one truth, and none contradicts its neighbour."""

from app.testing.harness import Robot
from app.testing.stage import schedule_of

JOB = "invoice-sync-eu"


def row(robot: Robot, name: str = JOB) -> str:
    """Return the row of a job in the table, from its name on."""
    line = next(each for each in robot.lines if f"  {name}" in each)
    return line[line.index(f"  {name}") + 2 :].split("┃")[0]


async def test_the_last_start_is_that_of_the_run_that_goes_on(robot: Robot) -> None:
    await robot.resize(200, 50)
    assert "12:25:05" in row(robot)
    await robot.pass_time(60)
    number = robot.engine.begin(JOB)
    await robot.settled()
    await robot.pass_time(2)
    assert "◐ 2s" in row(robot)
    assert "12:31:05" in row(robot)
    await robot.pass_time(12 * 3600)
    assert "Jan 05 12:31" in row(robot)
    robot.engine.end(number)
    await robot.settled()
    assert "Jan 05 12:31" in row(robot)


async def test_a_job_in_several_groups_says_how_many_more_there_are(robot: Robot) -> None:
    engine = robot.engine
    engine.add_group("trial-of-ledgers")
    engine.change(JOB, groups=("trial-of-ledgers", "billing", "mail", "DEFAULT"))
    await robot.settled()
    assert "tria… +2" in row(robot)
    assert "billing  " in row(robot, "ledger-close")
    await robot.resize(120, 40)
    assert "trial-of-l… +2" in row(robot)
    await robot.command("jobs group:billing")
    assert "trial-of-l… +2" in row(robot)


async def test_a_schedule_changed_by_hand_has_a_sign_that_is_neither_cron_nor_cut(
    robot: Robot,
) -> None:
    robot.engine.change(JOB, overridden=frozenset({"schedule"}))
    robot.engine.change("ledger-close", schedule=schedule_of("0,15,30,45 2-4 1 * 1-5"))
    robot.engine.change("ledger-close", overridden=frozenset({"schedule"}))
    await robot.settled()
    assert "0,15,30,4… ~ " in row(robot, "ledger-close")
    assert "0 2 * * *    " in row(robot, "invoice-archive")
    await robot.resize(120, 40)
    assert "*/5 * * * * ~ " in row(robot)
