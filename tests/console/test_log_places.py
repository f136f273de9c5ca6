"""Going from place to place in a log: what comes late, what follows, what a line above it tells."""

from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.panes.logs import LogsPane
from app.store.log_reader import FileReader
from app.store.log_source import LogSource
from app.testing.desk import BytesLog
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.view_state import save_view_state
from tests.console.scenes import LOG
from tests.console.test_logs import append, open_log, poll


async def test_a_log_that_comes_late_is_shown_once_whatever_happens_meanwhile(
    robot: Robot,
) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG[-1000:][LOG[-1000:].find(b"\n") + 1 :]
    robot.engine.holds_answers = True
    await robot.press("o")
    robot.engine.let_answer()  # the log is open now; its lines are asked for, and wait
    robot.engine.holds_answers = True
    await robot.settled()
    await robot.resize(100, 30)
    await poll(robot)
    robot.engine.let_answer()
    await robot.settled()
    assert sum("fetched 1799 " in line for line in robot.lines) == 1


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (("g",), "fetched 0 "),
        (("g", "pagedown"), "fetched 18 "),
        (("g", ">"), "fetched 60 "),
        (("g", ">", ">"), "fetched 120 "),
        (("g", "}"), "ERROR"),
        (("k", "G"), "● follow"),
    ],
)
async def test_what_is_typed_while_a_log_is_on_its_way_is_for_it(
    robot: Robot, keys: tuple[str, ...], shown: str
) -> None:
    await open_log(robot)
    robot.engine.logs["price-feed"] = LOG
    await robot.command("log price-feed")
    await robot.press("1")
    robot.engine.holds_answers = True
    await robot.command("log card-expiry-scan")
    await robot.press(*keys)
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("card-expiry-scan  level")
    assert robot.shows(shown)


async def test_a_log_that_comes_late_has_nothing_new(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    robot.engine.holds_answers = True
    await robot.press("o")
    robot.engine.let_answer()
    robot.engine.holds_answers = True
    await robot.settled()
    await poll(robot)
    robot.engine.let_answer()
    await robot.settled()
    await robot.press("k")
    assert not robot.shows("new, G to follow")


async def test_lines_after_the_place_that_was_left_do_not_come_to_the_one_that_is_gone_to(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("g")
    robot.engine.holds_answers = True
    await robot.press("G", "pagedown")
    robot.engine.let_answer()
    await robot.settled()
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    offsets = [line.offset for line in pane.feed.window.lines]
    assert offsets == sorted(set(offsets))


async def test_a_step_in_time_that_leaves_the_end_in_sight_goes_on_to_follow(
    robot: Robot,
) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.command("log card-expiry-scan")
    for _ in range(3):
        await robot.press(">")
        assert robot.shows("● follow")
    append(robot, 2)
    await poll(robot)
    assert robot.shows("more 1")
    await robot.press("<")
    assert not robot.shows("follow")


async def test_a_step_in_time_within_the_page_at_the_end_is_followed_too(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = b"".join(
        b"2026-01-05T12:%02d:00.000000Z INFO  JI 1: run %d\n" % (each, each) for each in range(60)
    )
    await robot.command("log card-expiry-scan")
    await robot.press(">")
    assert robot.shows("● follow")
    await robot.command("goto 12:50")
    assert not robot.shows("follow"), "a line that was asked for stays in sight"


async def test_a_time_after_the_end_is_the_end_and_is_followed(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g")
    await robot.command("goto 12:30")
    assert robot.shows("fetched 1799")
    assert robot.shows("● follow")


async def test_a_time_before_the_first_line_or_after_the_last_is_said_to_be_outside_the_log(
    robot: Robot,
) -> None:
    await open_log(robot)
    for time, said in (
        ("11:59", "the log begins at 2026-01-05 12:00:00 UTC"),
        ("12:00:01", ""),
        ("12:29:59", ""),
        ("12:30:01", "the log ends at 2026-01-05 12:29:59 UTC"),
    ):
        await robot.command(f"goto {time}")
        assert robot.status == said
    await robot.command("set zone=Europe/Prague")
    await robot.command("goto 12:00")
    assert robot.status == "the log begins at 2026-01-05 13:00:00 CET"
    await robot.command("logs card-expiry-scan since:13:10:20")
    await robot.command("goto 13:30")
    assert robot.status == "this part of the log ends at 2026-01-05 13:29:59 CET"


async def test_a_log_that_is_on_its_way_says_so_too_and_that_older_lines_were_rotated_away(
    robot: Robot,
) -> None:
    robot.engine.logs["engine"] = LOG
    desk, log_of = robot.engine.desk, robot.engine.desk.engine_log

    def rotated() -> LogSource:
        log = log_of()
        assert isinstance(log, BytesLog)
        log.has_lost = True
        return log

    desk.engine_log = rotated  # type: ignore[method-assign]
    robot.engine.holds_answers = True
    await robot.press("4")
    await robot.command("goto 11:59")
    robot.engine.let_answer()
    await robot.settled()
    begins = "the log begins at 2026-01-05 12:00:00 UTC"
    assert robot.status == f"{begins}: older lines were rotated away"


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_a_long_name_leaves_room_for_what_is_said_of_the_log(
    engine: ScriptedEngine, clock: ManualClock, width: int
) -> None:
    name = "-".join(["quarterly"] * 13)[:127]
    engine.add_job(name)
    engine.logs[name] = LOG
    async with open_console(engine, clock, size=(width, 24)) as robot:
        await robot.command(f"log {name}")
        assert robot.line_with("quarterly").endswith("● follow")
        assert "…  level DEBUG+" in robot.line_with("quarterly")
        await robot.press("!")
        line = robot.line_with("quarterly")
        assert "…  level INFO+  esc shows all" in line
        assert line.endswith("● follow")
        await robot.press("&", *"d 179", "enter", "/", *"1795", "enter")
        line = robot.line_with("quarterly")
        for words in ("level INFO+", "&d 179", "/1795", " 1 of 1", "kB"):
            assert words in line


async def test_long_lines_are_offered_and_titled_with_their_own_size(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = b"".join(
        b"2026-01-05T12:31:0%d.000000Z OUT   JI 881210: %s\n" % (at, b"x" * 1000 * kilo)
        for at, kilo in enumerate((66, 35, 94))
    )
    await robot.press("o")
    await robot.press("enter")
    for at, kilo in enumerate((66, 35, 94)):
        assert robot.shows(f"12:31:0{at}.000  {kilo} kB  xxx")
    await robot.press("j", "enter")
    assert robot.shows("Line of 35 kB")


async def test_log_and_place_survive_going_back_to_another_log(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g", "pagedown")
    before = robot.lines[3:]
    robot.engine.logs["price-feed"] = LOG[:2000]
    await robot.press("1")
    await robot.command("log price-feed")
    assert robot.lines[3:-2] != before[:-2]
    await robot.press("[", "[")
    assert robot.lines[3:-2] == before[:-2]


async def test_log_and_place_survive_a_restart(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    engine.logs["card-expiry-scan"] = LOG
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as robot:
        await robot.press("o", "g", "pagedown")
        before = robot.lines[2:-2]
    async with open_console(engine, clock, options=options) as robot:
        assert robot.lines[2:-2] == before
        await robot.press("G")
        assert robot.shows("● follow")
        await robot.command("state card-expiry-scan")
    async with open_console(engine, clock, options=options) as robot:
        assert robot.lines[2].startswith(" card-expiry-scan  no state data")
        await robot.press("4")
        assert robot.shows("fetched 1799")
        assert robot.shows("● follow")


async def test_a_log_that_is_gone_at_a_restart_gives_way_to_the_engines(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    gone = {"subject": "instance 4711", "at": 70}
    save_view_state(tmp_path, {"console": {"pane": "logs"}, "logs": gone, "state": {"subject": 3}})
    engine.logs["engine"] = LOG
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as robot:
        assert "4711" in robot.status
        await robot.press("5", "4")
        assert robot.line_with("● follow").startswith(" engine")


@pytest.mark.parametrize("only", ["fetched 12", "nobody"])
@pytest.mark.parametrize("key", ["n", "N", "}", "{"])
async def test_a_match_that_is_gone_to_while_a_filter_is_applied_is_one_of_its_lines(
    robot: Robot, key: str, only: str
) -> None:
    await open_log(robot)
    await robot.press("/", *"fetched 9", "enter")
    robot.engine.holds_answers = True
    await robot.press("&", *only, "enter", key)
    robot.engine.let_answer()
    await robot.settled()
    shown = [line for line in robot.lines if " invoices since" in line]
    assert all(only in line for line in shown)
    assert bool(shown) is (only in LOG.decode())


async def test_a_match_is_gone_to_when_the_time_was_reached_that_is_on_its_way(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("/", *"fetched 9", "enter")
    robot.engine.holds_answers = True
    await robot.command("goto 12:10")
    await robot.press("n")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("fetched 900")
    assert not robot.shows("fetched 850")


async def test_a_filter_that_leaves_no_line_is_told_where_a_match_was_gone_to(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("/", *"fetched 9", "enter")
    robot.engine.holds_answers = True
    await robot.press("&", *"nobody", "enter")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("no line fits &nobody; esc shows all")


async def test_the_log_of_a_run_is_followed_until_the_run_has_ended(robot: Robot) -> None:
    number = robot.engine.begin("card-expiry-scan")
    robot.engine.logs["card-expiry-scan"] = (
        b"2026-01-05T12:40:00.000000Z INFO  JI %d: on\n" % number
    )
    await robot.settled()
    await robot.command(f"logs #{number}")
    assert robot.shows("● follow")
    robot.engine.end(number)
    await robot.settled()
    assert robot.shows("at its end")
    assert not robot.shows("● follow")


async def test_the_end_of_a_log_that_cannot_grow_is_not_said_to_be_followed(robot: Robot) -> None:
    await open_log(robot)
    assert robot.shows("● follow")
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    ended = robot.engine.desk.job_log("card-expiry-scan")
    ended.ends_at = len(LOG)
    pane.feed.open(FileReader(ended))
    await robot.settled()
    assert robot.shows("at its end")
    assert not robot.shows("follow")
    await robot.press("k")
    assert robot.shows("% of ")
