"""`tocsin ledger`, `forecast` and `job why`: their forms, on a store that no engine has seen."""

from tests.cli.support import Cli

SUMS = {
    "due", "ran", "late", "coalesced", "skipped", "missed", "pending", "unexplained", "doubled",
    "never_due", "unknown", "skipped_by", "missed_by",
}  # fmt: skip


def test_the_keys_of_the_ledger_are_a_contract(cli: Cli) -> None:
    found = cli("ledger", "--since", "24h", "--json").data
    assert set(found) == SUMS | {"since", "until", "pruned_until", "problems", "jobs"}
    assert (found["due"], found["unexplained"]) == (0, 0)


def test_the_ledger_in_text_ends_its_sums_with_what_is_unexplained(cli: Cli) -> None:
    lines = cli("ledger").out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "window", "due", "ran", "late", "coalesced", "skipped", "missed", "pending", "unexplained",
    ]  # fmt: skip


def test_the_ledger_of_an_unknown_job_is_refused(cli: Cli) -> None:
    for named in (["--job", "reprot"], ["reprot"]):
        said = cli("ledger", *named)
        assert said.status == 1
        assert "Nearest: 'report'" in said.reason
    assert cli("ledger", "report", "--job", "probe").status == 2


def test_the_ledger_of_a_store_that_no_engine_has_seen_says_so(cli: Cli) -> None:
    assert "no engine has scheduled anything yet" in cli("ledger", "report").err


def test_why_names_the_switch_that_stops_a_job(cli: Cli) -> None:
    cli("job", "disable", "report")
    said = cli("job", "why", "report")
    assert said.status == 0
    assert "will not run" in said.out
    assert "disabled" in said.out
    assert "tocsin job enable report" in said.out
    found = cli("job", "why", "report", "--json").data
    assert set(found) == {
        "job", "instant", "local", "verdict", "causes", "advice", "instances",
    }  # fmt: skip
    assert found["verdict"] == "will not run"


def test_why_of_an_instant_that_the_schedule_does_not_name(cli: Cli) -> None:
    said = cli("job", "why", "report", "2026-01-03T12:00", "--json")
    assert said.status == 0
    assert said.data["instant"] == "2026-01-03T11:00:00.000000Z"
    assert cli("job", "why", "report", "someday").status == 2
    assert cli("job", "why", "nothing").status == 1


def test_the_keys_of_the_forecast_are_a_contract(cli: Cli) -> None:
    cli("job", "disable", "report")
    found = cli("forecast", "--window", "7d", "--json").data
    assert set(found) == {
        "since", "until", "starts", "most_at_once", "most_at_once_at", "slots", "unknown", "peaks",
        "hours", "jobs", "idle", "clock_changes",
    }  # fmt: skip
    assert list(found["idle"]) == ["report"]
    assert {each["name"] for each in found["jobs"]} >= {"probe"}


def test_the_forecast_in_text_says_what_will_not_run(cli: Cli) -> None:
    cli("job", "disable", "report")
    said = cli("forecast", "--window", "7d")
    assert said.status == 0
    assert "job 'report' is disabled by" in said.out
    assert "never ran: how long a run takes is not known" in said.err


def test_a_forecast_of_a_year_is_wrong_usage(cli: Cli) -> None:
    said = cli("forecast", "--window", "365d")
    assert said.status == 2
    assert "31 days" in said.reason
