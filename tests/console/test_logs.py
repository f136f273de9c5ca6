"""The log pane: it follows by place, searches, filters and jumps, in files of any length."""

import re
from pathlib import Path

from app.client.log_file import FileLog
from app.options import ConsoleOptions
from app.panes.logs import LogsPane
from app.presentation.instants import zone_named
from app.store.log_reader import FileReader
from app.store.log_scan import BUDGET, backward, forward
from app.testing.desk import BytesLog
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from tests.console.scenes import LOG


async def open_log(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.press("o")


def append(robot: Robot, count: int) -> None:
    more = b"".join(
        b"2026-01-05T12:40:%02d.000000Z INFO  JI 881210: more %d\n" % (number % 60, number)
        for number in range(count)
    )
    robot.engine.logs["card-expiry-scan"] += more


async def poll(robot: Robot) -> None:
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    pane.growth.poll()
    await robot.settled()


async def test_it_opens_at_the_end_and_follows(robot: Robot) -> None:
    await open_log(robot)
    assert robot.shows("fetched 1799 invoices")
    assert robot.shows("follow")
    append(robot, 3)
    await poll(robot)
    assert robot.shows("more 2")


async def test_moving_up_stops_following_and_tells_what_is_new(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("k")
    top = robot.lines[3]
    append(robot, 5)
    await poll(robot)
    assert robot.lines[3] == top
    assert robot.shows("+5 new, G to follow")
    await robot.press("G")
    assert robot.shows("more 4")
    assert robot.shows("follow")


async def test_a_log_that_rests_is_looked_at_once_a_second(robot: Robot) -> None:
    await open_log(robot)
    robot.clock.pass_time(6)
    await poll(robot)
    append(robot, 1)
    robot.clock.pass_time(0.5)
    await poll(robot)
    assert not robot.shows("more 0")
    robot.clock.pass_time(0.5)
    await poll(robot)
    assert robot.shows("more 0")
    append(robot, 2)
    await poll(robot)
    assert robot.shows("more 1"), "it grows again: every look counts"


async def test_a_line_that_is_still_being_written_waits_for_its_end(robot: Robot) -> None:
    await open_log(robot)
    robot.engine.logs["card-expiry-scan"] += b"2026-01-05T12:40:00.000000Z INFO  JI 1: half"
    await poll(robot)
    assert not robot.shows("half")
    robot.engine.logs["card-expiry-scan"] += b" and whole\n"
    await poll(robot)
    assert robot.shows("half and whole")


async def test_the_part_of_an_instance_is_looked_through_no_further_than_its_start(
    robot: Robot,
) -> None:
    await open_log(robot)
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    source = robot.engine.desk.instance_log(robot.engine.begin("card-expiry-scan"))
    assert isinstance(source, BytesLog)
    source.begins_at = LOG.rfind(b"\n", 0, -200) + 1
    source.needle = b"fetched 1799"
    pane.feed.open(FileReader(source))
    await robot.settled()
    assert robot.shows("fetched 1799 invoices")
    assert not robot.shows("looking through older lines")


async def test_the_start_is_one_key_away_and_scrolling_down_goes_on(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g")
    assert robot.shows("fetched 0 invoices")
    await robot.press("pagedown")
    assert robot.shows("fetched 18 invoices")


async def test_search_finds_goes_on_and_wraps_with_a_notice(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g", "/")
    await robot.type("fetched 1234")
    await robot.press("enter")
    assert robot.shows("fetched 1234 invoices")
    await robot.press("n")
    assert "other end" in robot.status


async def test_what_is_not_there_is_said_to_be_not_there(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("/")
    await robot.type("unicorn")
    await robot.press("enter")
    assert "unicorn: not found" in robot.status


async def test_levels_and_filters_leave_lines_out_and_escape_brings_them_back(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("!", "!", "!")
    assert robot.shows("level ERROR+")
    assert all("ERROR" in line for line in robot.lines[3:22])
    await robot.press("escape", "&")
    await robot.type("fetched 17")
    await robot.press("enter")
    assert all("fetched 17" in line for line in robot.lines[3:22])
    await robot.press("escape")
    assert robot.shows("fetched 1799")


async def test_errors_are_stepped_through(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g")
    await robot.press("}")
    assert "ERROR" in robot.lines[3]
    assert "fetched 0 " in robot.lines[3]
    await robot.press("}")
    assert "fetched 32 " in robot.lines[3]  # what led to it stays in sight
    assert "fetched 37 " in robot.lines[8]
    await robot.press("}")
    assert "fetched 74 " in robot.lines[8]
    await robot.press("{")
    assert "fetched 37 " in robot.lines[8]


async def test_goto_takes_times_and_minutes_step(robot: Robot) -> None:
    await open_log(robot)
    await robot.command("goto 12:10")
    assert "12:10:00" in robot.lines[3]
    await robot.press(">")
    assert "12:11:00" in robot.lines[3]
    await robot.press("<")
    assert "12:10:00" in robot.lines[3]
    await robot.command("goto -10m")
    assert "12:20:05" in robot.lines[3]
    await robot.command("goto whenever")
    assert "is no time" in robot.status


async def test_a_mark_is_a_line_between_the_others(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("m")
    assert robot.shows("mark 12:30:05")
    append(robot, 2)
    await poll(robot)
    marked = next(index for index, line in enumerate(robot.lines) if "mark 12:30" in line)
    assert "fetched 1799" in robot.lines[marked - 1]
    assert "more 0" in robot.lines[marked + 1]


async def test_the_log_of_an_instance_shows_its_own_lines_alone(robot: Robot) -> None:
    ids = robot.engine.ran("card-expiry-scan", (robot.engine.instances[881_212].status, 1.0))
    other = b"2026-01-05T12:40:00.000000Z INFO  JI 7: not mine\n"
    mine = b"2026-01-05T12:40:01.000000Z INFO  JI %d: mine\n" % ids[0]
    robot.engine.logs["card-expiry-scan"] = other + mine + other
    await robot.settled()
    await robot.command(f"goto #{ids[0]}")
    assert robot.shows("mine")
    assert not robot.shows("not mine")


async def test_long_lines_are_cut_wrapped_and_scrolled_aside(robot: Robot) -> None:
    text = b"2026-01-05T12:40:00.000000Z OUT   JI 7: " + b"abcdefghij" * 10_240 + b"\n"
    robot.engine.logs["card-expiry-scan"] = text
    await robot.press("o")
    assert len(robot.lines[3]) <= 80
    await robot.press("l")
    assert "abcdefghij" in robot.lines[3]
    await robot.press("w")
    assert sum("abcdefghij" in line for line in robot.lines) > 15


async def test_enter_reads_a_line_of_any_length_whole(robot: Robot) -> None:
    long = b"2026-01-05T12:31:00.000000Z OUT   JI 881210: " + b"a" * 100_000 + b" the end\n"
    robot.engine.logs["card-expiry-scan"] = LOG + long
    await robot.press("o", "w")
    assert robot.shows("kB, enter opens it")
    await robot.press("enter")
    await robot.press("G")
    assert robot.shows("the end")
    assert robot.shows("Line of 100 kB")
    await robot.press("escape", "/")
    await robot.type("the end")
    await robot.press("enter")
    assert "not found" not in robot.status  # what is searched for may stand deep in a line


async def test_the_line_that_was_found_is_the_one_that_enter_reads(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g", "/")
    await robot.type("fetched 100 ")
    await robot.press("enter", "enter")
    assert robot.shows("Line of")
    assert robot.shows("2026-01-05T12:01:40.000123Z INFO  JI 881200: fetched 100 invoices")


async def test_marks_are_gone_to_one_after_the_other(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("'")
    assert "no mark" in robot.status
    await robot.command("goto 12:05")
    await robot.press("m")
    assert robot.shows("mark 12:30:05")
    await robot.command("goto 12:10")
    await robot.press("m", "G", "'")
    assert "12:05:00" in robot.lines[3]
    await robot.press("'")
    assert "12:10:00" in robot.lines[3]


async def test_lines_are_told_in_the_operators_zone_and_with_their_day(
    clock: ManualClock, engine: ScriptedEngine
) -> None:
    engine.logs["card-expiry-scan"] = LOG
    options = ConsoleOptions(zone=zone_named("Asia/Kolkata"))
    async with open_console(engine, clock, options=options) as robot:
        await robot.press("o")
        assert robot.shows("17:59:59.000")
        await robot.command("goto 17:40")
        assert "17:40:00" in robot.lines[3]
        await robot.pass_time(24 * 3600)
        await robot.press("j")
        assert "01-05 17:40:01" in robot.lines[3]


async def test_a_log_that_is_begun_anew_is_shown_from_its_new_beginning(robot: Robot) -> None:
    await open_log(robot)
    robot.engine.logs["card-expiry-scan"] = b""
    append(robot, 1)
    await poll(robot)
    assert robot.shows("more 0")
    assert not robot.shows("fetched 1799")


async def test_the_place_in_a_log_survives_other_panes(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g", "pagedown")
    line = robot.lines[3]
    await robot.press("1", "4")
    assert robot.lines[3] == line


def test_gigabytes_are_walked_around_not_through(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    size = 3 * 2**30
    with path.open("wb") as file:  # a hole of three gigabytes between two lines
        file.write(b"first\n")
        file.seek(size)
        file.write(b"\nlast\n")
    log = FileLog("large", path)
    assert [line.head for line in forward(log, 0, 1).lines] == [b"first"]
    walk = backward(log, log.size(), 1)
    assert [line.head for line in walk.lines] == [b"last"]


def test_a_line_that_is_longer_than_one_look_is_gone_past_both_ways(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    length = 2 * BUDGET
    with path.open("wb") as file:
        file.write(b"first\n")
        file.seek(length)
        file.write(b"\nlast\n")
    log = FileLog("large", path)
    walk = backward(log, length + 1, 1)
    assert [(line.offset, line.end) for line in walk.lines] == [(6, length + 1)]
    assert [line.head for line in backward(log, walk.reached, 1).lines] == [b"first"]
    on = forward(log, 6, 2)
    assert [(line.offset, line.end) for line in on.lines] == [
        (6, length + 1),
        (length + 1, length + 6),
    ]


def test_a_log_that_is_not_there_yet_is_empty_and_a_link_is_not_followed(tmp_path: Path) -> None:
    log = FileLog("none", tmp_path / "none.log")
    assert (log.size(), log.read(0, 10)) == (0, b"")


async def test_a_mark_at_the_end_is_in_sight_when_it_is_gone_to(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("m", "g", "'")
    assert robot.shows("fetched 1799")
    assert robot.shows("mark 12:30:05")


async def test_a_match_is_in_sight_where_lines_above_it_are_wrapped(robot: Robot) -> None:
    log = b"".join(
        b"2026-01-05T12:40:%02d.000000Z INFO  JI 1: %s %d\n" % (each, b"x" * 300, each)
        for each in range(12)
    )
    robot.engine.logs["card-expiry-scan"] = log + b"2026-01-05T12:41:00.000000Z INFO  JI 1: end\n"
    await robot.press("o", "w", "g")
    await robot.press("/", *"end", "enter")
    assert robot.shows("JI 1: end") or "end" in robot.line_with("12:41:00")


async def test_the_lines_in_sight_can_be_copied(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("y", "l")
    assert robot.status == "copied 19 lines to the terminal's clipboard"
    assert robot.app.clipboard.splitlines()[-1].endswith("fetched 1799 invoices since the last run")


async def test_what_is_searched_for_while_a_log_is_on_its_way_stays_searched_for(
    robot: Robot,
) -> None:
    await open_log(robot)
    robot.engine.holds_answers = True
    await robot.command("log card-expiry-scan")
    await robot.press("/")
    await robot.type("fetched 17")
    await robot.press("enter")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("/fetched 17")
    await robot.press("N")
    assert "nothing is searched for" not in robot.status


async def test_going_to_a_match_of_nothing_says_how_to_search(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("n")
    assert robot.status.startswith("nothing is searched for: / searches")


async def test_the_end_of_wrapped_lines_is_in_sight_when_their_last_row_is(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = b"".join(
        b"2026-01-05T12:40:%02d.000000Z INFO  JI 1: <%02d%s>\n" % (each, each, b"x" * 300)
        for each in range(40)
    )
    await robot.press("o", "w")
    assert robot.shows("<39")
    await robot.press("k")
    assert not robot.shows("follow")
    assert robot.shows("<37"), "the line above, not one that is a page of lines away"
    await robot.press("k", "k", "j")
    assert not robot.shows("● follow")
    await robot.press("j", "j")
    assert robot.shows("● follow")
    assert robot.shows("<39")


async def test_a_page_of_wrapped_lines_leaves_none_out(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = b"".join(
        b"2026-01-05T12:40:%02d.000000Z INFO  JI 1: <%02d%s>\n" % (each, each, b"x" * 300)
        for each in range(40)
    )
    await robot.press("o", "w")
    await robot.press("g")
    for keys in (["pagedown"] * 15, ["pageup"] * 15):
        seen: set[str] = set()
        for key in keys:
            seen |= set(re.findall(r"<\d\d", robot.frame))
            await robot.press(key)
        assert len(seen) == 40


async def test_the_beginning_of_a_last_line_that_fills_the_screen_is_one_step_up(
    robot: Robot,
) -> None:
    robot.engine.logs["card-expiry-scan"] = (
        b"2026-01-05T12:40:00.000000Z INFO  JI 1: first\n"
        b"2026-01-05T12:40:01.000000Z INFO  JI 1: begins %s ends\n" % (b"x" * 3000)
    )
    await robot.press("o", "w")
    assert robot.shows("● follow")
    assert robot.shows(" ends")
    await robot.press("k")
    assert robot.shows("begins")
    assert not robot.shows("first")
    await robot.press("j")
    assert robot.shows("● follow")
    assert robot.shows(" ends")
