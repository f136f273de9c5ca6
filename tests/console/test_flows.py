"""What operators do, in their words: filter, run, switch, mark, undo, lose the engine."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from app.options import ConsoleOptions
from app.presentation.pieces import Piece
from app.testing.harness import Robot
from engine.domain.instance import Status
from tests.console.conftest import Opened


async def test_the_first_screen_shows_every_job_and_how_it_stands(robot: Robot) -> None:
    assert "run 0" in robot.header
    assert "attached" in robot.header
    assert "unexplained 0" in robot.header
    row = robot.line_with("invoice-sync-eu")
    assert "billing" in row
    assert "*/5 * * * *" in row
    assert "✓" in row
    assert "disabled" in robot.line_with("price-feed")
    assert "group off" in robot.line_with("dunning-mail")
    assert "! " in robot.line_with("ledger-close")


async def test_a_filter_narrows_the_rows_at_each_key_and_escape_clears_it(robot: Robot) -> None:
    await robot.press("/")
    await robot.type("inv")
    assert robot.shows("2 of 7")
    assert not robot.shows("price-feed")
    await robot.press("enter")
    await robot.press("escape")
    assert robot.shows("price-feed")


async def test_the_cursor_stays_on_its_job_when_the_filter_goes(robot: Robot) -> None:
    await robot.press("/")
    await robot.type("vat-report")
    await robot.press("enter")
    await robot.press("escape")
    assert robot.line_with("▸").split()[1] == "vat-report-nl"


async def test_a_wrong_filter_says_what_is_wrong_with_it(robot: Robot) -> None:
    await robot.press("/")
    await robot.type("colour:red")
    assert "colour" in robot.lines[2]
    assert "no field" in robot.lines[2].lower() or "unknown" in robot.lines[2].lower()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("group:billing since:24h", "no field 'since' (nearest: last); quote a word with a colon"),
        ("group:billing enabled:yes status:crahs", "'status' is never 'crahs' (nearest: crash)"),
        ("running>" + "z" * 60, "'running' takes a duration such as 90s or 1h30m, not 'z"),
        ("status:" + "x" * 60, f"'status' is never '{'x' * 24}…' (accepted: "),
        ("colour:red", "no field 'colour'; quote a word with a colon; fields: name group"),
    ],
)
async def test_what_is_wrong_with_a_filter_and_what_to_do_is_read_on_eighty_columns(
    robot: Robot, text: str, told: str
) -> None:
    await robot.press("/")
    await robot.type(text)
    assert told in robot.lines[2]
    await robot.press("enter")
    assert told in robot.lines[2]
    assert robot.lines[2].startswith(f" /{text[:8]}")


def _underlined(pieces: Sequence[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.role == "invalid"]


async def test_what_is_wrong_with_a_filter_is_underlined_as_it_is_typed_and_after_it(
    robot: Robot,
) -> None:
    pane = robot.app.panes.current
    assert pane is not None
    await robot.press("/")
    await robot.type("invoice status:error,crahs x:1 ")
    prompt = robot.app.router.prompt
    assert prompt is not None
    assert _underlined(prompt.pieces(79)) == ["crahs", "x:1"]
    assert "".join(piece.text for piece in prompt.pieces(79)).startswith(
        "/invoice status:error,crahs x:1 "
    )
    await robot.press("left", "left")
    assert _underlined(prompt.pieces(79)) == ["crahs", "x:"]  # the cursor is on the rest
    await robot.press("enter")
    assert _underlined(pane.info_pieces()) == ["crahs", "x:1"]
    await robot.command("filter invoice")
    assert _underlined(pane.info_pieces()) == []


async def test_run_now_starts_an_instance_that_moves_at_once(robot: Robot) -> None:
    await robot.command("jobs name:card-expiry-scan")
    await robot.press("r")
    assert robot.engine.asked == ["run card-expiry-scan"]
    assert "runs as #" in robot.status
    assert "◐" in robot.line_with("▸")
    assert "run 1" in robot.header
    key = max(robot.engine.instances)
    robot.engine.end(key, Status.ERROR, error="TimeoutError: db pool exhausted")
    await robot.settled()
    assert "✗" in robot.line_with("▸")


async def test_a_job_that_may_not_run_says_the_engines_own_reason(robot: Robot) -> None:
    await robot.press("/")
    await robot.type("price-feed")
    await robot.press("enter", "r")
    assert robot.engine.asked == []
    assert robot.status == "Run: disabled; e lets it run again."


async def test_disable_can_be_undone_and_only_for_ten_seconds(robot: Robot) -> None:
    await robot.press("d")
    assert robot.engine.asked == ["disable card-expiry-scan"]
    assert "disabled card-expiry-scan" in robot.status
    assert "u undo" in robot.status
    await robot.press("u")
    assert robot.engine.asked[-1] == "enable card-expiry-scan"
    await robot.press("d")
    await robot.pass_time(11)
    await robot.press("u")
    assert robot.engine.asked[-1] == "disable card-expiry-scan"
    late = "too late (10s) to take back: disabled card-expiry-scan; e enables it"
    assert robot.status == f"Undo: {late}"
    await robot.press("e")
    await robot.press("u")
    await robot.press("u")
    assert robot.status == "Undo: nothing to take back"


async def test_enable_on_an_enabled_job_says_so_and_does_nothing(robot: Robot) -> None:
    await robot.press("e")
    assert robot.engine.asked == []
    assert "enabled already" in robot.status


async def test_enable_on_a_job_that_its_group_keeps_off_names_the_group_and_the_command(
    robot: Robot,
) -> None:
    await robot.command("job dunning-mail")
    await robot.press("e")
    assert robot.engine.asked == []
    wanted = "Enable: enabled already; its group is disabled: :enablegroup mail"
    assert robot.status == wanted
    await robot.command("enable invoice-archive dunning-mail")
    assert robot.status == wanted.replace("its group", "a group of theirs")


async def test_a_job_that_is_enabled_but_kept_off_by_its_group_is_told_as_such(
    robot: Robot,
) -> None:
    for name in ("dunning-mail", "invoice-archive"):
        robot.engine.change(name, enabled=False)
    await robot.command("job dunning-mail")
    await robot.press("e")
    assert robot.engine.asked == ["enable dunning-mail"]
    done = "enabled dunning-mail; its group is disabled: :enablegroup mail"
    assert robot.status.startswith(f"{done}  ")
    assert robot.status.endswith(" u undo")
    await robot.press("u")
    assert robot.status == "taken back: dunning-mail"
    await robot.command("enable invoice-archive")
    assert robot.status.startswith("enabled invoice-archive  ")


async def test_bulk_asks_with_count_and_names_and_answers_for_each(robot: Robot) -> None:
    await robot.press("space", "space", "d")
    assert "Disable 2 jobs: card-expiry-scan, dunning-mail?" in robot.status
    assert robot.engine.asked == []
    robot.engine.refuse["dunning-mail"] = "it is being loaded"
    await robot.pass_time(1)
    await robot.press("y")
    assert robot.engine.asked == ["disable card-expiry-scan", "disable dunning-mail"]
    assert "disabled 1, refused 1: dunning-mail: it is being loaded" in robot.status


async def test_a_question_takes_neither_enter_nor_the_trigger_nor_an_early_y(robot: Robot) -> None:
    key = robot.engine.begin("vat-report-nl")
    await robot.settled()
    await robot.command("jobs name:vat-report-nl")
    await robot.press("x")
    question = f"Stop #{key} vat-report-nl?"
    assert question in robot.status
    await robot.press("y")  # within 300 ms: meant for something else
    await robot.press("x")  # the key repeats
    assert robot.engine.asked == []
    assert question in robot.status
    await robot.pass_time(1)
    await robot.press("enter")
    assert robot.engine.asked == []
    assert "not done" in robot.status
    await robot.press("x")
    await robot.pass_time(1)
    await robot.press("y")
    assert robot.engine.asked == [f"cancel {key}"]


async def test_a_question_answers_itself_with_no_after_fifteen_seconds(robot: Robot) -> None:
    await robot.press("space", "space", "d")
    await robot.pass_time(16)
    assert "no answer" in robot.status
    await robot.press("y")
    assert robot.engine.asked == []


async def test_an_action_means_the_rows_of_the_key_press_not_of_the_answer(robot: Robot) -> None:
    await robot.press("space", "space", "d")
    robot.engine.drop_job("card-expiry-scan")
    robot.engine.add_job("aaa-first")
    await robot.pass_time(1)
    await robot.press("y")
    assert "disable aaa-first" not in robot.engine.asked


async def test_an_engine_that_starts_here_is_told_instead_of_one_that_is_gone(
    robot: Robot,
) -> None:
    robot.engine.lose()
    robot.engine.emit(replace(robot.engine.health(), coming="an engine starts here in 10s"))
    await robot.settled()
    assert "an engine starts here in 10s" in robot.header
    assert "no engine" not in robot.header


async def test_losing_the_engine_is_seen_at_once_and_its_return_too(robot: Robot) -> None:
    robot.engine.lose()
    await robot.settled()
    assert "no engine since 12:30 UTC" in robot.header
    await robot.press("r")
    assert "no engine is alive" in robot.status
    robot.engine.come_back()
    await robot.settled()
    assert "attached" in robot.header
    assert robot.status.startswith("the engine is back")


@pytest.mark.parametrize(
    ("width", "today", "later"),
    [
        (120, "no engine since 13:29:59 CET", "no engine since 2026-01-05 13:29:59 CET"),
        (80, "no engine since 13:29 CET", "no engine since 2026-01-05 13:29 CET"),
    ],
)
async def test_since_when_no_engine_is_alive_is_told_in_the_viewers_zone_and_with_the_day(
    console: Opened, width: int, today: str, later: str
) -> None:
    options = ConsoleOptions(zone=ZoneInfo("Europe/Prague"))
    async with console(size=(width, 40), options=options) as robot:
        robot.clock.pass_time(-1)
        robot.engine.lose()
        await robot.settled()
        assert f"{today} " in robot.header
        await robot.pass_time(11 * 3600)
        assert f"{later} " in robot.header


async def test_an_engine_that_is_seen_for_the_first_time_is_not_told_to_be_back(
    robot: Robot,
) -> None:
    assert "back" not in robot.status


async def test_old_data_are_told_to_be_old(robot: Robot) -> None:
    await robot.pass_time(5)
    assert "data 5s old" in robot.header
    robot.engine.emit(robot.engine.health())
    await robot.settled()
    assert "live" in robot.header


async def test_clearing_state_data_needs_the_name_typed(robot: Robot) -> None:
    robot.engine.desk.set_state("card-expiry-scan", {"cursor": 1})
    robot.engine.asked.clear()
    await robot.press("s")
    await robot.press("X")
    assert robot.shows("Type card-expiry-scan to go on")
    await robot.type("card-expiry")
    await robot.press("enter")
    assert robot.engine.asked == []
    await robot.press("X")
    await robot.type("card-expiry-scan")
    await robot.press("enter")
    assert robot.engine.asked == ["clear state card-expiry-scan"]


async def test_a_read_only_console_changes_nothing(console: Opened) -> None:
    from app.options import ConsoleOptions

    async with console(options=ConsoleOptions(is_read_only=True)) as robot:
        assert "RO" in robot.header
        await robot.press("d", "r")
        assert robot.engine.asked == []
        assert "read-only" in robot.status


async def test_production_asks_before_a_run(console: Opened) -> None:
    from app.options import ConsoleOptions

    async with console(options=ConsoleOptions(environment="prod")) as robot:
        assert "PROD" in robot.header
        await robot.press("r")
        assert "Run card-expiry-scan?" in robot.status
        await robot.pass_time(1)
        await robot.press("y")
        assert robot.engine.asked == ["run card-expiry-scan"]


async def test_back_and_forward_bring_filter_and_cursor_along(robot: Robot) -> None:
    await robot.press("/")
    await robot.type("invoice")
    await robot.press("enter", "j", "3", "1")
    await robot.press("escape")
    await robot.press("[", "[")
    assert robot.shows("2 of 7")
    assert robot.line_with("▸").split()[1] == "invoice-sync-eu"


async def test_a_key_of_another_pane_says_where_it_works(robot: Robot) -> None:
    await robot.press("4", "d")
    assert robot.engine.asked == []
    assert "works in" in robot.status


async def test_the_menu_keeps_what_is_impossible_and_says_why(robot: Robot) -> None:
    await robot.press("a")
    await robot.type("stop")
    assert robot.shows("nothing of it runs")
    await robot.press("enter")
    assert robot.engine.asked == []
    await robot.press("escape")


async def test_the_palette_finds_jobs_and_goes_to_them(robot: Robot) -> None:
    await robot.press("ctrl+p")
    await robot.type("ledger-cl")
    await robot.press("enter")
    assert robot.line_with("▸").split()[1] == "ledger-close"


async def test_help_lists_the_keys_and_runs_what_is_chosen(robot: Robot) -> None:
    await robot.press("?")
    assert robot.shows("Jobs")
    await robot.type("jobs.disable")
    await robot.press("enter")
    assert robot.engine.asked == ["disable card-expiry-scan"]


async def test_a_command_that_does_not_exist_says_so(robot: Robot) -> None:
    await robot.command("frobnicate x")
    assert "there is no :frobnicate" in robot.status


async def test_commands_name_jobs_and_refuse_unknown_ones_with_the_nearest(robot: Robot) -> None:
    await robot.command("disable invoice-sync-eo")
    assert "No job is named 'invoice-sync-eo'. Nearest: 'invoice-sync-eu'" in robot.status
    await robot.command("disable invoice-sync-eu")
    assert robot.engine.asked == ["disable invoice-sync-eu"]


async def test_commands_take_filters(robot: Robot) -> None:
    await robot.command("disable f:group:billing status:error")
    assert robot.engine.asked == ["disable invoice-archive"]


async def test_freezing_stops_the_rows_and_says_so(robot: Robot) -> None:
    await robot.press("f")
    assert "FROZEN" in robot.header
    robot.engine.begin("card-expiry-scan")
    await robot.settled()
    assert "◐" not in robot.line_with("card-expiry-scan")
    await robot.press("f")
    assert "◐" in robot.line_with("card-expiry-scan")


async def test_an_order_that_takes_long_is_shown_as_pending(robot: Robot) -> None:
    robot.engine.holds_answers = True
    await robot.press("r")
    assert robot.engine.asked == []
    await robot.pass_time(2)
    assert "pending 2s: run card-expiry-scan" in robot.status
    assert "◐" not in robot.line_with("▸"), "nothing is drawn before it is true"
    robot.engine.let_answer()
    await robot.settled()
    assert "runs as #" in robot.status


async def test_a_version_mismatch_lets_look_and_refuses_to_act(robot: Robot) -> None:
    robot.engine.link = "mismatch"
    robot.engine.emit(robot.engine.health("the engine is tocsin 9, this console 1: look only"))
    await robot.settled()
    assert "version mismatch" in robot.header
    await robot.press("d")
    assert robot.engine.asked == []
    assert "the engine is tocsin 9" in robot.status
    await robot.press("3")
    assert robot.shows("INSTANCE")


async def test_what_is_typed_before_the_screen_is_up_is_entered_all_the_same(robot: Robot) -> None:
    await robot.press(":")
    await robot.type("data price-feed")
    await robot.press("ctrl+j")  # what a terminal in line mode makes of Enter
    assert robot.shows("price-feed  no state data")


async def test_a_key_that_follows_a_command_closely_means_the_row_that_was_gone_to(
    robot: Robot,
) -> None:
    for key in (*":job card-expiry-scan", "enter", "d"):
        robot.app.router.key("space" if key == " " else key, key if len(key) == 1 else None)
    await robot.settled()
    assert robot.engine.asked == ["disable card-expiry-scan"]
    await robot.press("3")
    robot.engine.asked.clear()
    for key in (*":job invoice-archive", "enter", "d"):
        robot.app.router.key("space" if key == " " else key, key if len(key) == 1 else None)
    await robot.settled()
    assert robot.engine.asked == ["disable invoice-archive"]
    assert "invoice-archive" in robot.line_with("▸")


async def test_a_command_that_takes_no_name_refuses_one(robot: Robot) -> None:
    await robot.command("enginelog price-feed")
    assert ":enginelog takes nothing after it" in robot.status
    assert robot.app.panes.current_name == "jobs"
    await robot.command("jobs price")
    assert robot.shows("1 of 7")


async def test_the_commands_of_panes_take_the_jobs_that_they_are_to_show(robot: Robot) -> None:
    await robot.command("logs price-feed")
    assert robot.app.panes.current_name == "logs"
    assert [row.name for row in robot.app.panes.pane("logs").selection().jobs] == ["price-feed"]
    await robot.command("state price-feed")
    assert robot.shows("price-feed  no state data")
    await robot.command("schedule group:billing")
    assert robot.app.panes.current_name == "schedule"
    assert robot.shows("invoice-archive")
    assert not robot.shows("card-expiry-scan")
    await robot.command("schedule no-such-job")
    assert "No job is named 'no-such-job'" in robot.status
    await robot.command("schedule group:no-such-group")
    assert "no job matches group:no-such-group" in robot.status
