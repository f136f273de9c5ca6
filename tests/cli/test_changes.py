"""`job schedule|expire|trigger|options|export`, `state`, `load`, `new`, `prune`, `backup`."""

import json
from pathlib import Path

import pytest

from tests.cli.support import Cli


def test_a_schedule_is_one_kind_and_setting_it_clears_the_other(cli: Cli) -> None:
    assert cli("job", "schedule", "report", "--every", "90").status == 0
    found = cli("job", "show", "report", "--json").data
    assert (found["recurring"], found["minute"]) == (90, None)
    assert found["overridden"] == ["schedule"]
    assert cli("job", "schedule", "report", "--cron", "0 4 * * *").status == 0
    found = cli("job", "show", "report", "--json").data
    assert (found["recurring"], found["hour"], found["timezone"]) == (None, "4", "Europe/Prague")


def test_an_interval_may_be_given_as_a_length_of_time(cli: Cli) -> None:
    assert cli("job", "schedule", "report", "--every", "1h30m").status == 0
    assert cli("job", "show", "report", "--json").data["recurring"] == 5400


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--cron", "*/5 * * *"], "five fields"),
        (["--cron", "0 0 30 2 *"], "never fires"),
        (["--cron", "0 25 * * *"], "25"),
        (["--every", "0"], "1 to 9999999"),
        (["--every", "10000000"], "1 to 9999999"),
        ([], "exactly one kind of schedule"),
        (["--every", "5", "--cron", "* * * * *"], "not both"),
        (["--cron", "0 4 * * *", "--timezone", "Europe/Pargue"], "Europe/Pargue"),
        (["--every", "60", "--timezone", "Mars/Base"], "Mars/Base"),
    ],
)
def test_a_wrong_schedule_is_refused_and_changes_nothing(
    cli: Cli, options: list[str], reason: str
) -> None:
    before = cli("job", "list", "--json").data
    said = cli("job", "schedule", "report", *options)
    assert said.status == (2 if "kind" in said.reason else 1)
    assert reason in said.reason
    assert cli("job", "list", "--json").data == before


def test_a_date_of_expiry_is_read_in_the_jobs_zone(cli: Cli) -> None:
    assert cli("job", "expire", "report", "2030-01-01").status == 0
    found = cli("job", "show", "report", "--json").data
    assert found["expiry_date"] == "2029-12-31T23:00:00.000000Z"


def test_a_trigger_is_set_and_taken_away(cli: Cli) -> None:
    assert cli("job", "trigger", "ledger-close", "90s").status == 0
    assert cli("job", "show", "ledger-close", "--json").data["trigger"] is not None
    assert cli("job", "trigger", "ledger-close", "never").status == 0
    assert cli("job", "show", "ledger-close", "--json").data["trigger"] is None


def test_a_trigger_after_the_next_due_instant_is_refused(cli: Cli) -> None:
    said = cli("job", "trigger", "report", "30d")
    assert said.status == 1
    assert "must be earlier than its next due instant" in said.reason


@pytest.mark.parametrize("ago", ["-1h", "-90s", "-1d12h"])
def test_a_time_ago_is_an_argument_and_no_option(cli: Cli, ago: str) -> None:
    said = cli("job", "trigger", "report", ago)
    assert said.status == 1
    assert "must be in the future" in said.reason
    found, meant = (
        cli("job", "why", "report", ago, "--json"),
        cli("job", "why", "report", "--", ago),
    )
    assert found.status == meant.status != 2
    assert cli("job", "next", "--from", ago, "report").status == 0
    assert "'-1q' is no instant" in cli("job", "why", "report", "-1q").err
    assert "No such option" in cli("job", "why", "report", "-x").err
    assert "No such option" in cli("job", "why", "report", ago, "--wrong").err


def test_a_trigger_in_the_past_is_refused(cli: Cli) -> None:
    said = cli("job", "trigger", "report", "2020-01-01")
    assert said.status == 1
    assert "must be in the future" in said.reason


def test_a_trigger_of_an_inactive_job_is_refused(cli: Cli) -> None:
    cli("job", "deactivate", "report")
    said = cli("job", "trigger", "report", "1m")
    assert said.status == 1
    assert "`tocsin job run report` runs it now" in said.reason


def test_options_are_json_or_text_and_can_be_given_back(cli: Cli) -> None:
    said = cli("job", "options", "report", "--set", "warn_at=0.5", "--set", "mail=ops@example.org")
    assert said.status == 0
    assert cli("job", "options", "report", "--json").data == {
        "warn_at": 0.5,
        "mail": "ops@example.org",
    }
    assert cli("job", "options", "report", "--unset", "warn_at", "--unset", "mail").status == 0
    assert cli("job", "options", "report", "--json").data == {"warn_at": 0.9}


def test_an_option_can_be_set_to_null(cli: Cli) -> None:
    for name in ("warn_at", "extra"):
        assert cli("job", "options", "report", "--set", f"{name}=null").status == 0
    assert cli("job", "options", "report", "--json").data == {"warn_at": None, "extra": None}


def test_an_option_that_is_not_set_cannot_be_given_back(cli: Cli) -> None:
    said = cli("job", "options", "report", "--unset", "wran_at")
    assert said.status == 1
    assert "has no option 'wran_at'. It has: warn_at." in said.reason


def test_an_export_loads_to_the_same_job(cli: Cli, tmp_path: Path) -> None:
    cli("job", "schedule", "report", "--cron", "15 5 * * *")
    cli("group", "create", "frozen")
    cli("group", "add", "frozen", "report")
    exported = cli("job", "export", "report").out
    path = tmp_path / "again.yaml"
    path.write_text(exported)
    before = cli("job", "show", "report", "--json").data
    other = tmp_path / "other"
    assert cli("--home", other, "load", path).status == 0
    after = cli("--home", other, "job", "show", "report", "--json").data
    elsewhere = {"jobid", "source", "source_line", "overridden"}
    for key in set(before) - elsewhere:
        assert after[key] == before[key], key


def test_the_audit_tells_keys_that_went_from_keys_that_came(cli: Cli) -> None:
    cli("state", "set", "report", "{a: 1, items: [1, 2], n: 7}")
    cli("state", "set", "report", "{m: 3, n: 777}")
    cli("state", "clear", "report")
    told = " ".join(cli("audit", "list").out.split())
    assert "removed a: 1; removed items: [2 items]; added m: 3; n: 7 -> 777" in told
    assert "removed m: 3; removed n: 777" in told


def test_state_data_are_set_shown_and_cleared(cli: Cli) -> None:
    assert cli("state", "show", "report", "--json").out == "null\n"
    assert cli("state", "set", "report", '{"cursor": 12}').status == 0
    assert cli("state", "show", "report", "--json").data == {"cursor": 12}
    assert cli("state", "set", "report", "cursor: 13").status == 0
    assert cli("state", "show", "report", "--json").data == {"cursor": 13}
    assert cli("state", "clear", "report").status == 0
    assert cli("state", "show", "report", "--json").data is None
    history = cli("state", "show", "report", "--history", "--json").data
    assert [each["data"] for each in history] == [None, {"cursor": 13}, {"cursor": 12}]


@pytest.mark.parametrize(
    "data", ["12", "[1, 2]", "just text", "", '{"a": NaN}', "{a: &x 1, b: *x}"]
)
def test_state_data_that_are_no_plain_mapping_are_refused(cli: Cli, data: str) -> None:
    said = cli("state", "set", "report", data)
    assert said.status == 1
    assert "State data are a mapping" in said.reason
    assert cli("state", "show", "report", "--json").data is None


def test_state_data_come_from_a_file(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"seen": [1, 2]}))
    assert cli("state", "set", "report", "--file", path).status == 0
    assert cli("state", "show", "report", "--json").data == {"seen": [1, 2]}
    said = cli("state", "set", "report", "--file", tmp_path / "none.json")
    assert said.status == 1
    assert "cannot be read" in said.reason


def test_load_tells_every_problem_of_every_file_and_writes_nothing(
    empty: Cli, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text("name: a\nschedle: '* * * * *'\ncode: x\n")
    (tmp_path / "b.yaml").write_text("name: b\nduration: 0\ncode: x\n")
    said = empty("load", tmp_path)
    assert said.status == 1
    assert "a.yaml:2:1" in said.err
    assert "schedule" in said.err
    assert "b.yaml:2" in said.err
    assert empty("job", "list").status == 1


def test_check_needs_no_store_and_makes_none(empty: Cli, tmp_path: Path, home: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("name: one\nduration: 60\ncode: |\n  def run():\n      pass\n")
    said = empty("load", path, "--check")
    assert said.status == 0
    assert "new one" in said.out
    assert not home.exists()


def test_loading_twice_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    said = cli("load", tmp_path / "jobs.yaml", "--json")
    assert {each["outcome"] for each in said.data} == {"unchanged"}
    assert set(said.data[0]) == {
        "name", "outcome", "changes", "overridden", "restored", "source", "source_line",
    }  # fmt: skip


def test_a_reload_keeps_what_operators_changed_until_override(cli: Cli, tmp_path: Path) -> None:
    cli("job", "schedule", "report", "--every", "90")
    cli("load", tmp_path / "jobs.yaml")
    assert cli("job", "show", "report", "--json").data["recurring"] == 90
    assert cli("load", tmp_path / "jobs.yaml", "--override").status == 0
    found = cli("job", "show", "report", "--json").data
    assert (found["recurring"], found["overridden"]) == (None, [])


def test_prune_retires_what_is_gone_from_the_files(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "jobs.yaml"
    path.write_text("name: other\nduration: 60\ncode: |\n  def run():\n      pass\n")
    assert cli("load", path, "--prune").status == 0
    assert [each["name"] for each in cli("job", "list", "--json").data] == ["other"]
    retired = cli("job", "list", "--retired", "--json").data
    assert next(each for each in retired if each["name"] == "report")["retired"] is not None
    said = cli("job", "activate", "report")
    assert said.status == 1
    assert "its definition is gone" in said.reason


def test_a_new_definition_loads_as_it_is(empty: Cli, tmp_path: Path) -> None:
    path = tmp_path / "first.yaml"
    path.write_text(empty("new", "first").out)
    assert empty("load", path).status == 0
    said = empty("new", "first", "--output", path)
    assert said.status == 1
    assert "File exists" in said.reason


def test_a_new_definition_with_a_bad_name_is_refused(empty: Cli) -> None:
    said = empty("new", "two words")
    assert said.status == 1
    assert "two words" in said.reason


def test_a_backup_is_a_store_with_the_same_jobs(cli: Cli, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    said = cli("backup", copy)
    assert said.status == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    jobs = cli("--db", f"sqlite:///{copy}", "job", "list", "--json").data
    assert {each["name"] for each in jobs} == {"report", "probe", "ledger-close"}
    again = cli("backup", copy)
    assert again.status == 1
    assert "exists already" in again.reason


def test_a_backup_into_a_folder_that_is_not_there_is_refused(cli: Cli, tmp_path: Path) -> None:
    said = cli("backup", tmp_path / "none" / "copy.db")
    assert said.status == 1
    assert "cannot be written" in said.reason


def test_pruning_an_empty_history_deletes_nothing(cli: Cli) -> None:
    nothing = {"instances": 0, "verdicts": 0, "requests": 0, "alerts": 0}
    assert cli("prune", "--json").data == nothing
    assert cli("prune", "--older-than", "1d", "--json").data == nothing
    assert cli("prune", "--older-than", "1s", "--yes", "--json").data == nothing
