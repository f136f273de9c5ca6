"""A log that grows while it is read: the reader stays where they are, and is told how much came."""

from app.store.log_scan import BUDGET, Found, LogLine
from app.store.log_window import AT_HAND, LogWindow
from app.testing.harness import Robot
from tests.console.test_logs import append, open_log, poll

KILOS = b"x" * 4_000


def append_much(robot: Robot, size: int) -> int:
    """Let more than `size` bytes be written; return how many lines these are."""
    line = b"2026-01-05T12:41:00.000000Z INFO  JI 881210: much %s\n" % KILOS
    number = size // len(line) + 1
    robot.engine.logs["card-expiry-scan"] += line * number
    return number


async def poll_until_counted(robot: Robot) -> None:
    for _ in range(5):
        await poll(robot)


def found(first: int, number: int, *, is_done: bool = True) -> Found:
    """Lines of ten bytes, numbered from `first` on, as a walk finds them."""
    lines = [LogLine(10 * each, b"%d" % each, 10) for each in range(first, first + number)]
    end = 10 * (first + number)
    return Found(lines, end, is_done=is_done, size=end)


def full_window(top: int) -> LogWindow:
    """A window with all the lines that it holds, read at `top` without following."""
    window = LogWindow()
    window.reset(found(0, AT_HAND), 0, 10 * AT_HAND, at_end=True)
    window.is_following = False
    window.top = top
    return window


def test_lines_that_come_take_none_away_that_is_being_read() -> None:
    window = full_window(top=3)
    window.add_after(found(AT_HAND, 10))
    assert [line.head for line in window.shown(2)] == [b"3", b"4"]
    assert window.is_at_start


def test_what_there_is_no_room_for_is_fetched_when_it_is_scrolled_to() -> None:
    window = full_window(top=3)
    window.add_after(found(AT_HAND, 10))
    assert len(window.lines) == AT_HAND
    assert window.ends_at == window.lines[-1].end
    assert not window.is_at_end


def test_lines_far_above_what_is_read_make_room_for_those_that_come() -> None:
    window = full_window(top=AT_HAND - 40)
    window.add_after(found(AT_HAND, 10))
    assert window.lines[0].head == b"10"
    assert window.shown(1)[0].head == b"%d" % (AT_HAND - 40)
    assert window.is_at_end


async def test_a_reader_who_does_not_follow_stays_however_much_came_meanwhile(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("k", "k")
    top = robot.lines[3]
    await robot.press("1")
    append_much(robot, BUDGET + 1)
    await robot.press("4")
    await poll_until_counted(robot)
    assert robot.lines[3] == top
    assert not robot.shows("● follow")


async def test_all_that_came_is_counted_however_much_it_is(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("k")
    number = append_much(robot, 2 * BUDGET)
    await poll_until_counted(robot)
    assert robot.shows(f"+{number:,} new, G to follow")


async def test_all_that_came_is_counted_where_the_end_is_far_away(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g")
    number = append_much(robot, 2 * BUDGET)
    await poll_until_counted(robot)
    assert robot.shows(f"+{number:,} new, G to follow")


async def test_what_follows_the_end_goes_there_however_much_came(robot: Robot) -> None:
    await open_log(robot)
    append_much(robot, BUDGET + 1)
    append(robot, 3)
    await poll(robot)
    assert robot.shows("● follow")
    assert robot.shows("more 2")


async def test_only_lines_that_are_shown_are_counted_as_new(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = b"".join(
        b"2026-01-05T12:%02d:%02d.000000Z ERROR JI 1: bad %d\n" % (each // 60 % 60, each % 60, each)
        for each in range(3_000)
    )
    await robot.press("o", "!", "!", "!", "g")
    append(robot, 7)
    robot.engine.logs["card-expiry-scan"] += b"2026-01-05T12:50:00.000000Z ERROR JI 1: worse\n"
    await poll(robot)
    assert robot.shows("+1 new, G to follow")


async def test_a_new_line_is_counted_once_whether_it_is_scrolled_to_or_not(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g")
    append(robot, 1_200)
    await poll(robot)
    assert robot.shows("+1,200 new, G to follow")
    for _ in range(90):
        await robot.press("pagedown")
    await poll(robot)
    assert robot.shows("+1,200 new, G to follow")


async def test_a_line_that_was_half_written_is_counted_when_it_ends(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g")
    robot.engine.logs["card-expiry-scan"] += b"2026-01-05T12:40:00.000000Z INFO  JI 1: half"
    await poll(robot)
    assert not robot.shows("new, G to follow")
    robot.engine.logs["card-expiry-scan"] += b" and whole\n"
    await poll(robot)
    assert robot.shows("+1 new, G to follow")


async def test_new_lines_of_logs_in_one_are_counted(robot: Robot) -> None:
    await open_log(robot)
    robot.engine.logs["dunning-mail"] = b""
    await robot.command("log card-expiry-scan dunning-mail")
    await robot.press("g")
    append(robot, 4)
    robot.engine.logs["dunning-mail"] = b"2026-01-05T12:40:00.000000Z INFO  JI 1: mail\n"
    await poll(robot)
    assert robot.shows("+5 new, G to follow")


async def test_a_log_that_is_begun_anew_is_shown_whatever_of_it_was_read(robot: Robot) -> None:
    await open_log(robot)
    await robot.press("g")
    robot.engine.logs["card-expiry-scan"] = b""
    append(robot, 1)
    await poll(robot)
    assert robot.shows("more 0")


async def test_a_reader_who_has_just_stopped_following_is_not_taken_to_the_end(
    robot: Robot,
) -> None:
    await open_log(robot)
    append_much(robot, BUDGET + 1)
    robot.engine.holds_answers = True
    await poll(robot)
    await robot.press("k")
    top = robot.lines[3]
    robot.engine.let_answer()
    await robot.settled()
    await poll_until_counted(robot)
    assert robot.lines[3] == top
