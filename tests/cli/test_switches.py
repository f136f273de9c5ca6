"""`job activate|deactivate|enable|disable|reset|delete` and the groups' switches."""

from tests.cli.support import Cli


def job(cli: Cli, name: str) -> dict[str, object]:
    """Return the job as `job show --json` prints it."""
    found: dict[str, object] = cli("job", "show", name, "--json").data
    return found


def test_a_disabled_job_is_told_with_who_disabled_it(cli: Cli) -> None:
    said = cli("job", "disable", "report")
    assert said.status == 0
    assert said.out == "job 'report': disabled\n"
    found = job(cli, "report")
    assert found["enabled"] is False
    assert found["next"] is None
    assert found["obstacles"][0]["code"] == "JOB-DISABLED"  # type: ignore[index]
    assert "tocsin job enable report" in str(found["obstacles"])


def test_a_change_without_an_engine_says_when_it_takes_effect(cli: Cli) -> None:
    said = cli("job", "deactivate", "probe")
    assert "no engine is alive; the change takes effect when one starts" in said.err


def test_one_bad_name_fails_the_command_but_not_the_others(cli: Cli) -> None:
    said = cli("job", "disable", "report", "reprot", "probe")
    assert said.status == 1
    assert said.reason == (
        "No job is named 'reprot'. Nearest: 'report'. `tocsin job list` names them all."
    )
    assert said.out.splitlines() == ["job 'report': disabled", "job 'probe': disabled"]
    assert job(cli, "probe")["enabled"] is False


def test_a_batch_answers_per_item_in_json(cli: Cli) -> None:
    said = cli("job", "enable", "report", "nothing", "--json")
    assert said.status == 1
    assert said.data[0] == {
        "name": "report",
        "ok": True,
        "code": "",
        "message": "is enabled already",
    }
    assert said.data[1]["code"] == "NOT-FOUND"


def test_deactivating_keeps_run_now_possible(cli: Cli) -> None:
    cli("job", "deactivate", "report")
    blocks = {
        each["code"]: each["blocks_run_now"]
        for each in cli("job", "show", "report", "--json").data["obstacles"]
    }
    assert blocks == {"JOB-INACTIVE": False}


def test_an_expired_job_cannot_be_activated(cli: Cli) -> None:
    cli("job", "deactivate", "report")
    cli("job", "expire", "report", "2020-01-01")
    said = cli("job", "activate", "report")
    assert said.status == 1
    assert "expired at 2019-12-31T23:00:00Z and cannot be activated" in said.reason
    assert job(cli, "report")["active"] is False


def test_clearing_the_expiry_lets_a_job_be_activated(cli: Cli) -> None:
    cli("job", "deactivate", "report")
    cli("job", "expire", "report", "2020-01-01")
    assert cli("job", "expire", "report", "never").status == 0
    assert cli("job", "activate", "report").status == 0
    assert job(cli, "report")["expiry_date"] is None


def test_deleting_a_job_forgets_it_but_for_the_audit(cli: Cli) -> None:
    assert cli("job", "delete", "probe").out == "job 'probe': deleted with 0 instances\n"
    assert cli("job", "show", "probe").status == 1
    assert cli("audit", "list", "--object", "probe", "--json").data[0]["event"] == "JOB-DELETED"


def test_resetting_is_audited(cli: Cli) -> None:
    assert cli("job", "reset", "report").status == 0
    event = cli("audit", "list", "--json").data[0]
    assert (event["event"], event["after"]) == ("JOB-RESET", {"reset_seq": 1})


def test_a_disabled_group_stops_its_jobs_by_name(cli: Cli) -> None:
    assert cli("group", "disable", "nightly").status == 0
    found = job(cli, "report")
    assert "group 'nightly' is disabled by" in str(found["obstacles"])
    assert cli("group", "enable", "nightly").status == 0
    assert job(cli, "report")["obstacles"] == []


def test_enabling_a_job_that_its_group_keeps_off_names_the_group_and_what_lifts_it(
    cli: Cli,
) -> None:
    lifted = "group 'nightly' is disabled: `tocsin group enable nightly` lets its jobs run again"
    cli("group", "disable", "nightly")
    assert cli("job", "enable", "report").out == f"job 'report': is enabled already; {lifted}\n"
    cli("job", "disable", "report")
    assert cli("job", "enable", "report").out == f"job 'report': enabled; {lifted}\n"
    cli("group", "enable", "nightly")
    assert cli("job", "enable", "report").out == "job 'report': is enabled already\n"


def test_the_group_default_cannot_be_changed(cli: Cli) -> None:
    for arguments in (("disable", "DEFAULT"), ("delete", "DEFAULT"), ("add", "DEFAULT", "report")):
        said = cli("group", *arguments)
        assert said.status == 1
        assert "holds every job and cannot be changed" in said.reason


def test_joining_a_disabled_group_stops_a_job_and_leaving_frees_it(cli: Cli) -> None:
    cli("group", "disable", "nightly")
    assert cli("group", "add", "nightly", "probe").status == 0
    assert "GROUP-DISABLED" in str(job(cli, "probe")["obstacles"])
    assert cli("group", "remove", "nightly", "probe").status == 0
    assert job(cli, "probe")["obstacles"] == []


def test_deleting_a_disabled_group_frees_its_jobs(cli: Cli) -> None:
    cli("group", "disable", "nightly")
    assert cli("group", "delete", "nightly").out == "group 'nightly': deleted; it had 1 job\n"
    assert job(cli, "report")["obstacles"] == []


def test_a_group_is_created_once(cli: Cli) -> None:
    assert cli("group", "create", "billing", "--description", "Money").status == 0
    said = cli("group", "create", "billing")
    assert said.status == 1
    assert "billing" in said.reason
    assert "exists already" in said.reason


def test_a_group_name_outside_the_alphabet_is_refused(cli: Cli) -> None:
    said = cli("group", "create", "two words")
    assert said.status == 1
    assert "'two words' is no name of a group" in said.reason


def test_leaving_a_group_that_one_is_not_in_is_refused(cli: Cli) -> None:
    said = cli("group", "remove", "nightly", "probe")
    assert said.status == 1
    assert said.reason == "job 'probe' is not in group 'nightly'."


def test_an_unknown_group_is_told_once(cli: Cli) -> None:
    said = cli("group", "add", "nihgtly", "report", "probe")
    assert said.status == 1
    assert said.err.count("No group is named 'nihgtly'. Nearest: 'nightly'.") == 1
