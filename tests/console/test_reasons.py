"""An empty place gives the true reason; where there is little room, rows come first."""

from msgspec.structs import replace

from app.actions.all import all_actions
from app.client.views import AlertView
from app.overlays.text import TextView
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.widgets.paint import own


async def test_an_empty_log_says_whether_nothing_was_logged_or_nothing_is_wanted(
    robot: Robot,
) -> None:
    name = "card-expiry-scan"
    robot.engine.logs[name] = b"2026-01-05T12:40:00.000000Z INFO  JI 1: fine\n"
    await robot.press("o")
    assert robot.shows("fine")
    await robot.press("!", "!", "!")
    assert robot.shows("no line is ERROR or graver; esc shows all")
    assert not robot.shows("nothing logged yet")
    await robot.press("escape")
    assert robot.shows("fine")


async def test_a_low_terminal_shows_rows_before_details(robot: Robot) -> None:
    await robot.resize(60, 10)
    assert robot.shows("invoice-archive")
    assert not robot.shows("never ran")
    await robot.resize(80, 24)
    assert robot.shows("never ran")


async def test_what_keeps_the_engine_away_is_said_in_every_pane(robot: Robot) -> None:
    await robot.press("2")
    robot.engine.link = "none"
    robot.engine.emit(robot.engine.health("no engine could be started here: no room"))
    await robot.settled()
    assert "no engine could be started here: no room" in robot.status


async def test_what_has_no_state_data_is_not_cleared(robot: Robot) -> None:
    await robot.command("data card-expiry-scan")
    await robot.press("X")
    assert "card-expiry-scan has no state data" in robot.status
    assert not robot.shows("Type card-expiry-scan to go on")


async def test_words_name_the_keys_that_are_in_force(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    keys = {
        "jobs.enable": ("f5",),
        "jobs.disable": ("F6",),
        "undo": ("F7",),
        "instances.stop": (),
        "logs.output": ("F2",),
        "go.jobs": ("F1",),
        "leave": ("pagedown",),
        "move.page_down": (),
    }
    async with open_console(engine, clock, registry=all_actions(keys)) as robot:
        await robot.resize(100, 24)
        await robot.press("F6")
        assert "F7 undo" in robot.status
        await robot.pass_time(11)
        await robot.press("F7")
        assert robot.status.endswith("disabled card-expiry-scan; f5 enables it")
        await robot.press("r")
        assert robot.status == "Run: disabled; f5 lets it run again."
        assert robot.shows("f5 lets it run again")  # beside the job, too
        await robot.press("f5")
        await robot.press("r")
        assert "runs as #" in robot.status
        assert "F2 output" in robot.status
        await robot.press("r")
        assert "; :stop stops it" in robot.status
        await robot.command("filter zzz")
        assert robot.shows("pgdn clears the filter")
        await robot.press("4", ">")
        await robot.command("sort name")
        assert "press F1, 2 or 3" in robot.status


async def test_a_refusal_names_a_key_and_a_time_of_the_viewer_not_a_command_of_the_shell(
    robot: Robot,
) -> None:
    robot.engine.begin("card-expiry-scan")
    await robot.settled()
    await robot.press("r")
    assert robot.status.startswith("Run: running as instance")
    assert "; x stops it" in robot.status
    await robot.command("run price-feed")
    assert "; :enable price-feed lets it run again" in robot.status
    assert not robot.shows("tocsin job")
    assert not robot.shows("--force")
    assert "2026-01-05T" not in robot.frame


async def test_a_disabled_job_says_beside_its_row_how_it_is_enabled(robot: Robot) -> None:
    await robot.command("jobs price-feed")
    assert robot.shows("disabled; e lets it run again.")


async def test_the_answers_to_a_question_are_never_cut(robot: Robot) -> None:
    await robot.press("*", "r")
    assert robot.status.endswith("…   [y] run   [N] keep")


async def test_alerts_are_read_in_every_pane(robot: Robot) -> None:
    since = robot.clock.now()
    robot.engine.alerts.append(
        AlertView("JOB-EXPIRED", "ledger-close", "it expired and is not scheduled", since)
    )
    await robot.press("3")
    await robot.command("alerts")
    assert robot.line_with("JOB-EXPIRED").count("ledger-close") == 1
    assert robot.shows("it expired and is not scheduled")


async def test_an_explanation_is_as_high_as_its_broken_lines(robot: Robot) -> None:
    text = "a sentence of several words that goes on and on " * 12
    robot.app.open(TextView("Why", [[own(text)], [own("the end")]], words=True))
    await robot.settled()
    assert robot.shows("the end")


async def test_a_long_message_is_cut_with_a_sign(robot: Robot) -> None:
    robot.app.say("word " * 40)
    await robot.settled()
    assert robot.status.endswith("…")


async def test_a_menu_tells_why_not_beside_what_is_not_possible(robot: Robot) -> None:
    await robot.command("job card-expiry-scan")
    await robot.press("a")
    assert "Stop                (nothing of it runs)" in robot.line_with("Stop  ")
    assert "Enable              (enabled already)" in robot.line_with("Enable  ")


async def test_an_open_menu_tells_why_not_as_it_is_now_and_keeps_its_place(robot: Robot) -> None:
    await robot.command("job card-expiry-scan")
    await robot.press("a", "down", "down", "down")
    assert "▸d  " in robot.line_with("Disable  ")
    robot.engine.change("card-expiry-scan", enabled=False)
    await robot.settled()
    assert "Enable              Let the job or group run" in robot.line_with("Enable  ")
    assert "▸d         Disable             (disabled already)" in robot.line_with("Disable  ")
    await robot.type("able")
    robot.engine.change("card-expiry-scan", enabled=True)
    await robot.settled()
    assert "(enabled already)" in robot.line_with("Enable  ")
    assert not robot.shows("Activate  ")


async def test_the_open_help_tells_why_not_as_it_is_now_and_keeps_its_place(robot: Robot) -> None:
    await robot.resize(60, 24)  # where what explains an entry is broken into lines
    await robot.command("job card-expiry-scan")
    await robot.press("?", "down", "down")
    assert "▸d  " in robot.line_with("Disable  ")
    robot.engine.change("card-expiry-scan", enabled=False)
    await robot.settled()
    assert "▸d  " in robot.line_with("Disable  ")
    assert robot.shows("(disabled")
    assert not robot.shows("(enabled")


async def test_what_follows_the_entries_of_a_list_lines_up(robot: Robot) -> None:
    await robot.press("F")
    shown = [robot.line_with(text).index(text) for text in ("status:error,crash", "status:overdue")]
    assert shown[0] == shown[1]


async def test_a_refusal_goes_with_the_next_key_and_an_error_stays(robot: Robot) -> None:
    await robot.press("x")
    assert robot.status == "Stop: nothing of it runs"
    await robot.press("j")
    assert robot.status == "Stop: nothing of it runs"
    await robot.press("3")
    assert robot.status == ""
    robot.app.say("the disk is full", "error")
    await robot.press("1")
    assert robot.status == "the disk is full"


async def test_a_refusal_is_not_told_for_ever(robot: Robot) -> None:
    await robot.press("x")
    await robot.pass_time(61)
    assert robot.status == ""


async def test_nothing_is_said_to_be_empty_before_it_was_read(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.reads_slowly = True
    async with open_console(engine, clock) as robot:
        assert robot.shows("reading ...")
        assert not robot.shows("No jobs yet")
        await robot.press("3")
        assert robot.shows("reading ...")
        engine.resync()
        await robot.settled()
        assert robot.shows("Nothing has run yet")
        await robot.press("1")
        assert robot.shows("No jobs yet")


async def test_the_engine_pane_tells_why_an_alert_stands_within_eighty_columns(
    robot: Robot,
) -> None:
    since = robot.clock.now()
    robot.engine.alerts.append(
        AlertView("JOB-INSTANCE-ERROR", "ledger", "instance 7 ended ERROR: exit code 3", since)
    )
    await robot.resize(80, 60)
    await robot.press("7")
    assert robot.line_with("JOB-INSTANCE-ERROR").endswith("instance 7 ended ERROR: exit code 3")


async def test_an_empty_list_of_jobs_tells_where_it_stands_what_is_wrong(
    clock: ManualClock,
) -> None:
    engine = ScriptedEngine(clock)
    async with open_console(engine, clock) as robot:
        assert robot.shows("No jobs yet")
        assert not robot.shows("under Alerts")
        await robot.settled(engine.emit(replace(engine.health(), alerts=1)))
        assert robot.shows("No jobs yet")
        assert robot.shows("What is wrong stands in pane 7, under Alerts.")
