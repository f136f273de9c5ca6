"""Whatever a crontab or a unit holds, an import ends without a traceback, and its jobs load."""

from contextlib import suppress

from hypothesis import given, settings, strategies as st
from msgspec.structs import replace

from engine.definitions.importers.calendar_cron import NoScheduleError, schedule_of
from engine.definitions.importers.calendar_spec import SpecError, parse
from engine.definitions.importers.crontab import import_text
from engine.definitions.importers.result import ImportResult
from engine.definitions.importers.systemd import import_units
from engine.definitions.importers.units import unit_of_text
from engine.definitions.importers.writing import as_yaml
from engine.definitions.reader import read_definitions_text
from engine.domain.job import Definition, Execution

field = st.text("0123456789*/,-~²٣adefimnrstu@", min_size=1, max_size=6) | st.sampled_from(
    ["*", "*/5", "1-5", "mon", "@daily", "@reboot", "99999999999", "*/0", "-1"]
)
word = st.sampled_from(
    [
        "root",
        "nobody",
        "%",
        "\\%",
        "'",
        '"',
        "$(id)",
        "cmd",
        "/bin/x.sh",
        "&&",
        "é",
        "\x1b",
        "\x85",
        "#",
    ]
)
setting = st.builds(
    lambda name, value: f"{name}={value}",
    st.sampled_from(
        ["A", "CRON_TZ", "TZ", "SHELL", "MAILTO", "HOME", '"Q"', "PATH", "RANDOM_DELAY"]
    ),
    st.text(max_size=12),
)
line = st.lists(field | word, max_size=9).map(" ".join) | setting | st.text(max_size=30)
key = st.sampled_from(
    ["OnCalendar", "OnUnitActiveSec", "OnBootSec", "Persistent", "Unit", "AccuracySec", "ExecStart",
     "ExecStartPre", "User", "WorkingDirectory", "Environment", "LimitNOFILE", "LimitAS", "Type",
     "TimeoutStartSec", "RuntimeMaxSec", "Description", "Nice", "[Timer]", "[Service]"]
)  # fmt: skip
value = st.text(max_size=20) | st.sampled_from(
    [
        "daily",
        "Mon..Fri 10:00",
        "*:0/5",
        "1h",
        "/bin/true 'a b' ${X} %n %%",
        "a\\",
        "64:128",
        "99999G",
    ]
)
unit = st.lists(st.builds(lambda name, text: f"{name}={text}", key, value), max_size=12).map(
    "\n".join
)


def loads(result: ImportResult) -> None:
    """Check that what is written for review loads to the same jobs, whoever they run as."""
    result.jobs = [
        replace(job, definition=replace(job.definition, execution=no_user(job.definition)))
        for job in result.jobs
    ]
    definitions = read_definitions_text(as_yaml(result), timezone="UTC").definitions
    assert [replace(each, source="", source_line=0) for each in definitions] == result.definitions


def no_user(definition: Definition) -> Execution:
    return replace(definition.execution, user=None)


@given(st.lists(line, max_size=8).map("\n".join), st.sampled_from(["user", "system"]))
@settings(max_examples=400, deadline=None)
def test_any_crontab(text: str, form: str) -> None:
    result = import_text(text, form="system" if form == "system" else "user", timezone="UTC")
    loads(result)


@given(unit, unit)
@settings(max_examples=300, deadline=None)
def test_any_units(timer: str, service: str) -> None:
    units = [
        unit_of_text("a.timer", f"[Timer]\nOnCalendar=daily\n{timer}"),
        unit_of_text("a.service", f"[Service]\nExecStart=/bin/true\n{service}"),
    ]
    loads(import_units(units, timezone="UTC", form="user"))


@given(st.text("0123456789*/,.-~: MonTueWdFriUTCdaily²@", max_size=30))
@settings(max_examples=1000, deadline=None)
def test_any_calendar_event(text: str) -> None:
    with suppress(SpecError, NoScheduleError):
        schedule_of(parse(text), "Europe/Prague")
