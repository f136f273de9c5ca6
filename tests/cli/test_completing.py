"""What a shell is offered when Tab is pressed."""

from pathlib import Path

from click.shell_completion import BashComplete

from app.cli.root import tocsin
from tests.cli.support import Cli


def offered(home: Path, *line: str) -> list[str]:
    """Return what is offered for the last word of `line`."""
    complete = BashComplete(tocsin, {}, "tocsin", "_TOCSIN_COMPLETE")
    words = ["--home", str(home), *line]
    return [each.value for each in complete.get_completions(words[:-1], words[-1])]


def test_names_of_jobs_are_offered_where_a_job_is_named(cli: Cli, home: Path) -> None:
    assert cli("job", "list").status == 0
    for command in (("job", "run"), ("job", "why"), ("log",), ("state", "show"), ("ledger",)):
        assert offered(home, *command, "re") == ["report"]
    assert offered(home, "job", "disable", "") == ["ledger-close", "probe", "report"]
    assert offered(home, "job", "disable", "probe", "") == ["ledger-close", "report"]
    assert offered(home, "instance", "list", "--job", "p") == ["probe"]


def test_names_of_groups_are_offered_where_a_group_is_named(cli: Cli, home: Path) -> None:
    assert cli("group", "list").status == 0
    assert offered(home, "group", "show", "n") == ["nightly"]
    assert offered(home, "group", "disable", "") == ["DEFAULT", "nightly", "probes"]
    assert offered(home, "group", "add", "nightly", "p") == ["probe"]


def test_nothing_is_offered_and_nothing_made_where_there_is_no_store(tmp_path: Path) -> None:
    assert offered(tmp_path / "none", "job", "run", "") == []
    assert not (tmp_path / "none").exists()
    assert offered(tmp_path, "job", "ru") == ["run"]
