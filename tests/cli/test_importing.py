"""`tocsin import`: definitions for review, and what could not be carried over."""

from pathlib import Path

from tests.cli.support import Cli

CRONTAB = """\
MAILTO=ops
*/5 * * * * /usr/local/bin/probe --fast
30 2 * * 1-5 backup
this is no line of a crontab
"""


def test_a_crontab_becomes_definitions_that_load(empty: Cli, tmp_path: Path) -> None:
    source = tmp_path / "crontab"
    source.write_text(CRONTAB)
    target = tmp_path / "imported.yaml"
    said = empty("import", "crontab", source, "--timezone", "Europe/Prague", "-o", target)
    assert said.status == 0
    assert "2 jobs, 2 lines not carried over, named at the top" in said.err
    assert "0 jobs differ" in said.err
    assert "this is no line" in target.read_text()
    assert empty("load", target).status == 0
    jobs = {each["name"]: each for each in empty("job", "list", "--json").data}
    assert jobs["probe"]["schedule"] == "*/5 * * * *"
    assert jobs["backup"]["timezone"] == "Europe/Prague"


def test_an_import_in_json_has_everything_in_one_of_three(empty: Cli, tmp_path: Path) -> None:
    source = tmp_path / "crontab"
    source.write_text(CRONTAB)
    found = empty("import", "crontab", source, "--json").data
    assert set(found) == {"jobs", "notes", "not_carried"}
    assert [each["line"] for each in found["jobs"]] == [2, 3]
    assert {each["line"] for each in found["not_carried"]} == {1, 4}
    assert all(each["differing"] == 0 < each["compared"] for each in found["jobs"])


def test_timers_become_definitions(empty: Cli, tmp_path: Path) -> None:
    (tmp_path / "clean.timer").write_text("[Timer]\nOnCalendar=daily\nPersistent=true\n")
    (tmp_path / "clean.service").write_text("[Service]\nExecStart=/bin/true\n")
    said = empty("import", "systemd", tmp_path)
    assert said.status == 0
    assert "name: clean" in said.out
    assert "run-skipped: true" in said.out


def test_timers_whose_lines_coincide_are_told(empty: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.timer").write_text("[Timer]\nOnCalendar=08:00\nOnCalendar=*-*-01 08:00\n")
    (tmp_path / "a.service").write_text("[Service]\nExecStart=/bin/true\n")
    notes = empty("import", "systemd", tmp_path, "--json").data["notes"]
    assert any("they coincide 24 times" in each["text"] for each in notes), notes


def test_lines_of_a_crontab_that_coincide_are_nothing_to_note(empty: Cli, tmp_path: Path) -> None:
    source = tmp_path / "crontab"
    source.write_text("0 8 * * * one\n0 8 1 * * two\n")  # cron starts both, and so do we
    assert empty("import", "crontab", source, "--json").data["notes"] == []


def test_sources_that_cannot_be_read_are_told(empty: Cli, tmp_path: Path) -> None:
    said = empty("import", "crontab", tmp_path / "none")
    assert said.status == 1
    assert "cannot be read: No such file or directory" in said.reason
    said = empty("import", "systemd", tmp_path / "none")
    assert said.status == 1
    assert "there is no such folder" in said.reason
    (tmp_path / "latin").write_bytes(b"0 0 * * * na\xefve\n")
    said = empty("import", "crontab", tmp_path / "latin")
    assert said.status == 1
    assert "is not UTF-8 at byte 12" in said.reason


def test_an_import_never_replaces_a_file(empty: Cli, tmp_path: Path) -> None:
    source = tmp_path / "crontab"
    source.write_text(CRONTAB)
    said = empty("import", "crontab", source, "-o", source)
    assert said.status == 1
    assert "File exists" in said.reason
    assert source.read_text() == CRONTAB


def test_a_folder_of_crontabs_is_read_as_cron_reads_it(empty: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "cron.d"
    folder.mkdir()
    guarded = "test -e /run/systemd/system || SERVICE_MODE=1"
    (folder / "disks").write_text(f"30 3 * * 0 root {guarded} /sbin/scrub -A\nnot a line\n")
    (folder / "more").write_text("5 3 * * * root [ -x /sbin/scrub ] && /sbin/scrub -B\n")
    (folder / "disks.dpkg-old").write_text("0 0 * * * root /bin/false\n")
    said = empty("import", "crontab", folder, "--system")
    assert said.status == 0
    names = [line for line in said.out.splitlines() if line.startswith("name: ")]
    assert names == ["name: scrub", "name: scrub-2"]
    assert f"#   {folder}/disks, line 2: not understood" in said.out.replace("\n#     ", " ")
    assert "disks.dpkg-old is left out, as cron does" in said.err


def test_a_zone_or_a_place_that_is_none_is_refused(empty: Cli, tmp_path: Path) -> None:
    source = tmp_path / "crontab"
    source.write_text(CRONTAB)
    for kind, place in (("crontab", source), ("systemd", tmp_path)):
        said = empty("import", kind, place, "--timezone", "Europe/Pragu")
        assert said.status == 2
        assert "no time zone is named 'Europe/Pragu'; nearest: 'Europe/Prague'" in said.err
    said = empty("import", "systemd", source)
    assert said.status == 1
    assert f"is one file; give the folder, {tmp_path}" in said.reason
