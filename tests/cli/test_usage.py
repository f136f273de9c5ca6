"""Wrong use of the command line: one clear line, exit status 2, nothing done."""

from pathlib import Path

import pytest

from tests.cli.support import Cli


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["jbo", "list"], "'tocsin' has no command 'jbo'. Nearest: 'job'."),
        (["job", "lst"], "'tocsin job' has no command 'lst'. Nearest: 'list'."),
        (["job", "list", "--jsn"], "No such option '--jsn'"),
        (["job"], "'tocsin job' needs a command: list, show, export,"),
        (["instance", "kill", "0"], "there is no instance 0"),
        (["job", "show"], "Missing argument 'NAME'."),
        (["job", "next", "report", "-n", "0"], "Invalid value for '-n'"),
        (["job", "next", "report", "--from", "tomorrow"], "'tomorrow' is no instant. Accepted:"),
        (["job", "expire", "report", "2030-13-01"], "'2030-13-01' is no instant. Accepted:"),
        (["job", "next", "report", "--from", "0001-01-01"], "is outside the years 1970 to 2199."),
        (["job", "run", "report", "--option", "warn"], "'warn' is not K=V"),
        (["instance", "list", "--status", "DONE"], "'DONE' is not one of"),
        (["instance", "show", "abc"], "'abc' is no instance id"),
        (["instance", "list", "--since", "10 minutes"], "'10 minutes' is no instant."),
        (["prune", "--older-than", "soon"], "'soon' is no length of time. Accepted:"),
        (["prune", "--older-than", "0d"], "deletes all history of runs that ended; add --yes"),
        (["prune", "--older-than", "1s"], "deletes history of this very day; add --yes"),
        (["prune", "--older-than", "23h59m"], "deletes history of this very day; add --yes"),
        (["ledger", "--since", "2099-01-01"], "--since lies after the end of the window"),
        (["--plain", "job", "list"], "--plain is for the console, not for 'job'."),
        (["load"], "Missing argument 'PATH...'."),
        (["state", "set", "report"], "Give DATA"),
        (["--instance", "a b", "job", "list"], "The instance key 'a b' is not accepted"),
        (["--db", "nonsense", "job", "list"], "The store 'nonsense' is not a URL."),
        (["--home", "", "job", "list"], "Invalid value for '--home': it is empty"),
        (["job", "list", "--db", ""], "Invalid value for '--db': it is empty"),
        (["--home", __file__, "job", "list"], "is a file; it must be a folder."),
        (["engine", "--jobs", ""], "--jobs is empty"),
        (["engine", "--lease", "1e400"], "A lease of inf s is too long"),
        (["engine", "--lease", "x"], "Invalid value for '--lease': 'x' is not a number."),
        (["engine", "--lease", "nan"], "A lease of nan s is too short"),
        (["job", "schedule", "report"], "A job has exactly one kind of schedule"),
        (
            ["job", "schedule", "report", "--every", "1.5"],
            "'1.5' is not a whole number of seconds,",
        ),
        (["job", "next", "report", "-n", "abc"], "'abc' is not a whole number"),
        (["job", "options", "report", "--set", "x"], "as in `--set warn_at=0.8`"),
        (["prune", "--older-than", "99999999d"], "'99999999d' is longer than 10,000 years"),
        (["overview", "--since", "2099-01-01"], "--since lies in the future"),
        (["instance", "list", "--since", "1h", "--until", "2h"], "is not before --until"),
        (["job", "show", b"caf\xe9".decode("utf-8", "surrogateescape")], "is not UTF-8 text."),
    ],
)
def test_wrong_usage_is_told_in_one_line_and_exits_with_two(
    cli: Cli, arguments: list[str], reason: str
) -> None:
    said = cli(*arguments)
    assert said.status == 2
    assert reason in said.reason
    assert said.out == ""


def test_global_options_are_accepted_before_and_after_the_command(
    cli: Cli, tmp_path: object
) -> None:
    before = cli("--home", f"{tmp_path}/none", "job", "list")
    after = cli("job", "list", "--home", f"{tmp_path}/none")
    assert before.status == after.status == 1
    assert before.reason == after.reason
    assert f"There is no store at {tmp_path}/none/tocsin.db" in before.reason


def test_the_last_global_option_wins(cli: Cli, tmp_path: object) -> None:
    said = cli("--home", f"{tmp_path}/none", "job", "list", "--home", f"{tmp_path}/home")
    assert said.status == 0


def test_help_names_every_command_and_exits_with_zero(cli: Cli) -> None:
    said = cli("--help")
    assert said.status == 0
    for name in ("engine", "load", "job", "group", "instance", "ledger", "import", "backup"):
        assert f"  {name}" in said.out


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_of_a_command_names_the_global_options(cli: Cli, option: str) -> None:
    said = cli("job", "run", option)
    assert said.status == 0
    assert "--option K=V" in said.out
    assert "Global options: --home DIR, --db URL, --instance KEY." in said.out


def test_the_version_is_also_an_option(empty: Cli) -> None:
    said = empty("--version")
    assert said.status == 0
    assert said.out.startswith("tocsin ")


@pytest.mark.parametrize(
    "url", ["postgresql://host:port/x", "postgresql://[::1/x", "sqlite:///%zz://[", "x://"]
)
def test_a_url_that_is_none_is_refused_in_one_line(cli: Cli, url: str) -> None:
    said = cli("--db", url, "job", "list")
    assert said.status in {1, 2}
    assert "fault of tocsin" not in said.err
    assert said.err.count("\n") == 1


def test_an_instance_that_is_not_there_is_named_by_its_number(cli: Cli) -> None:
    said = cli("instance", "show", "4711")
    assert (said.status, said.reason) == (
        1,
        "There is no instance 4711. `tocsin instance list` names them all.",
    )


def test_a_name_that_is_a_whole_file_is_not_repeated_whole(cli: Cli) -> None:
    assert len(cli("job", "show", "x" * 5_000).reason) < 300


def test_an_option_that_a_job_does_not_have_is_told_with_the_nearest(cli: Cli) -> None:
    said = cli("job", "options", "report", "--set", "wran_at=1")
    assert said.status == 0
    assert said.reason == "tocsin: job 'report' has no option 'wran_at' so far; nearest: 'warn_at'"


def test_pruning_by_an_empty_folder_is_refused(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "not-mounted"
    folder.mkdir()
    said = cli("load", folder, "--prune")
    assert said.status == 1
    assert "pruning would retire every job; nothing was changed" in said.reason
    assert [each["name"] for each in cli("job", "list", "--json").data] == [
        "ledger-close",
        "probe",
        "report",
    ]
    assert (
        f"no definition was found in {folder} (of a folder: *.yaml, *.yml)"
        in cli("load", folder).err
    )


def test_state_data_that_are_no_json_are_refused_with_the_place(cli: Cli) -> None:
    said = cli("state", "set", "report", '{"a": 1')
    assert said.status == 1
    assert "As JSON: Expecting ',' delimiter: line 1 column 8 (char 7)." in said.reason
    said = cli("state", "set", "report", "[1, 2")
    assert "As JSON: Expecting ',' delimiter: line 1 column 6 (char 5)." in said.reason
    assert "As JSON" not in cli("state", "set", "report", "[1, 2]").reason


def test_state_data_that_are_no_text_are_refused(cli: Cli) -> None:
    broken = b'{"a": "\xff"}'.decode("utf-8", "surrogateescape")
    said = cli("state", "set", "report", broken)
    assert (said.status, said.reason) == (1, "State data are not UTF-8.")


def test_a_name_that_no_job_can_have_is_refused_for_a_new_one(empty: Cli) -> None:
    said = empty("new", "a b")
    assert said.status == 1
    assert said.reason == (
        "'a b' is no name of a job: only 1 to 160 letters a to z or A to Z, digits, _, -"
    )
