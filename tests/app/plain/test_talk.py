"""The plain console says one line for each thing and asks before what is hard to undo."""

import os
import re
from pathlib import Path

import pytest

from app.cli.boundary import run as command_line
from app.client.system_desk import SystemDesk
from app.plain.ear import FileEar
from app.plain.main import COMMANDS
from app.plain.talk import PAGE, Choice
from engine.clock import SECOND, to_datetime
from engine.config import Settings
from engine.control import Actor, System
from engine.persistence import instances, jobs
from tests.app.plain.conftest import Said
from tests.support.stores import NOON, a_running, a_session, ended

OPS = Actor("ops", "test")


def test_jobs_are_numbered_and_a_number_opens_one(said: Said) -> None:
    lines = said("jobs", "2", now="2030-01-07T00:42Z")
    assert lines[0] == "3 jobs. A number opens one."
    assert lines[1] == "1. probe: never ran, nothing due, group nightly"
    assert lines[2] == "2. report: never ran, next in 48m, group nightly"
    assert "Description: Counts the files" in lines
    assert "Tags: team=ops" in lines
    assert "1. run now and follow" in lines
    assert "2. disable" in lines


def test_a_filter_narrows_the_jobs_and_says_what_excluded_all(said: Said) -> None:
    assert said("jobs group:nightly !report")[0] == "1 of 3 jobs. A number opens one."
    assert said("jobs nosuch") == ["None of 3 jobs matches. Nothing passes 'nosuch'."]
    assert said("jobs grup:x")[0].startswith("Refused: filter, column 1: no field 'grup'")


@pytest.mark.parametrize("value", ["2026-02-30", "@daily", "*.csv"])
def test_an_option_that_is_no_data_is_text_and_ends_nothing(said: Said, value: str) -> None:
    first, second = said(f"run report day={value}", "undo")
    assert first.startswith("Refused: No engine is alive")
    assert second == "There is nothing to undo."


def test_what_is_no_option_is_refused_in_one_sentence(said: Said) -> None:
    refused = "Refused: '=y' is no option: options are written KEY=VALUE."
    assert said("run report =y") == [refused]


def test_a_fault_in_a_command_is_told_and_kept_and_the_talk_goes_on(
    said: Said, settings: Settings
) -> None:
    def fails() -> None:
        raise ZeroDivisionError("by hand")

    told, after = said("1", "undo", offered=[Choice("fail", fails)])
    kept = settings.home / "console-faults.log"
    assert told == f"a fault in the console (command 1): ZeroDivisionError; details in {kept}"
    assert "ZeroDivisionError: by hand" in kept.read_text()
    assert after == "There is nothing to undo."


def test_a_switch_is_thrown_at_once_and_can_be_undone(said: Said, system: System) -> None:
    assert said("disable report")[:2] == ["job report: disabled", "'undo' takes it back."]
    assert not system.jobs.get("report").job.enabled
    lines = said("enable report", "undo", "undo")
    assert lines[2:] == [
        "Taking back: enable report",
        "job report: disabled",
        "There is nothing to undo.",
    ]
    assert not system.jobs.get("report").job.enabled


def test_enabling_a_job_that_its_group_keeps_off_names_the_group(said: Said) -> None:
    assert said("group disable nightly", "yes", "enable report")[-1] == (
        "job report: is enabled already; group 'nightly' is disabled: 'group enable nightly' lets "
        "its jobs run again"
    )


def test_what_cannot_be_done_stays_listed_with_its_reason(said: Said) -> None:
    lines = said("disable report", "job report")
    assert any(
        line.startswith("Run now is not possible: job 'report' is disabled") for line in lines
    )
    assert any(
        line.startswith("1. run now (not possible: job 'report' is disabled") for line in lines
    )
    assert "2. enable" in lines


def test_several_jobs_are_asked_for_and_answer_one_by_one(said: Said, system: System) -> None:
    lines = said("disable report nosuch probe", "yes")
    assert lines[0].startswith("Disable report, nosuch, probe? Type yes")
    assert lines[2:5] == [
        "job nosuch: refused: No job is named 'nosuch'. 'jobs' names them all.",
        "job probe: disabled",
        "2 done, 1 refused.",
    ]
    assert system.jobs.get("slow").job.enabled


@pytest.mark.parametrize("answer", ["", "y", "YES", "disable report probe"])
def test_only_the_word_agrees(said: Said, system: System, answer: str) -> None:
    assert said("disable report probe", answer)[1] == "Nothing was changed."
    assert system.jobs.get("report").job.enabled


def test_the_end_of_input_agrees_to_nothing(said: Said, system: System) -> None:
    assert said("group disable nightly")[-1] == "Nothing was changed."
    assert system.groups.get("nightly").group.enabled


def test_groups_can_be_opened_filled_switched_and_deleted(said: Said, system: System) -> None:
    lines = said(
        "group create billing money",
        "group add billing report slow",
        "groups",
        "2",
        "2",
        "yes",
        "group delete billing",
        "yes",
        "group delete billing",
        "billing",
    )
    assert "Group billing: created" in lines
    assert "job slow: added to group 'billing'" in lines
    assert "2. billing: 2 jobs; money" in lines
    assert "group billing: disabled" in lines
    assert lines.count("Nothing was changed.") == 1
    assert "group billing: deleted; it had 2 jobs" in lines
    assert [view.group.name for view in system.groups.all()] == ["DEFAULT", "nightly"]


def test_state_data_are_read_out_masked_and_cleared_by_name(said: Said, system: System) -> None:
    system.state.set("report", {"cursor": 1, "token": "s3cret"}, OPS)
    system.state.set("report", {"cursor": 2, "token": "s3cret"}, OPS)
    lines = said("state report")
    assert "  cursor: 2" in lines
    assert "  changed cursor: 1 -> 2" in lines
    assert not any("s3cret" in line for line in lines)
    assert any("s3cret" in line for line in said("state report --reveal"))
    assert said("clear-state report", "yes")[-1] == "Nothing was changed."
    assert said("clear-state report", "report")[-1] == "job report: state data cleared"
    assert said("state report")[0] == "Job report has no state data."


def test_a_schedule_is_previewed_before_it_is_set(said: Said, system: System) -> None:
    lines = said("schedule report 15 3 * * *", "yes", "undo")
    assert lines[0] == "Job report would run at 03:15 every day (Europe/Prague):"
    assert lines[1].startswith(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    assert "Taking back: the schedule of report" in lines
    assert "30 2 * * mon-fri" in said("next report 2")[0]
    assert said("schedule report 0 25 * * *")[0].startswith("Refused: Cron field hour")


def test_expiry_and_trigger_take_times_as_people_type_them(said: Said, system: System) -> None:
    assert "expires" in said("expire report 2999-01-01")[0]
    assert system.jobs.get("report").job.expiry_date is not None
    assert said("expire report whenever")[0].startswith("Refused: 'whenever' is no time")
    assert said("expire report never")[0] == "Job report: never expires"


def test_a_read_only_console_refuses_every_change(said: Said, system: System) -> None:
    changing = (
        "run report",
        "enable report",
        "disable report",
        "activate report",
        "deactivate report",
        "reset report",
        "cancel 1",
        "kill 1",
        "schedule report every 5m",
        "expire report never",
        "trigger report 5m",
        "group create x",
        "clear-state report",
        "pause",
        "resume",
        "drain",
        "stop",
    )
    before = len(system.audit.query())
    for typed in changing:
        last = said(typed, "yes", read_only=True)
        assert any(line.endswith("this console is read-only.") for line in last), typed
    assert len(system.audit.query()) == before


def test_a_run_needs_a_living_engine_and_says_so(said: Said) -> None:
    assert said("run report")[0].startswith("Refused: No engine is alive on ")
    assert said("run report", "no", environment="prod")[-1] == "Nothing was changed."


@pytest.mark.parametrize("typed", ["kill 1", "cancel 1"])
def test_an_instance_that_has_ended_is_told_so_before_anything_is_asked(
    said: Said, system: System, typed: str
) -> None:
    with system.database.begin() as tx:
        sessionid = a_session(tx)
        claim = a_running(tx, jobs.get(tx, "report").jobid, sessionid)
        instances.finish_many(tx, [ended(claim)], sessionid)
    assert said(typed) == [
        "instance 1: refused: is not running: it ended at 2026-11-26 12:00:01 UTC as COMPLETE."
    ]


def running(system: System, count: int) -> list[str]:
    """Let a job run so many times at once, and return the numbers of its instances."""
    with system.database.begin() as tx:
        sessionid = a_session(tx)
        jobid = jobs.get(tx, "report").jobid
        claims = [
            a_running(tx, jobid, sessionid, due_at=NOON + each * SECOND) for each in range(count)
        ]
    return [str(claim.job_instanceid) for claim in claims]


def test_to_cancel_several_asks_with_how_many_are_not_named(said: Said, system: System) -> None:
    lines = said(f"cancel {' '.join(running(system, 5))}", "no")
    assert lines[0] == (
        "Cancel 5 instances: 1 of report, 2 of report, 3 of report and 2 more? Type yes to go on; "
        "anything else changes nothing."
    )


def test_to_cancel_many_their_number_is_typed(said: Said, system: System) -> None:
    lines = said(f"cancel {' '.join(running(system, 51))}", "yes")
    assert "and 48 more? Type 51 to go on" in lines[0]
    assert lines[1:] == ["Nothing was changed."]


def test_a_reset_is_asked_about_as_it_cannot_be_undone(said: Said, system: System) -> None:
    before = len(system.audit.query())
    assert said("reset report", "no") == [
        "Reset report? Type yes to go on; anything else changes nothing.",
        "Nothing was changed.",
    ]
    assert len(system.audit.query()) == before
    assert said("reset report", "yes")[1].startswith("job report: ")


def test_wrong_commands_are_refused_with_the_nearest(said: Said) -> None:
    lines = said("jbos", "s", "7", "run", "cancel x", 'job "a', "state a b c")
    assert (
        lines[0] == "Refused: There is no command 'jbos'. Nearest: 'jobs'. 'help' lists them all."
    )
    assert lines[1].startswith("Refused: 's' could be schedule, sessions, s")
    assert lines[2] == "Refused: There is no choice 7; choices are none just now."
    assert lines[3].startswith("Refused: usage: run NAME")
    assert lines[4].startswith("Refused: 'x' is no instance number")
    assert lines[5].startswith("Refused: No closing quotation")
    assert all(line.startswith("Refused: ") for line in lines)


def test_long_lists_are_read_out_by_pages(said: Said, system: System) -> None:
    for number in range(PAGE + 5):
        system.groups.create(f"g{number:02}", OPS)
    lines = said("groups", "more", "more")
    assert lines[PAGE + 1] == "7 more choices; 'more' reads them out."
    assert lines[PAGE + 2].startswith(f"{PAGE + 1}. ")
    assert lines[-1] == "There is no more."


def test_help_lists_every_command(said: Said) -> None:
    lines = "\n".join(said("help"))
    for name, command in COMMANDS.by_name.items():
        assert command.name in lines
        assert said(f"help {name}")[0].startswith(f"{command.name} {command.usage}".rstrip() + ":")


def test_changes_of_others_are_told_one_line_each_while_watching(
    said: Said, system: System
) -> None:
    system.jobs.set_enabled(["probe"], False, OPS)
    lines = said("watch 0.1s")
    assert lines[0] == "Watching for 0.1 seconds. Enter stops it."
    assert lines[-1] == "Not watching any more."
    assert len(lines) == 2  # what was known before is not told


def test_logs_are_read_out_of_jobs_instances_and_the_engine(said: Said, system: System) -> None:
    folder = system.settings.log_dir
    folder.mkdir()
    line = "2026-11-23T07:15:00.123456Z INFO  JI 42: \x1b[1mhello\x1b[0m \x1b]0;x\x07\n"
    (folder / "report.log").write_text(line * 3)
    assert said("log report 2") == ["2026-11-23T07:15:00.123456Z INFO  JI 42: hello "] * 2
    assert said("log slow") == ["Nothing was logged."]
    assert said("log engine") == ["Nothing was logged."]
    assert said("log nosuch")[0].startswith("Refused: No job is named 'nosuch'")
    assert said("log #7")[0].startswith("Refused: There is no instance")
    followed = said("log report 1 follow")
    assert followed[1:] == [
        "2026-11-23T07:15:00.123456Z INFO  JI 42: hello ",
        "Not reading on any more.",
    ]


def test_why_and_ledger_answer(said: Said) -> None:
    assert said("disable report", "why report")[2].startswith("report at ")
    assert any("disabled" in line for line in said("why report"))
    assert "not due" in said("why report -3h")[0]
    assert said("why report soon")[0].startswith("Refused: 'soon' is no time")
    lines = said("ledger", "ledger report 24h")
    assert (
        "due 0  ran 0  late 0  coalesced 0  skipped 0  missed 0  pending 0  unexplained 0" in lines
    )
    assert "Every due instant has one verdict." in lines
    assert said("ledger a b")[0].startswith("Refused: 'b' is no time")


def test_the_engine_and_its_records_are_told(said: Said) -> None:
    lines = said("disable report", "engine", "sessions", "alerts", "audit report")
    assert "No engine is alive on this store: nothing runs until one starts." in lines
    assert "No alert stands." in lines
    assert any("JOB-DISABLED job report, by ops from test" in line for line in lines)


def test_a_session_whose_lease_ran_out_is_told_as_lost_since_then(
    said: Said, system: System
) -> None:
    with system.database.begin() as tx:
        a_session(tx, started=0, beat_at=SECOND, lease_seconds=10.0)
    (line,) = said("sessions")
    lost = "lost, its lease ran out 1970-01-01 00:00:11 UTC, last heartbeat 1970-01-01 00:00:01 UTC"
    assert line.endswith(lost)


def test_hostile_text_is_said_harmlessly(said: Said, system: System) -> None:
    hostile = "\x1b]0;PWNED\x07[/x]\u202e\x9b2J"
    system.state.set("report", {hostile: hostile}, OPS)
    system.groups.create("g", OPS, description=hostile)
    spoken = "\n".join(said("state report", "groups", f"job {hostile}", f"jobs {hostile}", hostile))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", spoken)
    assert "␛]0;PWNED␇[/x]" in spoken


def test_lines_come_whole_however_the_pipe_cuts_them() -> None:
    reading, writing = os.pipe()
    ear = FileEar(reading)
    os.write(writing, b"jo")
    assert not ear.wait(0)
    os.write(writing, b"bs\r\nhelp\nrest \xff")
    assert ear.wait(0)
    assert ear.line() == "jobs"
    assert ear.line() == "help"
    os.close(writing)
    assert ear.line() == "rest \ufffd"
    assert ear.line() is None
    assert ear.wait(0)
    os.close(reading)


def test_state_data_tell_who_saved_and_what_did_not_change(said: Said, system: System) -> None:
    for data in ({"cursor": 1, "old": 0}, {"cursor": 1, "old": 0}, {"cursor": 2, "new": 3}):
        system.state.set("report", data, OPS)
    system.state.clear(["report"], OPS)
    lines = said("state report")
    assert lines[0] == "Job report has no state data."
    assert re.fullmatch(r"At .* cleared by ops\.", lines[1])
    assert re.fullmatch(r"At .* saved by ops:", lines[2])
    assert lines[3:6] == ["  removed old: 0", "  changed cursor: 1 -> 2", "  added new: 3"]
    assert re.fullmatch(r"At .* saved by ops, the same as before\.", lines[6])


@pytest.mark.parametrize(
    ("now", "read_out"),
    [
        (
            "2030-01-07T12:00Z",
            ["Tue 2030-01-08", "01:30: report", "Wed 2030-01-09", "01:30: report"],
        ),
        ("2030-01-07T00:10Z", ["01:30: report", "Tue 2030-01-08", "01:30: report"]),
    ],
)
def test_what_is_due_next_is_read_out_by_minute_below_its_day(
    said: Said, now: str, read_out: list[str]
) -> None:
    assert said("agenda 4", now=now) == read_out


def test_a_refusal_names_what_is_typed_here_and_never_a_command_of_the_shell(
    said: Said, system: System
) -> None:
    system.groups.set_enabled(["nightly"], False, OPS)
    for typed in ("run report", "job report", "why report", "next report", "run nosuch"):
        told = "\n".join(said(typed))
        assert "`tocsin job" not in told, typed
        assert "`tocsin group" not in told, typed
    assert "'group enable nightly'" in "\n".join(said("run report"))


def test_what_is_no_count_is_called_so(said: Said) -> None:
    for typed in ("next report x", "agenda x", "log report x", "next report 0"):
        (line,) = said(typed)
        assert line.startswith(f"Refused: '{typed[-1]}' is no count; usage: "), line


def test_what_was_taken_back_names_its_job_and_the_viewers_time(said: Said) -> None:
    lines = said("expire report 2030-01-01", "expire report never", "undo")
    assert lines[-1] == "Job report: expires at 2030-01-01 00:00:00 UTC"
    lines = said("schedule probe every 20s", "yes", "undo")
    assert lines[-1] == "Job probe: is scheduled every 600s (Etc/UTC)"


def test_a_moment_of_the_past_is_read_out_as_such(said: Said, system: System) -> None:
    began = to_datetime(system.now())
    system.jobs.set_enabled(["report"], False, OPS)
    lines = said(f"at {began:%Y-%m-%dT%H:%M:%S.%f}+00:00 jobs name:report")
    assert lines[0].startswith(f"AS OF {began:%H:%M}")
    assert lines[0].endswith("UTC, read only.")
    assert "No engine was up." in lines
    assert lines[-1].startswith("report: never ran, next in ")
    assert "disabled" in said("at now jobs report")[-1]
    assert said("at 0s groups")[-2:] == ["DEFAULT: enabled", "nightly: enabled"]
    assert said("at breakfast")[0].startswith("Refused: 'breakfast' names no instant")


def test_a_definition_is_read_out_without_its_secrets(
    said: Said, system: System, tmp_path: Path
) -> None:
    path = tmp_path / "kept.yaml"
    path.write_text(
        "name: kept\nduration: 60\nlang: shell\ncode: 'echo token: hunter'\n"
        "options: {token: hunter1, server: {api_key: hunter2, port: 80}}\n"
        "env: {DB_PASSWORD: hunter3, LANG: C}\n"
    )
    assert command_line(["load", str(path)]) == 0
    lines = said("definition kept")
    assert '  token: "********"' in lines
    assert '  server: {api_key: "********", port: 80}' in lines
    assert '  DB_PASSWORD: "********"' in lines
    assert "  LANG: C" in lines
    assert [line for line in lines if "hunter" in line] == ["  echo token: hunter"]
    assert SystemDesk(system, OPS).definition("kept").splitlines() == lines
    assert "hunter2" in system.definitions.export("kept")  # what is exported loads again
