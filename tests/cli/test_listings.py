"""What listings print: aligned text for people, one JSON document with stable keys for scripts."""

import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.clock import SECOND
from engine.config import load_settings
from engine.control import open_system
from engine.persistence import alerts, instances, jobs
from tests.cli.support import Cli
from tests.support.stores import a_running, a_session, ended, opened

JOB_KEYS = {
    "jobid", "name", "version", "description", "author", "sessionid", "active", "enabled",
    "run_skipped", "single_instance", "schedule", "minute", "hour", "day", "month", "wday",
    "recurring", "timezone", "dst_gap", "dst_overlap", "expiry_date", "expired", "retired", "next",
    "trigger", "last_executed", "last_executed_job_instanceid", "last_started", "last_instanceid",
    "last_status", "last_seconds", "running", "groups", "tags", "options", "lang", "isolation",
    "timeout", "retention", "source", "source_line", "overridden", "obstacles",
}  # fmt: skip
DETAIL_KEYS = JOB_KEYS | {
    "schedule_text", "code", "code_path", "library", "interpreter", "cwd", "user", "env", "limits",
    "state_data", "counts_24h",
}  # fmt: skip


def test_the_keys_of_a_job_are_a_contract(cli: Cli) -> None:
    assert set(cli("job", "list", "--json").data[0]) == JOB_KEYS
    assert set(cli("job", "show", "report", "--json").data) == DETAIL_KEYS


def test_a_session_whose_lease_ran_out_is_lost_and_says_since_when(cli: Cli, home: Path) -> None:
    with opened(home / "tocsin.db") as database, database.begin() as tx:
        a_session(tx, "west", started=0, beat_at=SECOND, lease_seconds=10.0)
    said = cli("session", "list")
    assert "ACTIVE (lost)" in said.out
    lost = "session 1 of 'west' is lost: its lease ran out at 1970-01-01T00:00:11+00:00;"
    assert lost in said.err
    (found,) = cli("session", "list", "--json").data
    assert (found["status"], found["lost"]) == ("ACTIVE", "1970-01-01T00:00:11.000000Z")


def test_a_cron_job_has_its_fields_and_a_recurring_one_its_seconds(cli: Cli) -> None:
    by_name = {each["name"]: each for each in cli("job", "list", "--json").data}
    report, probe = by_name["report"], by_name["probe"]
    assert [report[key] for key in ("minute", "hour", "day", "month", "wday")] == [
        "30", "2", "*", "*", "mon-fri",
    ]  # fmt: skip
    assert report["recurring"] is None
    assert probe["recurring"] == 600
    assert probe["schedule"] is probe["minute"] is None


def test_a_recurring_job_that_no_engine_ever_scheduled_has_no_next_run(cli: Cli) -> None:
    by_name = {each["name"]: each for each in cli("job", "list", "--json").data}
    assert by_name["probe"]["next"] is None
    assert by_name["report"]["next"].endswith("Z")


def test_a_table_is_aligned(cli: Cli) -> None:
    lines = cli("job", "list").out.splitlines()
    column = lines[0].index("SCHEDULE")
    assert lines[0].split() == ["NAME", "SWITCH", "STATUS", "SCHEDULE", "NEXT", "LAST"]
    assert [line[column - 1] for line in lines] == [" "] * 4
    assert [line.split()[0] for line in lines[1:]] == ["ledger-close", "probe", "report"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("job", "list"),
        ("group", "list"),
        ("instance", "list"),
        ("alert", "list"),
        ("session", "list"),
        ("audit", "list"),
        ("job", "next", "report"),
        ("state", "show", "report", "--history"),
    ],
)
def test_every_listing_is_one_json_array_of_objects(cli: Cli, arguments: tuple[str, ...]) -> None:
    said = cli(*arguments, "--json")
    assert said.status == 0
    assert isinstance(said.data, list)
    assert all(isinstance(each, dict) for each in said.data)


def test_the_keys_of_a_group_are_a_contract(cli: Cli) -> None:
    cli("group", "disable", "nightly")
    by_name = {each["name"]: each for each in cli("group", "list", "--json").data}
    nightly = by_name["nightly"]
    assert set(nightly) == {
        "groupid", "name", "description", "enabled", "disabled_by", "disabled", "jobs",
    }  # fmt: skip
    assert nightly["jobs"] == ["report"]
    assert nightly["disabled_by"]
    assert by_name["DEFAULT"]["jobs"] == ["ledger-close", "probe", "report"]


def test_the_keys_of_the_audit_are_a_contract(cli: Cli) -> None:
    cli("job", "disable", "report")
    event = cli("audit", "list", "--json").data[0]
    assert set(event) == {
        "audit_eventid", "event", "object_type", "object", "who", "source", "reason", "before",
        "after", "created",
    }  # fmt: skip
    assert (event["before"], event["after"]) == ({"enabled": True}, {"enabled": False})


def test_alerts_that_stand_are_listed_behind_any_number_of_cleared_ones(
    cli: Cli, home: Path
) -> None:
    system = open_system(load_settings(home))
    now = system.now()
    with system.database.begin() as tx:
        alerts.raise_alert(tx, "STANDS", "job", "report", "why", now)
        alerts.raise_alert(tx, "IS-OVER", "job", "report", "why", now + 1)
        alerts.clear_alert(tx, "IS-OVER", "job", "report", now + 2)
    system.close()
    listed = cli("alert", "list", "--since", "1h", "--limit", "1", "--json").data
    assert [each["alert"] for each in listed] == ["STANDS"]
    listed = cli("alert", "list", "--since", "1h", "--all", "--json").data
    assert [each["alert"] for each in listed] == ["IS-OVER", "STANDS"]


def test_next_runs_are_due_in_utc_and_local_in_the_jobs_zone(cli: Cli) -> None:
    said = cli("job", "next", "report", "-n", "2", "--from", "2026-01-02T00:00", "--json")
    assert said.data == [
        {"due": "2026-01-02T01:30:00.000000Z", "local": "2026-01-02T02:30:00+01:00"},
        {"due": "2026-01-05T01:30:00.000000Z", "local": "2026-01-05T02:30:00+01:00"},
    ]


def test_next_runs_name_the_clock_change_that_touches_them(cli: Cli) -> None:
    cli("job", "schedule", "report", "--cron", "30 2 * * *")
    said = cli("job", "next", "report", "-n", "3", "--from", "2026-03-28")
    assert "2026-03-29 02:00 +01:00 to 03:00 +02:00" in said.err


def test_next_runs_stop_at_the_expiry_date(cli: Cli) -> None:
    cli("job", "expire", "report", "2026-01-06")
    said = cli("job", "next", "report", "--from", "2026-01-02", "--json")
    assert [each["local"][:10] for each in said.data] == ["2026-01-02", "2026-01-05"]


def test_a_filter_narrows_the_list(cli: Cli) -> None:
    names = [each["name"] for each in cli("job", "list", "group:nightly", "--json").data]
    assert names == ["report"]
    assert cli("job", "list", "service", "--json").data[0]["name"] == "probe"


def test_a_wrong_filter_term_is_wrong_usage(cli: Cli) -> None:
    said = cli("job", "list", "grroup:nightly")
    assert said.status == 2
    assert "grroup" in said.reason


def test_the_job_of_an_instance_list_must_exist(cli: Cli) -> None:
    said = cli("instance", "list", "--job", "reprot")
    assert said.status == 1
    assert "Nearest: 'report'" in said.reason


def test_an_unknown_instance_is_refused(cli: Cli) -> None:
    said = cli("instance", "show", "4711")
    assert said.status == 1
    assert "4711" in said.reason


def test_an_instance_tells_what_its_process_used(cli: Cli, home: Path) -> None:
    with opened(home / "tocsin.db") as database, database.begin() as tx:
        run = a_running(tx, jobs.get(tx, "report").jobid, a_session(tx))
        instances.finish_many(tx, [ended(run, cpu_seconds=75.5, max_rss=41_300_000)], run.sessionid)
    said = cli("instance", "show", run.job_instanceid)
    assert re.search(r"^used +1m16s of a processor$", said.out, re.MULTILINE), said.out
    assert re.search(r"^memory +41 MB at most$", said.out, re.MULTILINE), said.out
    found = cli("instance", "show", run.job_instanceid, "--json").data
    assert (found["cpu_seconds"], found["max_rss"]) == (75.5, 41_300_000)


def test_an_overview_counts_what_there_is(cli: Cli) -> None:
    cli("job", "disable", "report")
    found = cli("overview", "--since", "2h", "--json").data
    assert set(found) == {
        "now", "since", "health", "engines", "alerts", "jobs", "counts", "by_job", "next",
    }  # fmt: skip
    assert found["jobs"] == {"total": 3, "active": 3, "disabled": 1, "expired": 0, "running": 0}
    assert found["counts"] == {
        "IN-PROGRESS": 0, "COMPLETE": 0, "ERROR": 0, "CRASH": 0, "TOTAL": 0,
    }  # fmt: skip
    assert "none is alive" in cli("overview").out


def test_an_overview_of_an_instant_tells_what_stood_then(cli: Cli) -> None:
    cli("job", "disable", "report")
    said = cli("overview", "--at", "now").out
    assert "none was up" in said
    assert "report" in said.partition("KEPT FROM RUNNING")[2]
    assert "JOB-DISABLED" in said
    found = cli("overview", "--at", "now", "--json").data
    assert [hold["job"] for hold in found["holds"]] == ["report"]
    assert cli("overview", "--at", "1h").out.count("KEPT") == 0
    refused = cli("overview", "--at", "2099-01-01")
    assert (refused.status, "still to come" in refused.reason) == (2, True)


def test_control_characters_in_data_are_made_harmless(cli: Cli) -> None:
    cli("group", "create", "loud", "--description", "\x1b]0;owned\x07\x9b2J\u202e")
    said = cli("group", "list")
    assert not set("\x1b\x07\x9b\u202e") & set(said.out)
    raw = cli("group", "list", "--json").out
    assert raw.isascii()
    assert json.loads(raw)[1]["description"] == "\x1b]0;owned\x07\x9b2J\u202e"


def test_no_listing_prints_colours(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "FORCE_COLOR", "1")
    assert "\x1b" not in cli("job", "list").out + cli("overview").out


def test_status_without_an_engine_is_red(cli: Cli) -> None:
    said = cli("status")
    assert said.status == 0
    assert said.out.startswith("RED: no engine is alive")
    assert cli("status", "--exit-code").status == 2
    found = cli("status", "--json").data
    assert set(found) == {
        "health", "alive", "mode", "store", "jobs", "running", "alerts", "troubles", "engines",
    }  # fmt: skip
    assert (found["alive"], found["mode"], found["engines"]) == (False, "none", [])


def test_status_of_no_store_is_unknown_to_monitoring(empty: Cli) -> None:
    assert empty("status").status == 1
    said = empty("status", "--exit-code")
    assert said.status == 3
    assert "There is no store at" in said.reason


def test_the_version_is_told_without_a_store(empty: Cli) -> None:
    said = empty("version", "--json")
    assert said.status == 0
    assert {"tocsin", "python", "sqlite"} <= set(said.data)


def test_a_job_whose_zone_was_withdrawn_is_listed_with_the_others_and_can_be_mended(
    cli: Cli, home: Path
) -> None:
    with closing(sqlite3.connect(home / "tocsin.db")) as connection:
        connection.execute("UPDATE jobs SET timezone = 'Mars/Olympus' WHERE name = 'report'")
        connection.commit()
    listed = cli("job", "list")
    (report,) = [line for line in listed.out.splitlines() if line.startswith("report")]
    assert report.split()[1] == "stopped"
    assert "ledger-close" in listed.out
    no_zone = "No time zone is named 'Mars/Olympus'."
    assert no_zone in cli("job", "show", "report").out
    for asked in (("overview",), ("ledger",), ("forecast",), ("job", "why", "report")):
        assert cli(*asked).status == 0, asked
    said = cli("job", "next", "report")
    assert (said.status, no_zone in said.err) == (0, True)
    assert cli("job", "expire", "report", "2090-01-01").status == 0
    assert "expiry-date: 2090-01-01T00:00:00Z" in cli("job", "export", "report").out
    schedule = ("job", "schedule", "report", "--cron", "0 3 * * *")
    assert no_zone in cli(*schedule).err, "a schedule keeps its zone unless another one is given"
    assert cli(*schedule, "--timezone", "Europe/Prague").status == 0
    assert cli("job", "next", "report", "-n", "1", "--json").data[0]["local"][11:16] == "03:00"
