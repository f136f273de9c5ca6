"""The machine's own time zone, told by a link, by a copy of a zone's file, or not at all."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tzdata

from engine.definitions.documents import read_documents
from engine.definitions.job_reader import JobReader
from engine.definitions.problems import Problems
from engine.domain.job import Definition
from engine.errors import DefinitionError, UsageError
from engine.zones import default_timezone, machine_timezone, machine_zone

ZONES = Path(tzdata.__file__).parent / "zoneinfo"


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a machine's settings, without `TZ` in the environment."""
    monkeypatch.delenv("TZ", raising=False)
    return tmp_path


def copy(zone: str, etc: Path) -> None:
    """Give the machine a zone as containers have it, and `cp` makes it."""
    shutil.copy(ZONES / zone, etc / "localtime")


def unknown(etc: Path) -> None:
    """Give the machine the file of a zone as no release of the zones has it."""
    data = (ZONES / "Europe/Prague").read_bytes()
    (etc / "localtime").write_bytes(data.replace(b"CET-1CEST", b"QET-1QEST"))


def copy_of_another_build(zone: str, etc: Path) -> None:
    """Give the machine a file of a zone that says the same in other bytes."""
    (etc / "localtime").write_bytes((ZONES / zone).read_bytes().replace(b"TZif2", b"TZif3"))


def read_in_an_unknown_zone(text: str) -> tuple[list[Definition | None], Problems]:
    """Return the definitions of `text`, and what is wrong with them, where no zone is known."""
    problems = Problems()
    of_file = problems.of_file("f.yaml", text)
    reader = JobReader(None, of_file, "")
    return [reader.read(each) for each in read_documents(text, of_file)], problems


@pytest.mark.parametrize("zone", ["Europe/Prague", "America/New_York", "UTC", "Asia/Kolkata"])
def test_a_copy_of_a_zones_file_is_known_by_what_it_holds(etc: Path, zone: str) -> None:
    copy(zone, etc)
    assert machine_timezone(etc) == zone


def test_a_link_is_known_by_where_it_leads(etc: Path) -> None:
    (etc / "localtime").symlink_to(ZONES / "Europe/Bratislava")
    assert machine_timezone(etc) == "Europe/Bratislava"


def test_of_zones_with_the_same_file_the_one_that_the_machine_names_wins(etc: Path) -> None:
    copy("Europe/Bratislava", etc)
    assert machine_timezone(etc) == "Europe/Prague"
    (etc / "timezone").write_text("Europe/Bratislava\n")
    assert machine_timezone(etc) == "Europe/Bratislava"


def test_a_name_of_another_zone_than_the_copy_does_not_win(etc: Path) -> None:
    copy("Europe/Prague", etc)
    (etc / "timezone").write_text("Etc/UTC\n")  # of the image; the copy is the host's
    assert machine_timezone(etc) == "Europe/Prague"


def test_a_copy_of_another_build_is_the_zone_that_the_machine_names(etc: Path) -> None:
    copy_of_another_build("Europe/Bratislava", etc)
    (etc / "timezone").write_text("Europe/Bratislava\n")
    assert machine_timezone(etc) == "Europe/Bratislava"


@pytest.mark.parametrize("named", ["", "Etc/UTC", "Europe/London"])
def test_a_copy_of_another_build_is_no_zone_of_another_rule(etc: Path, named: str) -> None:
    copy_of_another_build("Europe/Prague", etc)
    (etc / "timezone").write_text(f"{named}\n")  # of the image; the copy is the host's
    assert machine_timezone(etc) == ""


def test_a_file_without_a_rule_for_the_future_is_taken_for_no_zone(etc: Path) -> None:
    data = (ZONES / "Europe/Prague").read_bytes()
    (etc / "localtime").write_bytes(data[: data[:-1].rindex(b"\n") + 1] + b"\n")
    (etc / "timezone").write_text("Europe/Prague\n")
    assert machine_timezone(etc) == ""


def test_without_a_localtime_the_zone_is_the_one_that_is_written_or_utc(etc: Path) -> None:
    assert machine_timezone(etc) == "UTC"
    (etc / "timezone").write_text("Europe/Prague\n")
    assert machine_timezone(etc) == "Europe/Prague"


def test_a_zone_that_nobody_can_name_is_not_taken_for_utc(etc: Path) -> None:
    unknown(etc)
    assert machine_timezone(etc) == ""
    (etc / "timezone").write_text("Etc/UTC\n")
    assert machine_timezone(etc) == ""


def test_an_import_asks_for_a_zone_where_none_is_known(etc: Path) -> None:
    unknown(etc)
    assert default_timezone("Asia/Tokyo", etc) == "Asia/Tokyo"
    with pytest.raises(UsageError, match="Give --timezone, as in Europe/Prague, or `timezone`"):
        default_timezone("", etc)
    copy("Europe/Prague", etc)
    assert default_timezone("", etc) == "Europe/Prague"


def test_instants_are_shown_in_a_zone_that_nobody_can_name(etc: Path) -> None:
    unknown(etc)
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert summer.astimezone(machine_zone(etc)).utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize("what", [b"", b"no zone"])
def test_what_is_no_file_of_a_zone_shows_instants_in_utc(etc: Path, what: bytes) -> None:
    (etc / "localtime").write_bytes(what)
    assert machine_zone(etc) == UTC


def test_a_job_on_local_time_is_refused_where_no_zone_is_known() -> None:
    for line in ('schedule: "0 8 * * *"', "duration: 60\nexpiry-date: 2030-01-01"):
        text = f"name: a\n{line}\nlang: shell\ncode: 'true'\n"
        _, problems = read_in_an_unknown_zone(text)
        with pytest.raises(DefinitionError) as refusal:
            problems.raise_if_any()
        (said,) = refusal.value.problems
        assert said.startswith(
            "f.yaml:1:1: job 'a' names no `timezone`, and this machine's is not known: "
            "/etc/localtime is not the file of any zone."
        )
        assert read_in_an_unknown_zone(f"timezone: Europe/Prague\n{text}")[1].count == 0


def test_a_job_that_only_counts_seconds_needs_no_zone() -> None:
    text = "name: a\nduration: 60\nlang: shell\ncode: 'true'\n"
    found, problems = read_in_an_unknown_zone(text)
    assert (len(found), problems.count) == (1, 0)
