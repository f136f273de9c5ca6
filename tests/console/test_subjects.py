"""What a question says will be done, and to what: the engine, jobs, instances or groups."""

import pytest

from app.actions.all import all_actions
from app.actions.registry import Danger
from app.testing.harness import Robot


@pytest.mark.parametrize(("verb", "title"), [("drain", "Drain"), ("pause", "Pause")])
async def test_a_command_on_the_engine_asks_about_the_engine_in_a_pane_of_rows(
    robot: Robot, verb: str, title: str
) -> None:
    await robot.command(verb)
    assert robot.status.startswith(f"{title} the engine?   [y] {verb}")
    await robot.pass_time(1)
    await robot.press("y")
    assert robot.engine.asked == [verb]


async def test_the_palette_asks_about_the_engine_too(robot: Robot) -> None:
    await robot.press("ctrl+p")
    await robot.type("engine.drain")
    await robot.press("enter")
    assert robot.status.startswith("Drain the engine?")


async def test_a_command_on_the_engine_asks_about_it_where_nothing_is_selected(
    robot: Robot,
) -> None:
    await robot.press("4")
    await robot.command("pause")
    assert robot.status.startswith("Pause the engine?")


async def test_to_stop_the_engine_its_own_name_is_typed_whatever_is_under_the_cursor(
    robot: Robot,
) -> None:
    await robot.command("stopengine")
    box = [line for line in robot.lines if "┃" in line or "│" in line]
    assert robot.shows("Type engine to go on")
    assert any("the engine" in line for line in box)
    await robot.type("engine")
    await robot.press("enter")
    assert robot.engine.asked == ["stop"]


async def test_marked_rows_do_not_make_more_of_the_engine_than_one(robot: Robot) -> None:
    for number in range(51):
        robot.engine.add_job(f"bulk-{number:02}")
    await robot.settled()
    await robot.press("*")
    await robot.command("pause")
    assert robot.status.startswith("Pause the engine?")
    await robot.pass_time(1)
    await robot.press("y")
    await robot.command("resume")  # which is done at once
    assert robot.engine.asked == ["pause", "resume"]


async def test_several_groups_are_called_groups(robot: Robot) -> None:
    await robot.press("2", "*", "d")
    assert robot.status.startswith("Disable 3 groups: billing, DEFAULT, mail?")


async def test_marked_groups_that_the_filter_hides_are_told(robot: Robot) -> None:
    await robot.press("2", "space")
    await robot.command("groups name:mail")
    await robot.press("space", "d")
    assert robot.status.startswith("Disable 2 groups, 1 of them hidden by the filter: ")


async def test_the_one_marked_group_that_the_filter_hides_is_told(robot: Robot) -> None:
    await robot.press("2", "space")
    await robot.command("groups name:mail")
    await robot.press("d")
    assert robot.status.startswith("Disable group billing, hidden by the filter?")


async def test_more_than_fifty_groups_have_to_be_typed(robot: Robot) -> None:
    for number in range(51):
        robot.engine.add_group(f"night-{number:02}")
    await robot.settled()
    await robot.press("2")
    await robot.command("groups night")
    await robot.press("*", "d")
    assert robot.shows("This acts on 51 groups at once.")
    assert robot.shows("Type 51 to go on")


async def test_a_group_is_called_one_once(robot: Robot) -> None:
    await robot.command("disablegroup billing")
    assert robot.status.startswith("Disable group billing?")


async def test_one_marked_job_that_the_filter_hides_is_not_changed_unasked(robot: Robot) -> None:
    await robot.command("job price-feed")
    await robot.press("space")
    await robot.command("jobs name:dunning-mail")
    await robot.press("e")
    assert robot.status.startswith("Enable price-feed, hidden by the filter?")
    assert robot.engine.asked == []


async def test_what_is_done_to_jobs_names_the_jobs_of_the_marked_instances(robot: Robot) -> None:
    await robot.press("3")
    await robot.command("instances name:ledger-close")
    await robot.press("*")
    await robot.command("reset")
    assert robot.status.startswith("Reset ledger-close of 5 instances?")


async def test_marked_instances_of_several_jobs_are_counted_as_these(robot: Robot) -> None:
    await robot.press("3")
    await robot.command("instances name:ledger-close")
    await robot.press("space")
    await robot.command("instances name:invoice-archive")
    await robot.press("space", "d")
    assert robot.status.startswith("Disable 2 jobs, 1 of 2 instances hidden by the ")


async def test_instances_of_a_job_are_never_more_than_fifty_jobs(robot: Robot) -> None:
    for _ in range(51):
        robot.engine.end(robot.engine.begin("card-expiry-scan"))
    await robot.settled()
    await robot.press("3")
    await robot.command("instances name:card-expiry-scan")
    await robot.press("*", "r")
    assert robot.engine.asked == ["run card-expiry-scan"]


@pytest.mark.parametrize(("key", "title"), [("R", "Rerun"), ("E", "Errors"), ("i", "Info")])
async def test_what_is_about_one_instance_is_refused_for_several(
    robot: Robot, key: str, title: str
) -> None:
    await robot.press("3", "g", "space", "space", key)
    assert robot.status == f"{title}: choose one instance"
    await robot.press("1", "space", "space", key)
    assert robot.status == f"{title}: choose one job"


def test_every_action_that_asks_says_what_it_is_about() -> None:
    silent = [
        action.id
        for action in all_actions()
        if action.danger is not Danger.NONE
        and not (action.asks_itself or action.on or action.is_of_engine)
    ]
    assert silent == []


async def test_what_is_stopped_is_what_runs_of_the_marked_instances(robot: Robot) -> None:
    key = robot.engine.begin("ledger-close")
    await robot.press("3")
    await robot.command("instances name:ledger-close")
    await robot.press("*", "x")
    assert robot.status.startswith(f"Stop #{key} ledger-close?")
    await robot.pass_time(1)
    await robot.press("y")
    assert robot.engine.asked == [f"cancel {key}"]


async def test_one_of_many_instances_that_runs_is_stopped_without_typing_their_number(
    robot: Robot,
) -> None:
    for _ in range(51):
        robot.engine.end(robot.engine.begin("card-expiry-scan"))
    key = robot.engine.begin("card-expiry-scan")
    await robot.press("3")
    await robot.command("instances name:card-expiry-scan")
    await robot.press("*", "x")
    assert robot.status.startswith(f"Stop #{key} card-expiry-scan?")


async def test_to_kill_one_of_many_instances_the_name_of_its_job_is_typed(robot: Robot) -> None:
    for _ in range(51):
        robot.engine.end(robot.engine.begin("card-expiry-scan"))
    key = robot.engine.begin("card-expiry-scan")
    await robot.press("3")
    await robot.command("instances name:card-expiry-scan")
    await robot.press("*")
    await robot.command("kill")
    assert robot.shows("1 running will end as ERROR")
    assert not robot.shows("at once.")
    await robot.type("card-expiry-scan")
    await robot.press("enter")
    assert robot.engine.asked == [f"kill {key}"]


async def test_the_instances_of_a_job_that_are_stopped_are_counted_and_named(robot: Robot) -> None:
    first, second = (robot.engine.begin("vat-report-nl") for _ in range(2))
    await robot.settled()
    await robot.command("jobs name:vat-report-nl")
    await robot.press("x")
    assert robot.status.startswith(f"Stop 2 instances: #{first} vat-report-nl, #{second} vat-")


async def test_of_what_is_stopped_only_what_the_filter_hides_is_told_as_hidden(
    robot: Robot,
) -> None:
    for name in ("vat-report-nl", "price-feed"):
        robot.engine.begin(name)
    await robot.settled()
    for name in ("vat-report-nl", "invoice-archive", "price-feed"):
        await robot.command(f"jobs name:{name}")
        await robot.press("space")
    await robot.press("x")
    assert robot.status.startswith("Stop 2 instances, 1 of them hidden by the filter: ")


async def test_what_ended_while_it_was_asked_is_not_said_to_be_stopped(robot: Robot) -> None:
    key = robot.engine.begin("vat-report-nl")
    await robot.settled()
    await robot.command("jobs name:vat-report-nl")
    await robot.press("x")
    robot.engine.end(key)
    await robot.pass_time(1)
    await robot.press("y")
    assert robot.engine.asked == []
    assert robot.status == "nothing of it runs any more"
