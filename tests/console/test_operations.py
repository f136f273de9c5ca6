"""The operations on jobs, groups, state data and the engine, each from its key or command."""

from pathlib import Path

from app.testing.harness import Robot
from engine.clock import SECOND
from engine.domain.instance import Status
from engine.domain.schedule import CronSchedule, RecurringSchedule


async def test_the_schedule_editor_sets_cron_and_can_be_undone(robot: Robot) -> None:
    await robot.command("reschedule card-expiry-scan")
    await robot.press("ctrl+u")
    await robot.type("*/10 2-4 * * mon-fri")
    assert robot.shows("every 10 minutes from 02:00 to 04:59 on Monday to Friday")
    await robot.press("enter")
    schedule = robot.engine.jobs["card-expiry-scan"].schedule
    assert isinstance(schedule, CronSchedule)
    assert schedule.expression == "*/10 2-4 * * mon-fri"
    assert "*/10 2-4" in robot.line_with("card-expiry-scan")
    await robot.press("u")
    schedule = robot.engine.jobs["card-expiry-scan"].schedule
    assert isinstance(schedule, CronSchedule)
    assert schedule.expression == "30 1 * * *"


async def test_the_schedule_editor_takes_every_n_seconds(robot: Robot) -> None:
    await robot.command("reschedule card-expiry-scan 10m")
    assert robot.shows("every 10 minutes")
    await robot.pass_time(1)
    await robot.press("enter")
    assert robot.engine.jobs["card-expiry-scan"].schedule == RecurringSchedule(600)


async def test_the_schedule_editor_refuses_as_it_is_typed_and_stays_open(robot: Robot) -> None:
    await robot.command("reschedule card-expiry-scan 0 0 30 2 *")
    assert robot.shows("never fires")
    await robot.pass_time(1)
    await robot.press("enter")
    assert robot.engine.asked == []
    await robot.press("escape")
    assert not robot.shows("never fires")


async def test_expiry_is_moved_cleared_and_undone(robot: Robot) -> None:
    await robot.command("expire card-expiry-scan 30d")
    assert robot.shows("2026-02-04")
    await robot.pass_time(1)
    await robot.press("enter")
    assert robot.engine.jobs["card-expiry-scan"].expiry_date is not None
    await robot.press("u")
    assert robot.engine.jobs["card-expiry-scan"].expiry_date is None


async def test_an_expired_job_shows_as_expired_and_may_still_be_run(robot: Robot) -> None:
    robot.engine.change("card-expiry-scan", expiry_date=robot.clock.now() - 1)
    await robot.settled()
    assert "exp" in robot.line_with("card-expiry-scan")
    await robot.press("r")
    assert robot.engine.asked == ["run card-expiry-scan"]


async def test_a_trigger_lies_between_now_and_the_next_run(robot: Robot) -> None:
    await robot.command("trigger invoice-sync-eu 10m")
    assert robot.shows("between now and the next run")
    await robot.pass_time(1)
    await robot.press("enter")
    assert robot.engine.asked == []
    await robot.press("ctrl+u")
    await robot.type("1m")
    await robot.press("enter")
    assert robot.engine.asked == ["trigger invoice-sync-eu"]


async def test_activate_and_deactivate_are_commands(robot: Robot) -> None:
    await robot.command("deactivate card-expiry-scan")
    assert robot.engine.asked == ["deactivate card-expiry-scan"]
    assert "idle" in robot.line_with("card-expiry-scan")
    await robot.command("activate card-expiry-scan")
    assert robot.engine.asked[-1] == "activate card-expiry-scan"


async def test_run_takes_options(robot: Robot) -> None:
    await robot.command("run card-expiry-scan warn_at=0.9 name=x")
    assert robot.engine.asked == ['run card-expiry-scan {"warn_at": 0.9, "name": "x"}']


async def test_rerun_asks_and_takes_the_options_of_the_instance(robot: Robot) -> None:
    await robot.command("run card-expiry-scan warn_at=0.9")
    robot.engine.end(max(robot.engine.instances), Status.ERROR, error="Boom: x")
    await robot.settled()
    await robot.command("jobs name:card-expiry-scan")
    await robot.press("R")
    assert "Rerun card-expiry-scan?" in robot.status
    await robot.pass_time(1)
    await robot.press("y")
    assert len(robot.engine.asked) == 2


async def test_the_errors_of_an_instance_are_shown_with_traceback(robot: Robot) -> None:
    key = robot.engine.begin("card-expiry-scan")
    robot.engine.end(key, Status.ERROR, error="TimeoutError: db pool exhausted")
    await robot.settled()
    await robot.press("3", "g", "E")
    assert robot.shows("MAJOR TimeoutError")
    await robot.press("escape")
    assert not robot.shows("MAJOR")


async def test_kill_is_typed_and_says_what_it_does(robot: Robot) -> None:
    key = robot.engine.begin("card-expiry-scan")
    await robot.settled()
    await robot.command(f"kill #{key}")
    assert robot.shows("will end as ERROR")
    assert robot.engine.asked == []
    await robot.type("card-expiry-scan")
    await robot.press("enter")
    assert robot.engine.asked == [f"kill {key}"]


async def test_a_group_is_created_filled_disabled_and_deleted(robot: Robot) -> None:
    await robot.press("2", "C")
    await robot.type("night")
    await robot.press("enter")
    assert robot.engine.asked == ["create group night"]
    assert robot.line_with("▸").split()[1] == "night"
    await robot.press("1", "space", "space", "A")
    await robot.type("night")
    await robot.press("enter")
    assert robot.engine.asked[1:] == ["add card-expiry-scan night", "add dunning-mail night"]
    await robot.press("2", "d")
    assert "Disable group night?" in robot.status
    await robot.pass_time(1)
    await robot.press("y")
    assert robot.engine.asked[-1] == "disable group night"
    assert "off" in robot.line_with("▸")
    await robot.press("u")
    assert robot.engine.asked[-1] == "enable group night"
    await robot.command("deletegroup night")
    assert robot.shows("2 jobs leave it")
    await robot.type("night")
    await robot.press("enter")
    assert robot.engine.asked[-1] == "delete group night"
    assert not robot.shows("night  ")


async def test_the_default_group_cannot_be_disabled_and_says_why(robot: Robot) -> None:
    await robot.press("2", "j", "d")
    assert robot.engine.asked == []
    assert "DEFAULT" in robot.status


async def test_the_history_of_state_data_shows_what_a_save_changed(robot: Robot) -> None:
    engine = robot.engine
    engine.desk.set_state("card-expiry-scan", {"cursor": 1, "gone": True})
    engine.desk.set_state("card-expiry-scan", {"cursor": 2, "new": [1]})
    engine.asked.clear()
    await robot.press("s", "D")
    assert robot.shows("~ cursor: 1 -> 2")
    assert robot.shows("- gone")
    assert robot.shows("+ new")
    await robot.press("escape", "J")
    assert robot.shows("cursor: 2")
    await robot.press("J")
    assert robot.shows('"cursor": 2')


async def test_bulk_beyond_fifty_has_to_be_typed(robot: Robot) -> None:
    for number in range(60):
        robot.engine.add_job(f"bulk-{number:02}")
    await robot.settled()
    await robot.command("jobs bulk-")
    await robot.press("*", "d")
    assert robot.shows("Type 60 to go on")
    await robot.type("60")
    await robot.press("enter")
    assert len(robot.engine.asked) == 60


async def test_marks_that_the_filter_hides_are_told_before_anything_is_done(robot: Robot) -> None:
    await robot.press("space", "space")
    await robot.command("jobs name:dunning-mail")
    await robot.press("d")
    assert "1 of them hidden by the filter" in robot.status


async def test_the_engine_is_paused_and_resumed_and_jobs_say_so(robot: Robot) -> None:
    await robot.press("7", "p")
    assert "Pause the engine?" in robot.status
    await robot.pass_time(1)
    await robot.press("y")
    assert robot.engine.asked == ["pause"]
    assert "PAUSED" in robot.header
    await robot.press("P")
    assert robot.engine.asked == ["pause", "resume"]


async def test_filters_are_kept_by_name_and_used_again(robot: Robot) -> None:
    await robot.command("filter group:billing")
    await robot.command("save bills")
    await robot.press("escape")
    await robot.command("use bills")
    assert robot.shows("5 of 7")


async def test_columns_are_hidden_and_come_back(robot: Robot) -> None:
    assert "SCHEDULE" in robot.frame
    await robot.press("c")
    await robot.type("sched")
    await robot.press("enter", "escape")
    assert "SCHEDULE" not in robot.frame


async def test_sorting_goes_through_the_columns_and_keeps_the_cursor(robot: Robot) -> None:
    before = robot.line_with("▸").split()[1]
    await robot.press(">", ">", "=")
    assert robot.shows("sort: en ↓")
    assert robot.line_with("▸").split()[1] == before
    await robot.command("sort last")
    assert "sort: last" in robot.frame


async def test_a_click_puts_the_cursor_and_a_click_on_a_title_sorts(robot: Robot) -> None:
    await robot.click(6, 6)
    assert robot.line_with("▸").split()[1] == "invoice-archive"
    await robot.click(25, 3)
    assert robot.shows("sort: group")
    await robot.click(3, 1)
    await robot.click(14, 1)
    assert robot.shows("GROUP↑")


async def test_why_ledger_and_audit_are_looked_up(robot: Robot) -> None:
    await robot.command("why price-feed")
    assert robot.shows("job 'price-feed' is disabled")
    await robot.press("escape")
    await robot.command("ledger")
    assert robot.shows("unexplained")
    await robot.press("escape")
    await robot.press("d")
    await robot.command("changes card-expiry-scan")
    assert robot.shows("DISABLE")


async def test_an_account_with_instants_that_wait_for_their_turn_adds_up(robot: Robot) -> None:
    robot.engine.pending = 3
    await robot.command("ledger")
    assert robot.line_with("pending").split("pending")[1].split()[0] == "3"
    await robot.press("escape", "7")
    assert robot.line_with("pending").split()[:2] == ["pending", "3"]


async def test_the_engine_pane_tells_how_old_its_account_is(robot: Robot) -> None:
    await robot.press("7")
    assert not robot.shows("counted")
    await robot.pass_time(65)
    assert robot.shows("counted 1m ago")


async def test_the_engine_pane_tells_while_it_is_open_that_a_session_is_lost(robot: Robot) -> None:
    await robot.press("7")
    assert not robot.shows("lost")
    robot.engine.link = "none"
    robot.engine.lost_at = robot.clock.now() + 10 * SECOND
    robot.engine.emit(robot.engine.health())
    await robot.pass_time(11)
    lease = "ACTIVE, lost: its lease ran out 2026-01-05 12:30:15 UTC"
    assert lease in robot.line_with("lost")


async def test_messages_are_kept(robot: Robot) -> None:
    await robot.press("e", "d")
    await robot.command("messages")
    assert robot.shows("enabled already")
    assert robot.shows("disabled card-expiry-scan")


async def test_the_row_under_the_cursor_stays_when_the_size_changes(robot: Robot) -> None:
    await robot.press("j", "j", "j")
    name = robot.line_with("▸").split()[1]
    for size in ((120, 40), (200, 50), (60, 15), (80, 24)):
        await robot.resize(*size)
        assert name in robot.line_with("▸")


async def test_the_rows_shown_are_written_to_a_file_that_was_not_there(
    robot: Robot, tmp_path: Path
) -> None:
    path = tmp_path / "two words.csv"
    await robot.command("jobs invoice-archive")
    await robot.command(f"export csv {path}")
    head, row = path.read_text().splitlines()
    assert "NAME" in head
    assert "invoice-archive" in row
    assert "wrote 1 row to" in robot.status


async def test_a_file_that_cannot_be_written_is_told_by_its_name_and_why(
    robot: Robot, tmp_path: Path
) -> None:
    await robot.resize(200, 50)
    (tmp_path / "old.csv").write_text("kept")
    await robot.command(f"export csv {tmp_path / 'old.csv'}")
    assert "old.csv exists already, and is not replaced: name another" in robot.status
    assert (tmp_path / "old.csv").read_text() == "kept"
    await robot.command(f"export csv {tmp_path / 'nowhere' / 'x.csv'}")
    assert robot.status.strip().endswith("x.csv cannot be written: No such file or directory")
