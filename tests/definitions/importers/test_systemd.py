"""Timers and services become definitions; each setting is carried over, noted or refused."""

import tracemalloc
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.definitions.importers.coinciding import note_coinciding
from engine.definitions.importers.proof import prove
from engine.definitions.importers.result import ImportResult
from engine.definitions.importers.systemd import import_folder, import_units
from engine.definitions.importers.units import unit_of_text
from engine.definitions.importers.writing import as_yaml
from engine.definitions.reader import read_definitions_text
from engine.domain.job import Limits
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.testing.clock import ManualClock

START = ManualClock.at("2026-11-23T00:00:00+00:00").now()
SERVICE = "[Service]\nExecStart=/bin/true\n"


def imported(timer: str, service: str = SERVICE, **options: str) -> ImportResult:
    units = [unit_of_text("a.timer", f"[Timer]\n{timer}\n"), unit_of_text("a.service", service)]
    return import_units(units, timezone=options.get("timezone", "UTC"))


def test_a_timer_and_its_service_become_a_job() -> None:
    service = """\
[Unit]
Description=Rotate things
[Service]
Type=oneshot
User=nobody
WorkingDirectory=/srv
Environment=A=1 "B=two words" 'C=100%%'
Environment=D=4
TimeoutStartSec=5min
LimitNOFILE=64:128
LimitAS=512M
ExecStartPre=-/bin/rm -f /tmp/x
ExecStart=/usr/bin/rotate --name=%N \\
    "two words"
"""
    result = imported("OnCalendar=Mon..Fri 22:30\nPersistent=true", service)
    (definition,) = result.definitions
    assert definition.name == "a"
    assert definition.description == "Rotate things"
    assert definition.schedule == CronSchedule("30", "22", "*", "*", "1-5", "UTC", "skip")
    assert definition.run_skipped is True
    execution = definition.execution
    assert execution.code == (
        "set -e\n/bin/rm -f /tmp/x || true\n/usr/bin/rotate --name=a 'two words'\n"
    )
    assert (execution.user, execution.cwd, execution.timeout) == ("nobody", "/srv", 300)
    assert {"A": "1", "B": "two words", "C": "100%", "D": "4"}.items() <= execution.env.items()
    assert execution.limits == Limits(files=64, memory=512 * 2**20)
    assert result.not_carried == []


def test_a_limit_under_which_no_job_starts_is_not_carried() -> None:
    result = imported("OnCalendar=daily", f"{SERVICE}LimitNOFILE=16\n")
    assert result.definitions[0].execution.limits == Limits()
    assert [text for _, text in result.not_carried] == [
        "a.service: LimitNOFILE=16: a job needs 32 open files at least"
    ]


def test_a_timer_is_not_persistent_unless_it_says_so() -> None:
    assert imported("OnCalendar=daily").definitions[0].run_skipped is False


def test_a_monotonic_timer_becomes_a_duration() -> None:
    result = imported("OnBootSec=15min\nOnUnitActiveSec=1h 30min")
    (definition,) = result.definitions
    assert definition.schedule == RecurringSchedule(5400, "UTC")
    assert result.notes == [
        (
            2,
            (
                "a.timer: OnBootSec=15min: the first run is one interval after the engine first "
                "schedules the job"
            ),
        )
    ]


def test_several_events_become_several_jobs() -> None:
    result = imported("OnCalendar=daily\nOnCalendar=Mon 5:00\nOnUnitActiveSec=60")
    assert [each.name for each in result.definitions] == ["a", "a-2", "a-3"]


def test_lines_that_coincide_are_noted_with_the_first_instant_and_how_often() -> None:
    result = imported("OnCalendar=Mon..Fri 08:00\nOnCalendar=*-*-01 08:00\nOnCalendar=12:00")
    note_coinciding(result, START, years=1)
    ((line, said),) = result.notes
    assert line == 2
    assert said == (
        "a.timer: OnCalendar=Mon..Fri 08:00 and OnCalendar=*-*-01 08:00: they coincide 10 times "
        "in the time that is compared, first at 2026-12-01T08:00:00Z; jobs 'a' and 'a-2' then "
        "run side by side, where systemd starts the service once"
    )
    assert "# Notes:\n#   a.timer, line 2: OnCalendar=Mon..Fri 08:00 and" in as_yaml(result)


def test_lines_that_coincide_every_minute_are_counted_without_being_kept() -> None:
    result = imported("OnCalendar=*:0/1\nOnCalendar=*:*:00")
    tracemalloc.start()
    try:
        note_coinciding(result, START, years=0.05)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    ((_, said),) = result.notes
    assert "they coincide 26,298 times" in said
    assert most < 1 << 20


@pytest.mark.parametrize("lines", [("08:00", "12:00"), ("Mon 08:00", "Tue 08:00"), ("08:00",)])
def test_lines_that_never_coincide_are_not_noted(lines: tuple[str, ...]) -> None:
    result = imported("\n".join(f"OnCalendar={each}" for each in lines))
    note_coinciding(result, START)
    assert result.notes == []


def test_lines_of_different_timers_and_intervals_do_not_coincide() -> None:
    units = [
        unit_of_text(f"{name}.timer", f"[Timer]\nOnCalendar=08:00\nUnit=a.service\n{more}")
        for name, more in (("a", "OnUnitActiveSec=1h\n"), ("b", ""))
    ]
    result = import_units([*units, unit_of_text("a.service", SERVICE)], timezone="UTC")
    before = len(result.notes)
    note_coinciding(result, START)
    assert len(result.notes) == before


def test_an_interval_beside_another_trigger_is_noted_to_count_alone() -> None:
    result = imported("OnCalendar=hourly\nOnUnitActiveSec=5min")
    assert len(result.jobs) == 2
    assert any("from every start of the unit" in text for _, text in result.notes)
    assert imported("OnUnitActiveSec=5min").notes == []


def test_an_empty_setting_clears_those_before_it() -> None:
    result = imported("OnCalendar=hourly\nOnCalendar=\nOnCalendar=daily")
    (job,) = result.jobs
    assert job.text == "OnCalendar=daily"


@pytest.mark.parametrize(
    ("timer", "left"),
    [
        ("OnUnitActiveSec=1d\nOnCalendar=\nOnCalendar=04:00", ["OnCalendar=04:00"]),
        ("OnCalendar=04:00\nOnBootSec=\nOnUnitActiveSec=1d", ["OnUnitActiveSec=1d"]),
        ("OnCalendar=04:00\nPersistent=\nAccuracySec=", ["OnCalendar=04:00"]),
    ],
)
def test_an_empty_time_of_a_timer_clears_all_times_before_it(timer: str, left: list[str]) -> None:
    assert [job.text for job in imported(timer).jobs] == left


@pytest.mark.parametrize(
    ("timer", "said"),
    [
        ("OnCalendar=daily\nRandomizedDelaySec=1h", "start at their due instant"),
        ("OnCalendar=daily\nWakeSystem=yes", "is not woken"),
        ("OnCalendar=*-*~1", "end of the month"),
        ("OnCalendar=fortnightly", "no calendar event"),
        ("OnBootSec=5min", "no schedule names the start of the machine"),
        ("OnUnitActiveSec=500ms", "whole seconds"),
        ("OnCalendar=daily\nUnit=other.service", "which is not in this folder"),
        ("OnCalendar=daily\nnonsense", "not understood: nonsense"),
    ],
)
def test_what_cannot_be_carried_over_is_said(timer: str, said: str) -> None:
    not_carried = [text for _, text in imported(timer).not_carried]
    assert any(said in text for text in not_carried), not_carried


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("Nice=19", "Nice=19: it has no counterpart"),
        ("PrivateTmp=true", "PrivateTmp=true: it has no counterpart"),
        ("EnvironmentFile=/etc/default/x", "it has no counterpart"),
        ("Type=notify", "a job is over when its process ends"),
        ("[Unit]\nConditionACPower=true", "nor on conditions"),
    ],
)
def test_every_other_setting_of_a_service_is_named(setting: str, said: str) -> None:
    result = imported("OnCalendar=daily", f"{SERVICE}{setting}\n")
    assert len(result.jobs) == 1
    assert any(said in text for _, text in result.not_carried), result.not_carried


def test_a_service_without_a_command_or_with_an_unknown_specifier_is_refused() -> None:
    for service in ("[Service]\n", "[Service]\nExecStart=/bin/x %Z\n"):
        result = imported("OnCalendar=daily", service)
        assert result.jobs == []
        assert result.not_carried


def test_specifiers_stand_for_the_same_wherever_a_service_has_them() -> None:
    settings = 'User=%p\nWorkingDirectory=-%h/data\nEnvironment="DEST=%h/%N copies" RATE=5%%\n'
    result = imported("OnCalendar=daily", f"{SERVICE}{settings}")
    (definition,) = result.definitions
    execution = definition.execution
    assert (execution.user, execution.cwd) == ("a", "/root/data")
    assert (execution.env["DEST"], execution.env["RATE"]) == ("/root/a copies", "5%")
    assert result.not_carried == []


def test_specifiers_stand_for_the_same_in_the_name_and_words_of_an_instance() -> None:
    timer = "[Timer]\nOnCalendar=daily\nUnit=%p@%i.service\n"
    service = f"[Unit]\nDescription=Backup of %i at 100%%\n{SERVICE}"
    units = [unit_of_text("b@x.timer", timer), unit_of_text("b@x.service", service)]
    result = import_units(units, timezone="UTC")
    (definition,) = result.definitions
    assert definition.description == "Backup of x at 100%"
    assert (result.not_carried, result.notes) == ([], [])


def test_an_unknown_specifier_in_words_is_noted_and_in_the_name_of_a_unit_refused() -> None:
    noted = imported("OnCalendar=daily", f"[Unit]\nDescription=Of %H\n{SERVICE}")
    assert [each.description for each in noted.definitions] == ["Of %H"]
    assert noted.notes == [(2, "a.service: Of %H: the specifier %H is not known here")]
    refused = imported("OnCalendar=daily\nUnit=a@%H.service")
    assert refused.definitions == []
    assert refused.not_carried == [(3, "a.timer: Unit: the specifier %H is not known here")]


def test_a_variable_with_an_unknown_specifier_is_not_carried_over() -> None:
    result = imported("OnCalendar=daily", f"{SERVICE}Environment=HOST=%H\nEnvironment=A=1\n")
    (definition,) = result.definitions
    assert "HOST" not in definition.execution.env
    assert definition.execution.env["A"] == "1"
    assert [text for _, text in result.not_carried] == [
        "a.service: Environment=HOST=%H: the specifier %H is not known here"
    ]


@pytest.mark.parametrize("setting", ["User=%H", "WorkingDirectory=/srv/%H"])
def test_no_job_runs_as_another_user_or_elsewhere_for_an_unknown_specifier(setting: str) -> None:
    result = imported("OnCalendar=daily", f"{SERVICE}{setting}\n")
    assert result.jobs == []
    assert [text for _, text in result.not_carried] == [
        f"a.service: {setting}: the specifier %H is not known here"
    ]


def test_a_folder_is_read_with_its_drop_ins(tmp_path: Path) -> None:
    (tmp_path / "a.timer").write_text(
        "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n"
    )
    (tmp_path / "a.timer.d").mkdir()
    (tmp_path / "a.timer.d" / "later.conf").write_text("[Timer]\nOnCalendar=\nOnCalendar=6:00\n")
    (tmp_path / "a.service").write_text(SERVICE)
    (tmp_path / "t@.timer").write_text("[Timer]\nOnCalendar=daily\n")
    (tmp_path / "ignored.socket").write_text("[Socket]\n")
    result = import_folder(tmp_path, timezone="UTC")
    (definition,) = result.definitions
    assert isinstance(definition.schedule, CronSchedule)
    assert definition.schedule.expression == "0 6 * * *"
    assert definition.execution.user == "root"
    assert [text for _, text in result.not_carried] == [
        "t@.timer: a template; each of its instances is a job of its own"
    ]
    assert (4, "a.timer: WantedBy=timers.target: a job that is loaded is active") in result.notes


def test_the_machines_own_timers_are_imported_and_differ_nowhere() -> None:
    folder = Path("/lib/systemd/system")
    if not any(folder.glob("*.timer")):
        pytest.skip("this machine has no timers of systemd to import")
    result = import_folder(folder, timezone="Europe/Prague")
    proofs = {}
    for job in result.jobs:
        assert job.rule is not None
        proofs[job.definition.name] = prove(job.rule, job.definition, START)
        assert proofs[job.definition.name].is_equal, job.text
    written = as_yaml(result, proofs)
    loaded = read_definitions_text(written, timezone="UTC").definitions
    assert [replace(each, source="", source_line=0) for each in loaded] == result.definitions


def test_what_is_told_alike_of_a_units_lines_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "a.timer").write_text("[Timer]\nOnCalendar=daily\nRandomizedDelaySec=60\n")
    (tmp_path / "a.service").write_text(
        "[Unit]\nAfter=b.service\n[Service]\nExecStart=/bin/true\nNice=19\nPrivateTmp=true\n"
    )
    told = as_yaml(import_folder(tmp_path, timezone="UTC"))
    assert "#   a.service, lines 5 to 6: Nice=19, PrivateTmp=true: it has no counterpart\n" in told
    assert "#   a.timer, line 3: RandomizedDelaySec=60: jobs start at their due instant;" in told
    assert max(map(len, told.splitlines())) <= 100
