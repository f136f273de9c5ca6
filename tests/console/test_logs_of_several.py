"""Logs of several jobs, instances or a group are one, in the order of time; matches are counted."""

import pytest

from app.store import log_merge
from app.testing.harness import Robot
from tests.console.test_logs import append, open_log, poll


def line(second: int, text: str) -> bytes:
    return f"2026-01-05T12:{second // 60:02}:{second % 60:02}.000000Z INFO  {text}\n".encode()


def write(robot: Robot, name: str, *lines: tuple[int, str]) -> None:
    logs = robot.engine.logs
    logs[name] = logs.get(name, b"") + b"".join(line(second, text) for second, text in lines)


def told(robot: Robot) -> list[str]:
    """The lines of the log without their times."""
    lines = (each.split(maxsplit=1) for each in robot.lines[3:-2])
    return [" ".join(each[1].split()) for each in lines if len(each) > 1]


async def test_the_logs_of_marked_jobs_are_one_in_the_order_of_time(robot: Robot) -> None:
    write(robot, "card-expiry-scan", (1, "scan a"), (3, "scan b"))
    write(robot, "dunning-mail", (2, "mail a"))
    await robot.press("space", "space", "o")
    assert robot.shows("2 jobs by time")
    assert told(robot) == [
        "card-expiry-scan INFO scan a", "dunning-mail INFO mail a", "card-expiry-scan INFO scan b",
    ]  # fmt: skip
    write(robot, "dunning-mail", (4, "mail b"))
    await poll(robot)
    assert told(robot)[-1] == "dunning-mail INFO mail b", "it is followed"


async def test_a_merged_log_is_searched_and_jumped_in_like_any_other(robot: Robot) -> None:
    write(robot, "card-expiry-scan", *((second, f"scan {second}") for second in range(0, 900, 2)))
    write(robot, "dunning-mail", *((second, f"mail {second}") for second in range(1, 900, 2)))
    await robot.command("log card-expiry-scan dunning-mail")
    await robot.command("goto 12:05")
    assert told(robot)[:2] == ["card-expiry-scan INFO scan 300", "dunning-mail INFO mail 301"]
    await robot.press("g", "/")
    await robot.type("mail 63")
    await robot.press("enter")
    assert robot.shows("1 of 6"), "mail 63 and 631, 633 ..."
    await robot.press("n")
    assert robot.shows("dunning-mail     INFO  mail 631")
    assert robot.shows("2 of 6")
    await robot.command("goto 12:10:30")
    assert robot.shows("card-expiry-scan INFO  scan 630")
    assert robot.shows("/mail 63 6 matches"), "the line gone to is none, though the next one is"


async def test_the_log_of_a_group_is_that_of_its_jobs(robot: Robot) -> None:
    write(robot, "invoice-archive", (1, "archive"))
    write(robot, "price-feed", (2, "prices"))
    write(robot, "dunning-mail", (3, "not of the group"))
    await robot.press("2", "/")
    await robot.type("billing")
    await robot.press("enter", "o")
    assert robot.shows("billing, 5 logs by time")
    assert told(robot) == ["invoice-archive INFO archive", "price-feed INFO prices"]


async def test_more_logs_than_can_be_merged_are_refused(
    robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.actions.log_subject.MOST_LOGS", 2)
    await robot.press("*", "o")
    assert "7 logs are too many to merge: 2 at most" in robot.status
    assert log_merge.MOST_LOGS >= 100


async def test_instances_that_are_marked_share_one_log_too(robot: Robot) -> None:
    write(robot, "invoice-sync-eu", *((n, f"JI {n}: line {n}") for n in range(1, 13)))
    await robot.press("3", "space", "space", "o")
    assert robot.shows("2 instances by time")


async def test_matches_are_counted_and_the_one_gone_to_is_told(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g", "/")
    await robot.type("ERROR")
    await robot.press("enter")
    assert robot.shows("/ERROR 1 of 49")
    await robot.press("n", "n")
    assert robot.shows("/ERROR 3 of 49")
    await robot.press("N")
    assert robot.shows("/ERROR 2 of 49")
    await robot.press("g")
    assert robot.shows("/ERROR 49 matches"), "none of them is where the operator is"
    robot.engine.logs["card-expiry-scan"] += line(1799, "one ERROR more")
    await poll(robot)
    assert robot.shows("/ERROR 50 matches")


async def test_a_filter_counts_the_matches_that_it_leaves(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("/")
    await robot.type("fetched 17")
    await robot.press("enter")
    assert robot.shows("of 111")
    await robot.press("!", "!")
    assert robot.shows("/fetched 17 3 of 3"), "the one gone to is the nearest that is left"


async def test_where_a_log_is_too_long_to_count_it_says_at_least(
    robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.panes.log_counter.MOST_MATCHES", 100)
    await open_log(robot)
    await robot.press("g", "/")
    await robot.type("fetched")
    await robot.press("enter")
    assert robot.shows("+")
    append(robot, 1)
    await poll(robot)
    assert robot.shows("/fetched 1 of 1,800+")


async def test_a_log_that_is_begun_anew_is_read_and_counted_anew(robot: Robot) -> None:
    write(robot, "card-expiry-scan", *((second, f"scan {second}") for second in range(0, 600, 2)))
    write(robot, "dunning-mail", *((second, f"mail {second}") for second in range(1, 600, 2)))
    await robot.command("log card-expiry-scan dunning-mail")
    await robot.press("/")
    await robot.type("scan")
    await robot.press("enter")
    assert robot.shows("of 300")
    await robot.press("G")
    robot.engine.logs["card-expiry-scan"] = line(600, "scan anew")
    await poll(robot)
    assert told(robot)[-1] == "card-expiry-scan INFO scan anew"
    assert robot.shows("/scan 1 match")
    await robot.press("k", "k")
    assert told(robot)[-2:] == ["dunning-mail INFO mail 595", "dunning-mail INFO mail 597"]
    await robot.press("g")
    assert told(robot)[:2] == ["dunning-mail INFO mail 1", "dunning-mail INFO mail 3"]
