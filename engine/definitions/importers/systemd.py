"""systemd's timers and their services → definitions, after systemd.timer(5) and systemd.service(5).

Every setting of a timer or service is carried over, noted, or refused with the reason; none is
dropped.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from engine.definitions.importers.calendar_cron import NoScheduleError, schedule_of
from engine.definitions.importers.calendar_rule import CalendarRule, IntervalRule
from engine.definitions.importers.calendar_spec import SpecError, parse
from engine.definitions.importers.command_line import CommandError, specified
from engine.definitions.importers.naming import Names
from engine.definitions.importers.result import ImportedJob, ImportResult, SourceRule
from engine.definitions.importers.services import ServiceReader, specifiers_of
from engine.definitions.importers.timespans import seconds_of
from engine.definitions.importers.units import Entry, Unit, read_unit
from engine.domain.job import Definition
from engine.domain.schedule import LONGEST_RECURRING, RecurringSchedule, Schedule
from engine.zones import default_timezone

Form = Literal["user", "system"]

_ONCE: Final = ("OnActiveSec", "OnBootSec", "OnStartupSec")
_REPEATED: Final = ("OnUnitActiveSec", "OnUnitInactiveSec")
_TRUE: Final = {"1", "yes", "y", "true", "t", "on"}
_HAVE_NO_COUNTERPART: Final = {
    "RandomizedDelaySec": "jobs start at their due instant; give each its own minute instead",
    "FixedRandomDelay": "jobs start at their due instant",
    "WakeSystem": "a machine that sleeps is not woken",
    "OnClockChange": "a schedule follows the clock by itself",
    "OnTimezoneChange": "a schedule has its own zone",
    "RemainAfterElapse": "it is about the timer unit itself",
}


class _Trigger(Struct, frozen=True):
    """One thing that elapses."""

    entry: Entry
    schedule: Schedule
    rule: SourceRule


def import_folder(folder: Path, *, timezone: str = "", form: Form | None = None) -> ImportResult:
    """Return the definitions that the timers in a folder of units amount to.

    Args:
        folder: with `*.timer` and `*.service` files and their drop-ins.
        timezone: IANA name of the zone that systemd works in; "" is the machine's.
        form: `system` where services run as root unless they say otherwise; None: by the folder.
    """
    units = [
        read_unit(path)
        for path in sorted(folder.iterdir())
        if path.suffix in {".timer", ".service"} and path.is_file()
    ]
    where = form or ("user" if "user" in folder.parts[-2:] else "system")
    return import_units(units, timezone=timezone, form=where)


def import_units(
    units: Iterable[Unit], *, timezone: str = "", form: Form = "system"
) -> ImportResult:
    """Return the definitions that timers, and the services that they start, amount to."""
    by_name = {unit.name: unit for unit in units}
    importer = _Importer(by_name, default_timezone(timezone), form)
    for name in sorted(by_name):
        if name.endswith(".timer"):
            importer.take(by_name[name])
    return importer.result


class _Importer:
    def __init__(self, units: dict[str, Unit], timezone: str, form: Form) -> None:
        self.result = ImportResult()
        self._units = units
        self._timezone = timezone
        self._form = form
        self._names = Names()

    def take(self, timer: Unit) -> None:
        """Carry one timer over, or say why not."""
        for line, text in timer.problems:
            self.result.refuse(line, text)
        if timer.stem.endswith("@"):
            self.result.refuse(
                1, f"{timer.name}: a template; each of its instances is a job of its own"
            )
            return
        service = self._service(timer)
        if service is None:
            return
        self._say_settings(timer)
        triggers = self._triggers(timer)
        if not triggers:
            self.result.refuse(1, f"{timer.name}: nothing in it that a schedule can say")
            return
        reader = ServiceReader(service, self.result, as_root=self._form == "system")
        execution = reader.execution()
        if execution is None:
            return
        persistent = timer.last("Timer", "Persistent")
        description = self._description(timer) or self._description(service)
        for trigger in triggers:
            definition = Definition(
                name=self._names.unique(timer.stem),
                schedule=trigger.schedule,
                description=description or f"From {timer.name}",
                run_skipped=persistent is not None and persistent.value.lower() in _TRUE,
                tags={"imported-from": "systemd"},
                execution=execution,
            )
            text = f"{trigger.entry.key}={trigger.entry.value}"
            self.result.add(
                ImportedJob(definition, trigger.entry.line, text, trigger.rule, timer.name)
            )

    def _service(self, timer: Unit) -> Unit | None:
        named = timer.last("Timer", "Unit")
        try:
            name = self._specified(timer, named) or f"{timer.stem}.service"
        except CommandError as error:
            self.result.refuse(named.line if named else 1, f"{timer.name}: Unit: {error}")
            return None
        if name not in self._units:
            line = named.line if named else 1
            self.result.refuse(line, f"{timer.name}: it starts {name}, which is not in this folder")
            return None
        service = self._units[name]
        for line, text in service.problems:
            self.result.refuse(line, text)
        return service

    def _description(self, unit: Unit) -> str:
        entry = unit.last("Unit", "Description")
        try:
            return self._specified(unit, entry)
        except CommandError as error:
            text = entry.value if entry else ""
            self.result.note(entry.line if entry else 1, f"{unit.name}: {text}: {error}")
            return text

    def _specified(self, unit: Unit, entry: Entry | None) -> str:
        """Return a value with what its specifiers stand for; "": there is no entry.

        Raises:
            CommandError: one of them is not known.
        """
        if entry is None:
            return ""
        return specified(entry.value, specifiers_of(unit, as_root=self._form == "system"))

    def _triggers(self, timer: Unit) -> list[_Trigger]:
        found = [self._calendar(entry) for entry in timer.all("Timer", "OnCalendar")]
        repeated = timer.all("Timer", *_REPEATED)
        found += [self._interval(entry) for entry in repeated]
        for entry in timer.all("Timer", *_ONCE):
            text = f"{entry.file}: {entry.key}={entry.value}: "
            if repeated:
                text += "the first run is one interval after the engine first schedules the job"
                self.result.note(entry.line, text)
            else:
                text += "no schedule names the start of the machine or of a unit"
                self.result.refuse(entry.line, text)
        triggers = [trigger for trigger in found if trigger is not None]
        if repeated and len(triggers) > 1:
            self.result.note(
                repeated[0].line,
                f"{timer.name}: systemd counts {repeated[0].key} from every start of the unit, "
                "whichever line caused it; each line is a job of its own here, and counts alone",
            )
        return triggers

    def _calendar(self, entry: Entry) -> _Trigger | None:
        where = f"{entry.file}: {entry.key}={entry.value}"
        try:
            spec = parse(entry.value)
        except SpecError as error:
            self.result.refuse(entry.line, f"{where}: {error}")
            return None
        try:
            schedule, said = schedule_of(spec, self._timezone)
        except NoScheduleError as error:
            self.result.refuse(entry.line, f"{where}: {error}")
            return None
        if said:
            self.result.note(entry.line, f"{where}: {said}")
        rule = CalendarRule(spec, spec.timezone or self._timezone)
        return _Trigger(entry, schedule, rule)

    def _interval(self, entry: Entry) -> _Trigger | None:
        where = f"{entry.file}: {entry.key}={entry.value}"
        try:
            seconds = seconds_of(entry.value)
        except ValueError as error:
            self.result.refuse(entry.line, f"{where}: {error}")
            return None
        if seconds != int(seconds) or not 1 <= seconds <= LONGEST_RECURRING:
            self.result.refuse(
                entry.line, f"{where}: a schedule has 1 to {LONGEST_RECURRING} whole seconds"
            )
            return None
        if entry.key == "OnUnitInactiveSec":
            self.result.note(
                entry.line, f"{where}: counted from the start of a run here, and not from its end"
            )
        schedule = RecurringSchedule(int(seconds), self._timezone)
        return _Trigger(entry, schedule, IntervalRule(int(seconds)))

    def _say_settings(self, timer: Unit) -> None:
        """Note or refuse what is neither a trigger nor carried over."""
        known = {"OnCalendar", "Persistent", "Unit", *_ONCE, *_REPEATED}
        for entry in timer.entries:
            where = f"{entry.file}: {entry.key}={entry.value}"
            if entry.section == "Timer" and entry.key == "AccuracySec":
                self.result.note(entry.line, f"{where}: jobs start within milliseconds")
            elif entry.section == "Timer" and entry.key not in known:
                why = _HAVE_NO_COUNTERPART.get(entry.key, "it has no counterpart")
                self.result.refuse(entry.line, f"{where}: {why}")
            elif entry.section == "Install":
                self.result.note(entry.line, f"{where}: a job that is loaded is active")
            elif entry.section == "Unit" and entry.key == "Documentation":
                self.result.note(entry.line, f"{where}: not kept")
            elif entry.section == "Unit" and entry.key != "Description":
                self.result.refuse(
                    entry.line, f"{where}: a job does not depend on units, nor on conditions"
                )
