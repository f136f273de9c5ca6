"""Each line of a crontab is carried over, noted, or refused with a reason."""

import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings, strategies as st
from msgspec.structs import replace

from engine.clock import Instant, from_datetime, to_datetime
from engine.definitions.importers.crontab import import_text
from engine.definitions.importers.crontab_file import form_of
from engine.definitions.importers.crontab_rule import CrontabRule, FieldError
from engine.definitions.importers.proof import Proof, prove
from engine.definitions.importers.result import ImportedJob, ImportResult
from engine.definitions.importers.writing import as_yaml
from engine.definitions.reader import read_definitions_text
from engine.domain.schedule import CronSchedule
from engine.testing.clock import ManualClock

START = ManualClock.at("2026-11-23T00:00:00+00:00").now()


def proof_of(job: ImportedJob) -> Proof:
    assert job.rule is not None
    return prove(job.rule, job.definition, START)


def the_one(result: ImportResult) -> ImportedJob:
    (job,) = result.jobs
    return job


def cron(job: ImportedJob) -> CronSchedule:
    schedule = job.definition.schedule
    assert isinstance(schedule, CronSchedule)
    return schedule


def local(text: str, zone: str) -> Instant:
    return from_datetime(
        to_datetime(ManualClock.at(f"{text}+00:00").now()).replace(tzinfo=ZoneInfo(zone))
    )


def test_a_users_line_becomes_a_shell_job_as_cron_would_run_it() -> None:
    job = the_one(import_text("# nightly\n30 2 * * 1-5 /opt/bin/backup.sh -q\n", timezone="UTC"))
    definition = job.definition
    assert definition.name == "backup"
    assert cron(job).expression == "30 2 * * 1-5"
    assert (cron(job).dst_gap, cron(job).dst_overlap) == ("after", "first")
    assert definition.execution.lang == "shell"
    assert definition.execution.code == "/opt/bin/backup.sh -q\n"
    assert definition.execution.env == {"PATH": "/usr/bin:/bin"}
    assert definition.execution.cwd == str(Path.home())
    assert definition.execution.user is None
    assert definition.run_skipped is False  # cron has no memory
    assert (job.line, job.text) == (2, "30 2 * * 1-5 /opt/bin/backup.sh -q")


def test_the_system_form_names_the_user() -> None:
    job = the_one(import_text("@daily root cd / && run-parts /etc/cron.daily\n", form="system"))
    assert job.definition.execution.user == "root"
    assert job.definition.execution.cwd == "/root"
    assert job.definition.name == "cron-daily"
    assert cron(job).expression == "0 0 * * *"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/etc/crontab", "system"),
        ("/etc/cron.d/x", "system"),
        ("/var/spool/cron/a", "user"),
        ("-", "user"),
    ],
)
def test_the_form_is_told_by_the_path(path: str, form: str) -> None:
    assert form_of(path) == form


def test_environment_lines_hold_for_the_jobs_below_them() -> None:
    text = (
        "* * * * * first\n"
        "SHELL=/bin/bash\nHOME = /srv\n PATH=\"/opt/bin:/bin\"\nLANG='C'\nCRON_TZ=Asia/Tokyo\n"
        "* * * * * second\n"
    )
    first, second = import_text(text, timezone="Europe/Prague").jobs
    assert first.definition.execution.env == {"PATH": "/usr/bin:/bin"}
    assert first.definition.execution.interpreter is None
    assert cron(first).timezone == "Europe/Prague"
    assert second.definition.execution.env == {
        "PATH": "/opt/bin:/bin",
        "HOME": "/srv",
        "LANG": "C",
    }
    assert second.definition.execution.interpreter == "/bin/bash"
    assert second.definition.execution.cwd == "/srv"
    assert cron(second).timezone == "Asia/Tokyo"


def test_what_cannot_be_carried_over_is_said_with_its_line() -> None:
    text = (
        "MAILTO=ops@example.org\n"
        "@reboot /opt/start\n"
        "0 0 */2 * mon odd-mondays\n"
        "0~30 1 * * * random\n"
        "0 25 * * * wrong\n"
        "5 4 * *\n"
        "CRON_TZ=Mars/Olympus\n"
        "RANDOM_DELAY=30\n"
    )
    result = import_text(text, timezone="UTC")
    assert [line for line, _ in result.not_carried] == [1, 2, 3, 4, 5, 6, 7, 8]
    said = dict(result.not_carried)
    assert "nothing is mailed" in said[1]
    assert "tocsin job run start" in said[2]
    assert "both day fields" in said[3]
    assert "random time" in said[4]
    assert "cron would refuse this line" in said[5]
    assert "not understood" in said[6]
    assert "no time zone is named 'Mars/Olympus'" in said[7]
    assert [job.definition.name for job in result.jobs] == ["start", "odd-mondays"]
    assert not any(job.definition.active for job in result.jobs)  # kept for review, and not run


def test_every_line_ends_in_exactly_one_of_the_lists_or_says_nothing() -> None:
    lines = ["", "# comment", "A=b", "* * * * * x", "nonsense", "MAILTO=", "@hourly y", "* * *"]
    result = import_text("\n".join([*lines, ""]), timezone="UTC")
    told = [job.line for job in result.jobs]
    told += [line for line, _ in result.not_carried]
    assert sorted(told) == [4, 5, 7, 8]
    assert [line for line, _ in result.notes] == [6]


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("echo 100\\%", "100%\n"),
        ("cat%one%two", "one\ntwo\n"),
        ("cat; echo done%in\\%put", "in%put\ndone\n"),
        ("cat%", "\n"),
        ("cat%END_OF_INPUT%$HOME `id`", "END_OF_INPUT\n$HOME `id`\n"),
    ],
)
def test_percent_signs_begin_the_input_as_in_cron(command: str, printed: str) -> None:
    code = the_one(import_text(f"* * * * * {command}\n", timezone="UTC")).definition.execution.code
    done = subprocess.run(["/bin/sh", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == printed


@pytest.mark.parametrize(
    ("source", "ours"),
    [
        ("*/60 * * * *", "0 * * * *"),
        ("0-59/60 * * * *", "0 * * * *"),
        ("1,59-2 * * * *", "1 * * * *"),
        ("1-5-7 * * * *", "1-5 * * * *"),
        ("*-5 * * * *", "* * * * *"),
        ("0 0 1-31 * mon", "0 0 * * *"),
        ("0 0 13 * 0-7", "0 0 * * *"),
        ("0 0 13 * fri", "0 0 13 * fri"),
        ("0 0 * */12 *", "0 0 * 1 *"),
        ("0 0 * * sun,7", "0 0 * * sun,7"),
    ],
)
def test_what_is_written_otherwise_is_noted_and_means_the_same(source: str, ours: str) -> None:
    result = import_text(f"{source} x\n", timezone="UTC")
    job = the_one(result)
    assert cron(job).expression == ours
    assert bool(result.notes) == (source != ours)
    assert proof_of(job).is_equal


def test_names_are_unique_and_come_from_the_commands() -> None:
    text = "\n".join(
        f"* * * * * {command}"
        for command in (
            "/opt/a.sh",
            "cd /tmp && /opt/a.sh",
            "nice -n 19 python3 /opt/report.py",
            "test -x /bin/x && x",
            "X=1 [ -d / ]",
        )
    )
    names = [job.definition.name for job in import_text(text, timezone="UTC").jobs]
    assert names == ["a", "a-2", "report", "x", "job"]


FIELDS = st.tuples(
    st.sampled_from(["*", "0", "*/15", "30", "7,37", "10-20/5", "59"]),
    st.sampled_from(["*", "2", "3", "1-4", "0", "*/2", "23", "2,3"]),
    st.sampled_from(["*", "1", "13", "28-31", "*/2", "1-31"]),
    st.sampled_from(["*", "3", "10", "mar-apr", "*/3"]),
    st.sampled_from(["*", "0", "7", "sun", "mon-fri", "5-7", "*/2", "0-7"]),
)
ZONES = st.sampled_from(
    ["UTC", "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "America/Santiago",
     "Asia/Tehran", "Africa/Casablanca", "Pacific/Chatham", "America/Havana"]
)  # fmt: skip


@given(FIELDS, ZONES)
@settings(max_examples=60, deadline=None)
@example(("30", "2", "*", "*", "*"), "Europe/Prague")
@example(("*/15", "2", "*", "*", "*"), "Europe/Prague")
@example(("0", "0", "*", "*", "*"), "America/Havana")
def test_the_next_year_of_any_line_is_the_same_instant_by_instant(
    fields: tuple[str, ...], zone: str
) -> None:
    result = import_text(f"{' '.join(fields)} x\n", timezone=zone)
    for job in result.jobs:
        assert job.rule is not None
        proof = prove(job.rule, job.definition, START, years=1)
        if job.definition.active:
            assert proof.differences == ()
        else:
            assert proof.reasons().keys() <= {
                "cron wants both day fields to match, and tocsin either of them"
            }


def test_a_difference_is_found_counted_and_given_its_reason() -> None:
    job = the_one(import_text("30 2 * * * x\n", timezone="Europe/Prague"))
    otherwise = replace(
        job.definition, schedule=replace(cron(job), dst_gap="skip", dst_overlap="both")
    )
    assert job.rule is not None
    proof = prove(job.rule, otherwise, START)
    assert proof.compared == 731 + 2  # the second 02:30 of both autumns
    assert [(each.at, each.in_source) for each in proof.differences] == [
        (local("2027-03-28T03:00:00", "Europe/Prague"), True),
        (local("2027-10-31T02:30:00", "Europe/Prague") + 3_600_000_000, False),
        (local("2028-03-26T03:00:00", "Europe/Prague"), True),
        (local("2028-10-29T02:30:00", "Europe/Prague") + 3_600_000_000, False),
    ]
    assert set(proof.reasons()) == {
        "the clocks change at that time, and the two treat it differently"
    }


def test_another_minute_is_found_at_every_instant_and_is_not_explained() -> None:
    job = the_one(import_text("0 5 * * * x\n", timezone="UTC"))
    otherwise = replace(job.definition, schedule=replace(cron(job), minute="1"))
    assert job.rule is not None
    proof = prove(job.rule, otherwise, START, years=1)
    assert proof.compared == proof.differing == 2 * 366
    assert proof.reasons() == {"not explained": 732}


def test_the_yaml_for_review_loads_to_the_same_jobs_and_says_everything() -> None:
    text = 'MAILTO=a@b\n17 * * * * cat%100\\%\n@reboot x # "y"\n'
    result = import_text(text, timezone="UTC")
    proofs = {job.definition.name: proof_of(job) for job in result.jobs if job.rule}
    written = as_yaml(result, proofs)
    loaded = read_definitions_text(written, timezone="UTC").definitions
    assert [replace(each, source="", source_line=0) for each in loaded] == result.definitions
    assert "# compared 17,532 due instants with the source's rule: none differs" in written
    assert "#   line 1: MAILTO=a@b: nothing is mailed" in written
    assert "# crontab, line 2: 17 * * * * cat%100" in written


@pytest.mark.parametrize(
    "text", ["", "61 * * * *", "* * * *", "*/0 * * * *", "a * * * *", "5/15 * * * *"]
)
def test_the_rule_refuses_what_cron_refuses(text: str) -> None:
    with pytest.raises(FieldError):
        CrontabRule(text, "UTC")


@given(st.text(st.characters(codec="utf-8"), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_imported_without_a_traceback(text: str) -> None:
    result = import_text(text, timezone="UTC", form="system")
    as_yaml(result)


@pytest.mark.parametrize("text", ["* 22-2 * * *", "59-0 * * * *", "1 0 * * sat-sun"])
def test_a_range_that_runs_backwards_names_nothing_and_the_line_is_refused(text: str) -> None:
    result = import_text(f"{text} x\n", timezone="UTC")
    assert result.jobs == []
    ((_, said),) = result.not_carried
    assert "never runs it" in said
    assert "runs backwards" in said


def test_marks_and_line_ends_of_other_systems_are_left_out_and_noted() -> None:
    result = import_text("\ufeffA=b\r\n0 1 * * * x\r\n0 2 * * * y", timezone="UTC")
    assert [job.definition.execution.code for job in result.jobs] == ["x\n", "y\n"]
    assert result.jobs[0].definition.execution.env["A"] == "b"
    told = " ".join(text for _, text in result.notes)
    assert all(word in told for word in ("byte order mark", "CR LF", "no newline"))


def test_a_variable_that_no_shell_knows_is_left_out_and_the_jobs_below_are_not() -> None:
    result = import_text('"Q NAME"=value\n0 1 * * * x\n', timezone="UTC")
    assert "Q NAME" not in the_one(result).definition.execution.env
    assert "'Q NAME' is no name" in result.not_carried[0][1]


def test_a_zone_of_the_crontab_is_noted_for_debians_cron_does_not_know_it() -> None:
    result = import_text("CRON_TZ=Asia/Tokyo\n0 1 * * * x\n", timezone="UTC")
    assert the_one(result).definition.schedule.timezone == "Asia/Tokyo"
    assert "runs them in UTC" in result.notes[0][1]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("cd / && run-parts --report /etc/cron.hourly", "cron-hourly"),
        ("test -x /usr/sbin/anacron || { cd / && run-parts /etc/cron.daily; }", "cron-daily"),
        ("[ -x /usr/lib/php/clean ] && if [ ! -d /run/x ]; then /usr/lib/php/clean; fi", "clean"),
        ("command -v debian-sa1 > /dev/null && debian-sa1 1 1", "debian-sa1"),
        ("test -x /srv/backup.sh", "backup"),
        ("cd /srv; nice ./report.py --all", "report"),
    ],
)
def test_a_job_is_called_what_its_command_does(command: str, name: str) -> None:
    (job,) = import_text(f"0 1 * * * {command}\n").jobs
    assert job.definition.name == name


def test_a_crontab_of_the_system_that_is_read_as_a_users_is_doubted() -> None:
    result = import_text("0 1 * * *\troot\t/sbin/scrub\n")
    assert "'root' is a user of this machine" in result.notes[0][1]
    assert "0 1 * * * root /sbin/scrub\n" in as_yaml(result)
    assert import_text("0 1 * * * mail\n0 1 * * * env root\n").notes == []
