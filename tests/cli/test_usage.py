"""Wrong use of the command line: one clear line, exit status 2, nothing done."""

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
        (["job", "run", "report", "--option", "warn"], "'warn' is not K=V"),
        (["instance", "list", "--status", "DONE"], "'DONE' is not one of"),
        (["instance", "show", "abc"], "'abc' is no instance id"),
        (["instance", "list", "--since", "10 minutes"], "'10 minutes' is no instant."),
        (["prune", "--older-than", "soon"], "'soon' is no length of time. Accepted:"),
        (["ledger", "--since", "2099-01-01"], "--since lies after the end of the window"),
        (["--plain", "job", "list"], "--plain is for the console, not for 'job'."),
        (["load"], "Missing argument 'PATH...'."),
        (["state", "set", "report"], "Give DATA"),
        (["--instance", "a b", "job", "list"], "The instance key 'a b' is not accepted"),
        (["--db", "nonsense", "job", "list"], "The store 'nonsense' is not a URL."),
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
