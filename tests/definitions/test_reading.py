"""A good file becomes definitions with every default filled in."""

from pathlib import Path

import pytest

from engine.definitions.reader import read, read_definitions_text, read_paths
from engine.domain.job import Definition, Execution, LibraryObject, Limits
from engine.domain.schedule import CronSchedule, RecurringSchedule
from tests.definitions.support import JOB, one, problems_of, with_lines

FULL = """\
name: disk-report
version: "1.0"
desc: Warn when a file system fills up, and remember the trend
author: [Ann, Bob]
schedule: "*/10 * * * *"
timezone: Europe/Prague
dst-gap: skip
dst-overlap: both
groups: [housekeeping, DEFAULT, a]
define-group: {housekeeping: Keeps the house}
tags: {team: ops}
run-skipped: false
single-instance: yes
active: false
expiry-date: 2027-12-31
lang: shell
code: |
  df -h
options: {warn_at: 0.9, paths: [/, /var], nested: {deep: null}}
timeout: 60
isolation: process
interpreter: /bin/dash
env: {LANG: C}
cwd: work
user: root
limits: {memory: "512M", cpu: 30, files: 64, processes: 8}
retention: 30
"""


def test_every_key_reaches_the_definition(tmp_path: Path) -> None:
    file = tmp_path / "disk.yaml"
    file.write_text(FULL)
    reading = read([file])
    assert reading.groups == {"housekeeping": "Keeps the house"}
    assert reading.definitions == (
        Definition(
            name="disk-report",
            schedule=CronSchedule("*/10", "*", "*", "*", "*", "Europe/Prague", "skip", "both"),
            version="1.0",
            description="Warn when a file system fills up, and remember the trend",
            author="Ann, Bob",
            groups=("a", "housekeeping"),
            tags={"team": "ops"},
            run_skipped=False,
            single_instance=True,
            active=False,
            expiry_date=1_830_207_600_000_000,  # 2027-12-31 00:00 in Prague
            options={"warn_at": 0.9, "paths": ["/", "/var"], "nested": {"deep": None}},
            execution=Execution(
                lang="shell",
                code="df -h\n",
                interpreter="/bin/dash",
                timeout=60,
                env={"LANG": "C"},
                cwd=str(tmp_path / "work"),
                user="root",
                limits=Limits(memory=512 * 2**20, cpu=30, files=64, processes=8),
            ),
            retention=30,
            source=str(file),
            source_line=1,
        ),
    )


def test_a_small_job_gets_the_defaults_and_the_folder_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "j.yaml").write_text(JOB)
    (definition,) = read_paths([tmp_path], timezone="Asia/Tokyo")
    assert definition.schedule == CronSchedule("*/10", "*", "*", "*", "*", "Asia/Tokyo")
    assert definition.run_skipped
    assert definition.active
    assert not definition.single_instance
    assert definition.execution == Execution(code="def run():\n    pass\n", cwd=str(tmp_path))


def test_a_duration_is_a_recurring_schedule() -> None:
    text = with_lines("duration: 600", without="schedule")
    assert one(text).schedule == RecurringSchedule(600, "UTC")


def test_a_schedule_may_be_a_mapping_of_five_fields() -> None:
    text = with_lines(
        'schedule: {minutes: 5, hours: "1-3", days: "*", months: jan, dow: mon}', without="schedule"
    )
    assert one(text).schedule == CronSchedule("5", "1-3", "*", "jan", "mon", "UTC")


def test_several_documents_and_empty_ones_are_fine() -> None:
    other = JOB.replace("sample", "other")
    reading = read_definitions_text(f"---\n{JOB}---\n---\n# nothing\n---\n{other}")
    assert [(each.name, each.source_line) for each in reading.definitions] == [
        ("sample", 2),
        ("other", 11),
    ]


def test_an_expiry_with_a_time_is_taken_in_the_zone_it_names_or_the_jobs() -> None:
    local = one(with_lines("expiry-date: 2027-06-01T12:00:00", "timezone: Europe/Prague"))
    utc = one(with_lines('expiry-date: "2027-06-01 10:00:00Z"', "timezone: Europe/Prague"))
    assert local.expiry_date == utc.expiry_date == 1_811_844_000_000_000  # microseconds UTC


@pytest.mark.parametrize(
    ("told", "zone"),
    [
        ("9999-12-31T23:59:59", "America/New_York"),  # what many write for "never"
        ("2200-01-01", "UTC"),
        ("1969-12-31", "UTC"),
        ("0001-01-01", "Asia/Tokyo"),
    ],
)
def test_an_expiry_that_no_clock_reaches_is_refused(told: str, zone: str) -> None:
    (problem,) = problems_of(with_lines(f"expiry-date: {told}", f"timezone: {zone}"))
    assert "'expiry-date' is outside the years 1970 to 2199" in problem
    assert one(with_lines("expiry-date: 2199-12-31", f"timezone: {zone}")).expiry_date


def test_a_job_defined_twice_names_both_places() -> None:
    assert problems_of(f"{JOB}---\n{JOB}") == [
        "7:1: job 'sample' is defined twice; first at f.yaml:1"
    ]


def test_a_group_may_be_described_only_one_way() -> None:
    first = with_lines("define-group: {ops: One}")
    second = with_lines("define-group: {ops: Two}").replace("sample", "other")
    assert problems_of(f"{first}---\n{second}") == [
        "8:16: group 'ops' is described otherwise on line 1"
    ]


def test_library_objects_keep_their_order_and_names(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "b.py").write_text("B = 1\n")
    (tmp_path / "a.py").write_text("A = 1\n")
    text = with_lines("library: [lib/b.py, a.py, {name: inline, code: C = 1}]")
    (tmp_path / "j.yaml").write_text(text)
    (definition,) = read_paths([tmp_path])
    assert definition.execution.library == (
        LibraryObject("lib/b.py", "B = 1\n"),
        LibraryObject("a.py", "A = 1\n"),
        LibraryObject("inline", "C = 1"),
    )
