"""Crontabs → definitions: those of users, /etc/crontab and /etc/cron.d, after crontab(5).

Each line is carried over, noted, or refused with the reason; none is dropped.
"""

import pwd
import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from engine.definitions.importers.crontab_command import code_of, home_of, looks_like_user
from engine.definitions.importers.crontab_file import MARK, Form, oddities
from engine.definitions.importers.crontab_grammar import (
    in_our_grammar,
    names_nothing,
    wants_both_days,
)
from engine.definitions.importers.crontab_rule import CrontabRule, FieldError
from engine.definitions.importers.naming import Names, name_of_command
from engine.definitions.importers.result import ImportedJob, ImportResult
from engine.domain.job import Definition, Execution
from engine.domain.schedule import CronSchedule
from engine.domain.schedule.cron import parse_cron
from engine.errors import CronError
from engine.zones import default_timezone, zone_fault

_SETTING: Final = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|(\w+))\s*=\s*(.*?)\s*\Z""")
_PATH: Final = "/usr/bin:/bin"  # what cron gives to its jobs
_NOT_MAILED: Final = "nothing is mailed"
_AT_ONCE: Final = "jobs start at their instant, without delay"
_WITHOUT_COUNTERPART: Final[Mapping[str, str]] = {
    "MAILTO": f"{_NOT_MAILED}. A job's output is in its log (`tocsin log NAME`), and a failure "
    "raises an alert (`tocsin alert list`)",
    "MAILFROM": _NOT_MAILED,
    "CONTENT_TYPE": _NOT_MAILED,
    "CONTENT_TRANSFER_ENCODING": _NOT_MAILED,
    "LOGNAME": _NOT_MAILED,
    "RANDOM_DELAY": _AT_ONCE,
    "START_HOURS_RANGE": _AT_ONCE,
}
_VARIABLE: Final = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)


class _Settings(Struct):
    """The environment lines so far: each job has those above it."""

    variables: dict[str, str] = field(default_factory=dict)
    timezone: str = ""  # CRON_TZ
    shell: str = "/bin/sh"
    home: str = ""


def import_texts(
    texts: Mapping[str, str], *, form: Form = "system", timezone: str = ""
) -> ImportResult:
    """Return the definitions that several crontabs, by their names, amount to together."""
    names, whole = Names(), ImportResult()
    for source, text in texts.items():
        found = import_text(text, form=form, timezone=timezone, source=source, names=names)
        whole.jobs += found.jobs
        whole.notes += [(line, f"{source}: {said}") for line, said in found.notes]
        whole.not_carried += [(line, f"{source}: {said}") for line, said in found.not_carried]
    return whole


def import_text(
    text: str,
    *,
    form: Form = "user",
    timezone: str = "",
    source: str = "crontab",
    names: Names | None = None,
) -> ImportResult:
    """Return the definitions that a crontab amounts to.

    Args:
        text: the crontab.
        form: `system` where the sixth field is the user (/etc/crontab, /etc/cron.d).
        timezone: IANA name of the zone that cron works in; "" is the machine's.
        source: the crontab's name, for the descriptions of the jobs.
        names: those that were given already; None: none were.
    """
    importer = _Importer(form, default_timezone(timezone), source, names or Names())
    lines = text.removeprefix(MARK).split("\n")
    for number, said in oddities(text, lines):
        importer.result.note(number, said)
    for number, line in enumerate(lines, 1):
        importer.take(number, line)
    return importer.result


class _Importer:
    def __init__(self, form: Form, timezone: str, source: str, names: Names) -> None:
        self.result = ImportResult()
        self._form = form
        self._timezone = timezone
        self._source = source
        self._settings = _Settings()
        self._names = names

    def take(self, number: int, line: str) -> None:
        """Carry one line over, or say why not."""
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            return
        if "\0" in line:
            self.result.refuse(number, "the line holds a NUL")
            return
        if match := _SETTING.match(line):
            self._set(number, match[1] or match[2] or match[3], _unquoted(match[4]))
            return
        self._job(number, stripped)

    def _set(self, number: int, name: str, value: str) -> None:
        settings = self._settings
        if name == "CRON_TZ":
            self._set_zone(number, value)
        elif name == "SHELL":
            settings.shell = value
        elif name == "HOME":
            settings.home = value
            settings.variables[name] = value
        elif name == "MAILTO" and not value:
            said = 'MAILTO="": nothing is mailed here either; output is in the job\'s log'
            self.result.note(number, said)
        elif name in _WITHOUT_COUNTERPART:
            self.result.refuse(number, f"{name}={value}: {_WITHOUT_COUNTERPART[name]}")
        elif not _VARIABLE.match(name):
            self.result.refuse(number, f"'{name}' is no name that a shell knows: it is left out")
        else:
            settings.variables[name] = value
            if name == "TZ":
                said = f"TZ={value} is the commands' zone; their schedule keeps {self._zone}"
                self.result.note(number, said)

    def _set_zone(self, number: int, value: str) -> None:
        if fault := zone_fault(value):
            self.result.refuse(number, f"CRON_TZ: {fault}; the lines below keep {self._zone}")
            return
        self._settings.timezone = value
        self.result.note(
            number,
            f"CRON_TZ={value}: the lines below are in this zone, as cronie has it; Debian's own "
            f"cron knows no CRON_TZ, and runs them in {self._timezone}",
        )

    @property
    def _zone(self) -> str:
        return self._settings.timezone or self._timezone

    def _job(self, number: int, line: str) -> None:
        parts = self._split(line)
        if parts is None:
            what = (
                "schedule, user and command" if self._form == "system" else "schedule and command"
            )
            self.result.refuse(number, f"not understood; a line is {what}: {line}")
            return
        when, user, command = parts
        self._doubt_form(number, command)
        if when.startswith("-"):
            when = when[1:]
            self.result.note(number, "the '-' that keeps cron from logging has no counterpart")
        code = code_of(command)
        if "~" in when:
            self.result.refuse(number, f"'{when}': a random time (~) has no counterpart: {line}")
            return
        if when.lower() == "@reboot":
            self._reboot(number, line, user, code)
            return
        try:
            rule = CrontabRule(when, self._zone)
        except FieldError as error:
            self.result.refuse(number, f"cron would refuse this line ({error}): {line}")
            return
        if nothing := names_nothing(when):
            self.result.refuse(
                number,
                f"cron takes this line and never runs it: '{nothing}' runs backwards, and names "
                f"nothing: {line}",
            )
            return
        rewritten, said = in_our_grammar(when)
        try:
            schedule = parse_cron(rewritten, self._zone)
        except CronError as error:
            self.result.refuse(number, f"{error} The line was: {line}")
            return
        for each in said:
            self.result.note(number, each)
        both = wants_both_days(when)
        definition = self._definition(number, command, user, code, schedule, active=not both)
        self.result.add(ImportedJob(definition, number, line, rule, self._source))
        if both:
            self.result.refuse(
                number,
                f"'{when}': cron takes days that match both day fields, tocsin days that match "
                f"either. Job '{definition.name}' is made inactive: give it days that say it",
            )

    def _doubt_form(self, number: int, command: str) -> None:
        """Note a command of a user's crontab that begins with a user, as the system's lines do."""
        if self._form == "user" and looks_like_user(command):
            name = command.split(maxsplit=1)[0]
            said = f"'{name}' is a user of this machine: --system reads the sixth field as the user"
            self.result.note(number, said)

    def _split(self, line: str) -> tuple[str, str, str] | None:
        """Return schedule, user ("" in a user's crontab) and command."""
        fields = 1 if line.startswith("@") else 5
        wanted = fields + (2 if self._form == "system" else 1)
        parts = line.split(None, wanted - 1)
        if len(parts) < wanted:
            return None
        user = parts[fields] if self._form == "system" else ""
        return " ".join(parts[:fields]), user, parts[-1]

    def _reboot(self, number: int, line: str, user: str, code: str) -> None:
        schedule = parse_cron("@yearly", self._zone)
        definition = self._definition(number, code, user, code, schedule, active=False)
        self.result.add(ImportedJob(definition, number, line, None, self._source))
        self.result.refuse(
            number,
            f"@reboot: no schedule names the start of the machine. Job '{definition.name}' is "
            "made inactive; the engine's unit can run it: "
            f"ExecStartPost=tocsin job run {definition.name}",
        )

    def _definition(
        self,
        number: int,
        command: str,
        user: str,
        code: str,
        schedule: CronSchedule,
        *,
        active: bool = True,
    ) -> Definition:
        self._warn_of_user(number, user)
        shell = self._settings.shell
        return Definition(
            name=self._names.unique(name_of_command(command)),
            schedule=schedule,
            description=f"From {self._source}, line {number}",
            run_skipped=False,  # cron has no memory of what it missed
            active=active,
            tags={"imported-from": "crontab"},
            execution=Execution(
                lang="shell",
                code=code,
                interpreter=None if shell == "/bin/sh" else shell,
                env=self._environment(),
                cwd=self._settings.home or home_of(user),
                user=user or None,
            ),
        )

    def _environment(self) -> Mapping[str, str]:
        return {"PATH": _PATH, **self._settings.variables}

    def _warn_of_user(self, number: int, user: str) -> None:
        if not user:
            return
        try:
            pwd.getpwnam(user)
        except KeyError:
            self.result.note(
                number,
                f"this machine has no user '{user}': the definition loads where there is one",
            )


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
