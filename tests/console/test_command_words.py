"""What commands take besides names: the span of the schedule, the stretch and level of a log."""

import pytest

from app.actions.all import all_actions
from app.actions.command import complete_command
from app.testing.harness import Robot
from engine.domain.instance import Status
from tests.console.conftest import Opened
from tests.console.scenes import LOG

# -- the schedule -------------------------------------------------------------------------------


async def test_the_schedule_looks_as_far_ahead_as_it_is_told(robot: Robot) -> None:
    await robot.press("6")
    assert "next 7d  all jobs" in robot.lines[2]
    assert robot.shows("Mon 12")
    await robot.command("schedule 24h")
    assert "next 24h  all jobs" in robot.lines[2]
    assert robot.shows("Tue 06")
    assert not robot.shows("Wed 07")
    await robot.press("escape")
    assert "next 7d  all jobs" in robot.lines[2]
    assert robot.shows("Mon 12")


async def test_a_span_and_a_filter_say_how_far_and_of_which_jobs(robot: Robot) -> None:
    await robot.command("schedule 3d group:mail")
    assert "next 3d  dunning-mail" in robot.lines[2]
    assert robot.shows("Thu 08")
    assert not robot.shows("Fri 09")
    await robot.command("schedule 36h invoice-archive")
    assert "next 36h  invoice-archive" in robot.lines[2]
    await robot.press("t", "t")
    assert "next 36h  invoice-archive" in robot.lines[2]
    assert robot.shows("Tue 2026-01-06") or robot.shows("Tue 06"), "the agenda"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("fails>=10", "invoice-sync-eu"),
        ("fails=12", "invoice-sync-eu"),
        ("!invoice !ledger !price !mail !vat", "card-expiry-scan"),
        ("/dunning.*/", "dunning-mail"),
        ('"eu invoices"', "invoice-sync-eu"),
    ],
)
async def test_a_filter_needs_no_colon(robot: Robot, typed: str, told: str) -> None:
    robot.engine.ran("invoice-sync-eu", *((Status.ERROR, 1.0),) * 11)
    await robot.settled()
    await robot.command(f"schedule {typed}")
    assert f"  {told}  " in robot.lines[2]


async def test_a_filter_without_a_colon_says_whose_logs_are_shown(robot: Robot) -> None:
    robot.engine.logs["invoice-archive"] = LOG
    robot.engine.begin("invoice-archive")
    await robot.settled()
    await robot.pass_time(700)
    await robot.command("logs running>10m")
    assert robot.lines[2].split()[0] == "invoice-archive"


async def test_a_wrong_word_of_a_filter_is_an_error_and_no_option_that_is_passed_over(
    robot: Robot,
) -> None:
    await robot.command("schedule failures>=3")
    assert "no field 'failures'" in robot.status
    await robot.command("schedule colour=red")
    assert "no field 'colour'" in robot.status


async def test_a_job_that_is_called_like_a_filter_is_that_job(robot: Robot) -> None:
    robot.engine.add_job("eu:sync")
    await robot.settled()
    await robot.command("schedule eu:sync")
    assert "eu:sync" in robot.lines[2]


async def test_the_schedule_of_a_group_is_that_of_its_jobs(robot: Robot) -> None:
    await robot.press("2")
    await robot.command("filter mail")
    await robot.press("t")
    assert "dunning-mail" in robot.lines[2]
    assert not robot.shows("invoice-archive")


async def test_a_group_without_jobs_has_no_schedule(robot: Robot) -> None:
    robot.engine.add_group("empty")
    await robot.settled()
    await robot.press("2")
    await robot.command("filter empty")
    await robot.press("t")
    assert robot.status == "no job is in this group"
    assert robot.app.panes.current_name == "groups"


async def test_a_month_of_days_scrolls_with_the_cursor(robot: Robot) -> None:
    await robot.command("schedule 31d")
    assert robot.shows("Mon 05")
    assert not robot.shows("Thu 22")
    await robot.press(*["down"] * 17)
    assert robot.shows("Thu 22 12:00")
    assert robot.shows("Upcoming")
    assert not robot.shows("Mon 05")


@pytest.mark.parametrize("span", ["7x", "7", "0h", "32d", "5m", "-1d"])
async def test_a_wrong_span_is_one_error_with_what_is_right(robot: Robot, span: str) -> None:
    await robot.command(f"schedule {span} group:mail")
    assert robot.status == f"{span} is no span of the schedule: 1h to 31d, as in 24h or 7d"


async def test_a_job_that_is_called_like_a_span_is_that_job(robot: Robot) -> None:
    robot.engine.add_job("7d")
    await robot.settled()
    await robot.command("schedule 7d")
    assert "next" not in robot.lines[2], "the Gantt chart of a job, not a span of the heat map"
    assert "7d" in robot.lines[2]


async def test_the_gantt_chart_shows_the_span_too(robot: Robot) -> None:
    await robot.command("timeline invoice-archive")
    await robot.command("schedule 24h invoice-archive")
    axis = robot.lines[3]
    assert "18:00" in axis
    assert "06:00" in axis
    await robot.press("[")
    assert robot.line_with("NAME"), "back is where it came from"
    await robot.press("]")
    assert robot.lines[3] == axis


# -- logs ---------------------------------------------------------------------------------------


async def test_a_log_is_opened_since_a_time_with_the_graver_lines(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.command("logs card-expiry-scan since:10m level:error")
    assert "card-expiry-scan  level ERROR+  since 12:20:05  esc shows all" in robot.lines[2]
    await robot.press("g")
    assert "12:20:21.000 ERROR" in robot.lines[3]
    assert not robot.shows("INFO")
    await robot.press("escape")
    assert "level DEBUG+" in robot.lines[2]
    assert "since" not in robot.lines[2]
    await robot.press("g")
    assert "12:00:00.000" in robot.lines[3]


async def test_a_stretch_ends_where_it_is_told_to_and_is_a_log_by_itself(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.command("logs card-expiry-scan since:12:10 until:2026-01-05T12:11")
    assert "since 12:10:00  until 12:11:00" in robot.lines[2]
    assert "12:10:59.000" in robot.lines[-3]
    await robot.press("k", "g")
    assert "12:10:00.000" in robot.lines[3]
    await robot.press("k")
    assert "12:10:00.000" in robot.lines[3]
    await robot.press("/")
    await robot.type("fetched")
    await robot.press("enter")
    assert robot.shows("of 60"), "matches are counted in the stretch alone"
    await robot.press("escape")
    await robot.command("goto 12:20")
    assert robot.status == ("12:20:00 is left out (since 12:10:00 until 12:11:00): esc shows all")


async def test_a_stretch_without_a_name_is_of_the_log_that_is_open(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.command("log card-expiry-scan")
    await robot.command("logs since:5m")
    assert "card-expiry-scan  since 12:25:05" in robot.lines[2]
    await robot.command("logs level:warn")
    assert "level WARN+  since 12:25:05" in robot.lines[2]
    await robot.command("logs since:1s")
    assert robot.shows("no line since 12:30:04 is WARN or graver; esc shows all")


async def test_what_is_written_later_is_in_the_stretch(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.command("logs card-expiry-scan since:1s")
    assert robot.shows("no line since 12:30:04; esc shows all")
    robot.engine.logs["card-expiry-scan"] += b"2026-01-05T12:30:06.000000Z INFO  later\n"
    await robot.pass_time(1)
    robot.app.pane_named("logs").growth.poll()  # type: ignore[attr-defined]
    await robot.settled()
    assert robot.shows("later")
    robot.engine.logs["card-expiry-scan"] = b"2026-01-05T12:30:07.000000Z INFO  begun anew\n"
    robot.app.pane_named("logs").growth.poll()  # type: ignore[attr-defined]
    await robot.settled()
    assert robot.shows("begun anew")


async def test_logs_of_instances_of_several_jobs_and_of_the_engine(robot: Robot) -> None:
    instances = robot.engine.instances.values()
    last = max(row.job_instanceid for row in instances if row.name == "invoice-archive")
    robot.engine.logs["invoice-archive"] = LOG.replace(b"JI 881201", f"JI {last}".encode())
    robot.engine.logs["invoice-sync-eu"] = LOG
    await robot.command(f"logs #{last} level:error")
    assert "invoice-archive  level ERROR+" in robot.lines[2]
    await robot.press("g")
    assert "12:05:33.000 ERROR fetched 333" in robot.lines[3]
    await robot.command("logs group:billing since:12:29")
    assert "jobs by time  level ERROR+  since 12:29:00" in robot.lines[2]
    await robot.press("g")
    assert "12:29:" in robot.lines[3]
    await robot.command("logs engine")
    assert "engine" in robot.lines[2]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("since:soon", "since:soon is no time: 10m, 02:00, today or 2026-11-23T02:00"),
        ("since:tomorrow", "since:tomorrow is 2026-01-06 00:00:00 UTC, which is still to come"),
        ("level:loud", "level:loud: a level is debug, info, warn, error"),
        ("level:warn,error", "level:warn,error: level takes one value, as in level:warn"),
        ("!since:10m", "!since:10m: since takes one value, as in since:10m"),
        ("since:5m until:10m", "since 2026-01-05 12:25:05 UTC is not before until"),
    ],
)
async def test_wrong_words_of_a_log_are_one_error(robot: Robot, typed: str, told: str) -> None:
    await robot.resize(120, 40)
    await robot.command(f"logs card-expiry-scan {typed}")
    assert robot.status.startswith(told)
    assert robot.app.panes.current_name == "jobs"


async def test_they_complete_as_they_are_typed(robot: Robot) -> None:
    def words(text: str) -> list[str]:
        return list(complete_command(text, len(text), all_actions(), robot.app).words)

    assert words("logs card-expiry-scan ")[:3] == ["since:", "until:", "level:"]
    assert words("logs card-expiry-scan l") == ["level:", "ledger-close"]
    assert words("logs card-expiry-scan level:") == [
        "level:debug", "level:info", "level:warn", "level:error",
    ]  # fmt: skip
    assert words("logs card-expiry-scan since:1") == ["since:10m", "since:1h", "since:1d"]
    assert words("schedule 7") == ["7d"]
    assert words("schedule 7d in") == ["invoice-archive", "invoice-sync-eu"]
    await robot.press(":")
    await robot.type("logs card-expiry-scan lev")
    await robot.press("tab")
    await robot.type("warn")
    await robot.press("enter")
    assert "level WARN+" in robot.lines[2]


async def test_a_log_that_is_not_there_leaves_what_was_open(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.command("log card-expiry-scan")
    await robot.command("goto #1")
    assert robot.app.frame.status.role == "error"
    await robot.command("logs since:5m")
    assert "card-expiry-scan  since 12:25:05" in robot.lines[2]


async def test_goto_opens_the_log_at_a_time_from_anywhere(console: Opened) -> None:
    async with console() as robot:
        robot.engine.logs["engine"] = LOG
        await robot.command("goto 12:10")
        assert "engine" in robot.lines[2]
        assert "12:10:00.000" in robot.lines[3]
        robot.engine.holds_answers = True
        await robot.command("log card-expiry-scan")
        await robot.command("goto -15m")
        robot.engine.logs["card-expiry-scan"] = LOG
        robot.engine.let_answer()
        await robot.settled()
        assert "card-expiry-scan" in robot.lines[2]
        assert "12:15:05.000" in robot.lines[3], "that log was still on its way"


async def test_times_are_told_from_the_moment_that_is_shown(console: Opened) -> None:
    async with console() as robot:
        robot.engine.logs["card-expiry-scan"] = LOG
        await robot.command("at 12:20")
        await robot.command("logs card-expiry-scan since:10m")
        assert "since 12:10:00" in robot.lines[2]
        assert "12:19:59.000" in robot.lines[-3]
        await robot.press("escape")
        await robot.command("goto -15m")
        assert "12:05:00.000" in robot.lines[3]


# -- the audit ----------------------------------------------------------------------------------


async def test_the_audit_tells_who_changed_one_job_or_one_group(robot: Robot) -> None:
    for what in ("disable card-expiry-scan", "disable ledger-close", "disable groups mail"):
        robot.engine.asked.append(what)
    await robot.command("audit ledger-close")
    assert robot.shows("Changes of ledger-close")
    assert robot.shows("DISABLE  ledger-close")
    assert not robot.shows("DISABLE  card-expiry-scan")
    await robot.press("escape")
    await robot.command("audit mail")
    assert robot.shows("DISABLE  mail")
    assert not robot.shows("DISABLE  ledger-close")
    await robot.press("escape")
    await robot.command("audit")
    assert robot.shows("DISABLE  mail")
    assert robot.shows("DISABLE  ledger-close")


@pytest.mark.parametrize("name", ["ledger-clos", "ledger-close mail"])
async def test_the_audit_of_a_name_that_is_not_there_is_one_error(robot: Robot, name: str) -> None:
    await robot.command(f"audit {name}")
    nearest = " Nearest: 'ledger-close'."
    assert robot.status == f"No job or group is named '{name}'.{nearest}"
    assert not robot.shows("Changes of")


async def test_the_audit_completes_jobs_and_groups(robot: Robot) -> None:
    registry = robot.app.registry
    assert complete_command("audit ma", 8, registry, robot.app).words == ["mail"]
    words = complete_command("audit ", 6, registry, robot.app).words
    assert {"DEFAULT", "billing", "ledger-close"} < set(words)
    assert complete_command("audit mail ", 11, registry, robot.app).words == []
