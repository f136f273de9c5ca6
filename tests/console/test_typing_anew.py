"""What was typed before is there again and selected: typing replaces it, a motion key edits it."""

import time

from app.testing.harness import Robot
from tests.console.scenes import LOG


async def test_a_filter_is_replaced_by_typing(robot: Robot) -> None:
    await robot.press("/")
    await robot.type("group:mail")
    await robot.press("enter", "/")
    assert robot.status == "/group:mail   type to replace it"
    assert robot.shows("dunning-mail")
    await robot.type("ledger")
    assert robot.status.startswith("/ledger")
    assert robot.shows("ledger-close")
    await robot.press("escape")
    assert "/group:mail" in robot.lines[2], "escape brings the old one back"
    await robot.press("/", "enter")
    assert "/group:mail" in robot.lines[2]


async def test_a_motion_key_edits_it(robot: Robot) -> None:
    for key, begins, typed in (("end", "", " x"), ("left", "", "x"), ("home", "x", "x")):
        await robot.command("filter status:ok")
        await robot.press("/", key)
        assert "type to replace it" not in robot.status
        await robot.type(typed)
        assert robot.status.startswith(f"/{begins}")
        assert "status:o" in robot.status
        await robot.press("escape")


async def test_deleting_takes_all_of_it_away(robot: Robot) -> None:
    for key in ("backspace", "delete", "ctrl+w", "ctrl+u"):
        await robot.command("filter group:mail")
        await robot.press("/", key)
        assert robot.status.startswith("/ "), key
        assert robot.shows("ledger-close"), "all rows are there at once"
        await robot.press("enter")
        assert "group:mail" not in robot.lines[2]


async def test_tab_and_paste_work_on_what_is_selected(robot: Robot) -> None:
    await robot.command("filter group:ma")
    await robot.press("/", "tab")
    assert robot.status.startswith("/group:mail")
    assert "type to replace it" not in robot.status
    await robot.press("enter", "/")
    robot.app.router.paste("ledger")
    await robot.settled()
    assert robot.status.startswith("/ledger")
    await robot.press("escape")


async def test_the_word_behind_a_long_one_that_was_pasted_is_deleted_at_once(robot: Robot) -> None:
    await robot.press("/")
    robot.app.router.paste(f"mail {'x' * 20_000} {'y' * 20_000} ")
    await robot.settled()
    began = time.thread_time()
    await robot.press("ctrl+w", "ctrl+left", "ctrl+k")
    assert time.thread_time() - began < 5, "some tenths; many where each letter is looked at anew"
    await robot.press("ctrl+w")
    assert robot.status.rstrip().startswith("/ ")
    await robot.type("mail ledger  ")
    await robot.press("ctrl+w")
    assert robot.status.startswith("/mail  ")
    await robot.press("escape")


async def test_searches_and_filters_of_lines_are_there_again_likewise(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.command("log card-expiry-scan")
    await robot.press("/")
    await robot.type("fetched 10")
    await robot.press("enter", "/")
    assert robot.status == "/fetched 10   type to replace it"
    await robot.press("enter")
    assert "/fetched 10 2 of" in robot.lines[2], "enter looks on"
    await robot.press("/")
    await robot.type("fetched 77")
    await robot.press("enter")
    assert "/fetched 77" in robot.lines[2]
    await robot.press("escape", "&")
    await robot.type("ERROR")
    await robot.press("enter", "&")
    assert robot.status == "&ERROR   type to replace it"
    await robot.press("x", "escape")
    assert "&ERROR" in robot.lines[2]


async def test_a_text_to_read_is_searched_likewise(robot: Robot) -> None:
    await robot.press("v")
    await robot.press("/")
    await robot.type("sched")
    await robot.press("enter", "/")
    assert robot.shows("/sched")
    await robot.type("name")
    assert robot.shows("/name")
    assert not robot.shows("/sched")
