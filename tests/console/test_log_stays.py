"""Other lines of a log are shown around the place that is looked at, not around its end."""

import pytest

from app.panes.log_feed import LogFeed
from app.panes.logs import LogsPane
from app.store.log_scan import BUDGET
from app.testing.harness import Robot
from tests.console.scenes import LOG
from tests.console.test_logs import append, open_log, poll
from tests.console.test_logs_of_several import write

JOB = "card-expiry-scan"


def feed_of(robot: Robot) -> LogFeed:
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    return pane.feed


def set_off(robot: Robot) -> str:
    """Return the line that was gone to."""
    feed = feed_of(robot)
    index = feed.window.current_index(feed.page)
    return "" if index is None else feed.window.lines[index].head.decode()


def in_sight(robot: Robot) -> list[str]:
    return [" ".join(line.split()) for line in robot.lines[3:-2] if line.strip()]


async def at_an_error(robot: Robot) -> None:
    """Go to the third error, of second 74."""
    await open_log(robot)
    await robot.press("g")
    for _ in range(3):
        await robot.press("}")
    assert "fetched 74 " in set_off(robot)


@pytest.mark.parametrize("pause", [True, False])
async def test_graver_lines_are_those_around_the_error_that_was_gone_to(
    robot: Robot, pause: bool
) -> None:
    await at_an_error(robot)
    before = in_sight(robot)
    for keys in [("!",)] * 3 if pause else [("!",) * 3]:
        await robot.press(*keys)
    assert robot.shows("level ERROR+")
    assert "fetched 74 " in set_off(robot)
    assert "fetched 37 " in in_sight(robot)[1]
    assert not robot.shows("follow")
    await robot.press("escape")
    assert in_sight(robot) == before


@pytest.mark.parametrize("keys", ["gj", "Gkk", "gjj!j", "gjj!!jk", "Gg!jG", "G!kgjj", "gj}!k"])
async def test_motions_that_come_with_other_lines_count_on_those(robot: Robot, keys: str) -> None:
    """As they do when each key waits for the lines that the one before asked for."""
    await open_log(robot)
    for key in keys:
        await robot.press(key)
    wanted = in_sight(robot)
    await robot.press(*["escape"] * bool(feed_of(robot).level), "G")
    robot.engine.holds_answers = True
    await robot.press(*keys)
    robot.engine.let_answer()
    await robot.settled()
    assert in_sight(robot) == wanted


async def test_motions_in_the_log_beside_the_jobs_count_on_the_lines_that_come(
    robot: Robot,
) -> None:
    lines = [f"2026-01-05T12:00:00.{number:06d}Z INFO  JI 1: no {number}" for number in range(900)]
    robot.engine.logs[JOB] = ("\n".join(lines) + "\n").encode()
    await robot.resize(120, 40)
    await robot.press("shift+tab")
    assert robot.shows(" no 899")
    await robot.press("g", "j", "j")
    assert not robot.shows(" no 1 ")
    assert robot.shows(" no 2 ")


async def test_escape_shows_what_is_around_the_line_that_was_found_among_errors(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("!", "!", "!")
    assert robot.shows("● follow")
    await robot.press("g", "}", "}", "}", "escape")
    assert "fetched 74 " in set_off(robot)
    assert "fetched 69 " in in_sight(robot)[0]


async def test_the_line_at_the_top_stays_there_where_none_was_gone_to(robot: Robot) -> None:
    await open_log(robot)
    await robot.command("goto 12:10")
    await robot.press("pagedown")
    before = in_sight(robot)
    await robot.press("&", *"run", "enter")
    assert in_sight(robot) == before
    await robot.press("escape")
    assert in_sight(robot) == before


async def test_the_place_of_a_hidden_line_is_that_of_the_next_until_it_is_shown_again(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("g", "/", *"fetched 100 ", "enter", "escape")
    before = in_sight(robot)
    await robot.press("!", "!", "!")
    assert "fetched 111 " in set_off(robot)
    await robot.press("!")
    assert robot.shows("level DEBUG+")
    assert in_sight(robot) == before


async def test_where_no_later_line_is_shown_the_last_one_is_gone_to_and_not_followed(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("g", "/", *"fetched 900 ", "enter", "escape")
    await robot.press("&", *"fetched 8", "enter")
    assert "fetched 899 " in set_off(robot)
    assert not robot.shows("follow")
    append(robot, 2)
    await poll(robot)
    await robot.press("escape")
    assert "fetched 900 " in set_off(robot)


async def test_a_filter_that_leaves_no_line_does_not_lose_the_place(robot: Robot) -> None:
    await at_an_error(robot)
    before = in_sight(robot)
    await robot.press("&", *"nobody", "enter")
    assert robot.shows("no line fits &nobody; esc shows all")
    await robot.press("escape")
    assert in_sight(robot) == before


async def test_whoever_moved_among_the_lines_of_a_filter_stays_where_that_led(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("g", "/", *"fetched 100 ", "enter", "escape")
    await robot.press("!", "!", "!")
    await robot.press("pagedown")
    top = in_sight(robot)[0]
    await robot.press("escape")
    assert in_sight(robot)[0] == top
    assert "ERROR" in top


async def test_a_place_that_is_on_its_way_is_reached_among_other_lines(robot: Robot) -> None:
    await open_log(robot)
    robot.engine.holds_answers = True
    await robot.command("goto 12:10")
    await robot.press("!", "!", "!")
    robot.engine.let_answer()
    await robot.settled()
    assert "fetched 629 " in in_sight(robot)[0]


@pytest.mark.parametrize("stretch", ["since:12:05", "since:12:05 until:12:20", "until:12:20"])
@pytest.mark.parametrize("names", [JOB, f"{JOB} dunning-mail"])
async def test_all_of_a_log_is_shown_at_the_line_of_the_stretch_that_was_looked_at(
    robot: Robot, names: str, stretch: str
) -> None:
    robot.engine.logs[JOB] = LOG
    write(robot, "dunning-mail", *((second, f"mail {second}") for second in range(0, 1800, 7)))
    await robot.command(f"logs {names} {stretch} level:error")
    await robot.press("/", *"fetched 629 ", "enter", "escape")
    assert "fetched 629 " in set_off(robot)
    await robot.press("escape")
    assert robot.shows("level DEBUG+")
    assert "fetched 629 " in set_off(robot)
    assert any("fetched 628 " in line for line in in_sight(robot))


async def test_the_end_of_a_stretch_is_a_place_and_that_of_the_log_is_followed(
    robot: Robot,
) -> None:
    robot.engine.logs[JOB] = LOG
    await robot.command(f"logs {JOB} until:12:20")
    shown = in_sight(robot)
    assert "fetched 1199 " in shown[-1]
    await robot.press("escape")
    assert in_sight(robot) == shown
    await robot.command(f"logs {JOB} since:12:20")
    await robot.press("escape")
    assert robot.shows("● follow")


@pytest.mark.parametrize("names", [JOB, f"{JOB} dunning-mail"])
async def test_the_next_line_is_looked_for_however_far_away_it_is(robot: Robot, names: str) -> None:
    noise = (b"2026-01-05T12:30:00.000000Z DEBUG JI 881210: %s\n" % (b"x" * 60_000)) * (
        2 * BUDGET // 60_000
    )
    there = b"2026-01-05T12:31:00.000000Z ERROR JI 881210: far away\n"
    robot.engine.logs[JOB] = LOG + noise + there + noise
    write(robot, "dunning-mail", (900, "mail"))
    await robot.command(f"logs {names}")
    await robot.press("g", "/", *"fetched 1799 ", "enter", "escape")
    await robot.press("!", "!", "!")
    assert "far away" in set_off(robot)
    assert any("fetched 1776 " in line for line in in_sight(robot))
    await robot.press("escape")
    assert "fetched 1799 " in set_off(robot)


@pytest.mark.parametrize("names", [JOB, f"{JOB} dunning-mail"])
async def test_the_line_of_a_stretch_is_found_in_logs_of_any_length(
    robot: Robot, names: str
) -> None:
    noise = b"2026-01-05T11:00:00.000000Z DEBUG JI 881210: %s\n" % (b"x" * 60_000)
    robot.engine.logs[JOB] = noise * (3 * BUDGET // 60_000) + LOG
    write(robot, "dunning-mail", (900, "mail"))
    await robot.command(f"logs {names} since:12:05")
    await robot.press("/", *"fetched 629 ", "enter", "escape")
    before = in_sight(robot)
    await robot.press("escape")
    assert robot.shows("level DEBUG+")
    assert in_sight(robot) == before
