"""The forms that change when a job runs: schedule, expiry, trigger; checked as they are typed."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import get_args

from app.actions.jobs import one_job
from app.actions.registry import Action, Danger
from app.actions.scene import Console, Scene
from app.overlays.form import Form, FormField, Preview, Values
from app.presentation.instants import ahead, full_time, zone_named
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.store.query_values import parse_duration, parse_moment
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.clock import SECOND, Instant
from engine.domain.schedule import DstGap, DstOverlap, RecurringSchedule, Schedule
from engine.errors import CronError, TocsinError

_PANES = ("jobs", "groups", "schedule")
_SHOWN = 10
_CHANGES = 2


def form_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("jobs.schedule", "Schedule", "Change the schedule", _schedule, ("S",), _PANES,
                 Danger.REVERSIBLE, refusal=one_job, verbs=("reschedule",), on="job",
                 takes="NAME [CRON | SECONDS]")  # fmt: skip
    yield Action("jobs.expiry", "Expiry", "Change the expiry date", _expiry, (), _PANES,
                 Danger.REVERSIBLE, refusal=one_job, verbs=("expire",), on="job",
                 takes="NAME [DATE | never]")  # fmt: skip
    yield Action("jobs.trigger", "Trigger", "Run once earlier than the schedule", _trigger, (),
                 _PANES, Danger.REVERSIBLE, refusal=_why_not_trigger, verbs=("trigger",), on="job",
                 takes="NAME [WHEN]")  # fmt: skip


# -- schedule -------------------------------------------------------------------------------------


def read_schedule(text: str, zone_name: str, gap: str, overlap: str) -> Schedule:
    """Return five cron fields, a macro, or a number of seconds (`30s`, `10m`) as a schedule.

    Raises:
        CronError, ScheduleError: the engine's own refusal.
    """
    from engine.domain.schedule.cron import parse_cron
    from engine.domain.schedule.recurring import check_recurring

    plain = text.removeprefix("every").strip()
    if not text.startswith("@") and " " not in plain:
        seconds = parse_duration(plain)
        if seconds is not None:
            whole = int(seconds)
            return check_recurring(whole if whole == seconds else seconds, zone_name)
    return parse_cron(text, zone_name, gap, overlap)


def schedule_preview(values: Mapping[str, str], now: Instant) -> Preview:
    """Return a schedule in words, its next instants and the clock changes that touch it."""
    from engine.domain.schedule.clock_changes import clock_changes
    from engine.domain.schedule.describe import describe
    from engine.domain.schedule.planner import planner_for

    try:
        schedule = read_schedule(
            values["schedule"], values["zone"], values.get("gap", ""), values.get("overlap", "")
        )
        planner = planner_for(schedule, now)
    except CronError as error:
        where = f" (character {error.position})" if error.position else ""
        return Preview(problem=f"{error.message}{where}", problem_field="schedule")
    except TocsinError as error:
        field = "zone" if "zone" in error.message else "schedule"
        return Preview(problem=error.message, problem_field=field)
    zone = zone_named(schedule.timezone)
    lines: list[Line] = [[Piece(safe(describe(schedule)), "title")], []]
    dues: list[Instant] = []
    at: Instant | None = now
    while at is not None and len(dues) < _SHOWN:
        at = planner.next_after(at)
        if at is not None:
            dues.append(at)
    changes = clock_changes(schedule, now, _CHANGES)
    touched = {due for change in changes for due in change.due}
    for due in dues:
        note = own("  clock change", "warning") if due in touched else own("")
        lines.append(
            [
                Piece(full_time(due, zone)),
                Piece(SafeText(f"  {ahead(due, now, wide=True)}"), "muted"),
                note,
            ]
        )
    if changes:
        lines += [[], [own("clock changes that touch it", "title")]]
        lines += [
            [Piece(safe(change.local)), Piece(safe(f"  {change.effect}"), "warning")]
            for change in changes
        ]
    return Preview(lines)


def _schedule(scene: Scene) -> None:
    console = scene.console
    row = scene.jobs[0]
    before = _schedule_of(row.schedule, row.timezone)

    def submit(values: Values) -> None:
        schedule = read_schedule(
            values["schedule"], values["zone"], values["gap"], values["overlap"]
        )
        _set_schedule(console, row.name, schedule, before)

    text = scene.argument or row.schedule.removeprefix("every ")
    fields = [
        FormField("schedule", "Schedule", text,
                  help="five cron fields, @daily and its kind, or every n seconds: 30s, 10m"),
        FormField("zone", "Time zone", row.timezone, help="an IANA name: Europe/Prague, UTC"),
        FormField("gap", "In a gap", "after", choices=get_args(DstGap),
                  help="what a local time does that the clock skips; arrow keys choose"),
        FormField("overlap", "In an overlap", "first", choices=get_args(DstOverlap),
                  help="which of two equal local times it runs at; arrow keys choose"),
    ]  # fmt: skip
    console.open(
        Form(
            f"Schedule of {row.name}",
            fields,
            submit,
            preview=lambda values: schedule_preview(values, console.clock.now()),
            verb="set the schedule",
            height=22,
        )
    )


def _schedule_of(text: str, zone_name: str) -> Schedule | None:
    try:
        return read_schedule(text, zone_name, "after", "first")
    except TocsinError:
        return None


def _set_schedule(console: Console, name: str, schedule: Schedule, before: Schedule | None) -> None:
    from engine.domain.schedule.describe import describe

    words = describe(schedule)
    if isinstance(schedule, RecurringSchedule):
        words = f"{words}, from now on"

    def done(_: None) -> None:
        if before is not None:
            old = before
            console.can_undo(
                f"schedule of {name}",
                lambda: console.request(
                    lambda desk: desk.set_schedule(name, old),
                    lambda _: console.say(f"{name} has its old schedule again", "success"),
                ),
            )
        console.say(f"{name} now runs {words}", "success")

    console.request(lambda desk: desk.set_schedule(name, schedule), done, about="schedule")


# -- expiry ---------------------------------------------------------------------------------------


def read_expiry(text: str, now: Instant, zone: tzinfo) -> Instant | None:
    """Return a date or time as an instant; None for `never`.

    Raises:
        ValueError: it is neither.
    """
    if text.strip().lower() in {"never", ""}:
        return None
    seconds = parse_duration(text)
    if seconds is not None:
        return now + round(seconds * SECOND)
    moment = parse_moment(text, now, zone, "after")
    if moment is None:
        raise ValueError(f"{text} is no date: try 2027-12-31, 30d or never")
    return moment


def _expiry(scene: Scene) -> None:
    console = scene.console
    row = scene.jobs[0]

    def preview(values: Values) -> Preview:
        now = console.clock.now()
        try:
            expiry = read_expiry(values["expiry"], now, console.zone)
        except ValueError as error:
            return Preview(problem=str(error))
        if expiry is None:
            return Preview([[own("it never expires")]])
        passed = [own("  it would be expired at once", "warning")] if expiry <= now else []
        return Preview([[Piece(full_time(expiry, console.zone)), *passed]])

    def submit(values: Values) -> None:
        expiry = read_expiry(values["expiry"], console.clock.now(), console.zone)
        before = row.expiry_date

        def done(_: None) -> None:
            console.can_undo(
                f"expiry of {row.name}",
                lambda: console.request(
                    lambda desk: desk.set_expiry(row.name, before),
                    lambda _: console.say(f"{row.name} expires as before", "success"),
                ),
            )
            until = full_time(expiry, console.zone) if expiry is not None else "never"
            console.say(f"{row.name} expires {until}", "success")

        console.request(lambda desk: desk.set_expiry(row.name, expiry), done)

    given = scene.argument or (
        full_time(row.expiry_date, console.zone)[:19] if row.expiry_date else "never"
    )
    field = FormField("expiry", "Expires", given, help="a date, a time, 30d, or never")
    console.open(Form(f"Expiry of {row.name}", [field], submit, preview=preview, height=8))


# -- trigger --------------------------------------------------------------------------------------


def _why_not_trigger(scene: Scene) -> str:
    return one_job(scene) or scene.jobs[0].schedule_refusal


def read_trigger(text: str, now: Instant, zone: tzinfo) -> Instant | None:
    """Return when to run; None for `none`.

    Raises:
        ValueError: it is no time.
    """
    if text.strip().lower() == "none":
        return None
    seconds = parse_duration(text.removeprefix("in").strip())
    if seconds is not None:
        return now + round(seconds * SECOND)
    moment = parse_moment(text, now, zone, "after")
    if moment is None:
        raise ValueError(f"{text} is no time: try 10m, 14:30 or none")
    return moment


def _trigger(scene: Scene) -> None:
    console = scene.console
    row = scene.jobs[0]

    def read(text: str) -> Instant | None:
        return read_trigger(text, console.clock.now(), console.zone)

    def preview(values: Values) -> Preview:
        now = console.clock.now()
        try:
            at = read(values["at"])
        except ValueError as error:
            return Preview(problem=str(error))
        if at is None:
            return Preview([[own("no trigger: the schedule alone")]])
        if at <= now or (row.next_at is not None and at >= row.next_at):
            late = full_time(row.next_at, console.zone)
            return Preview(problem=f"a trigger lies between now and the next run ({late})")
        return Preview([[Piece(full_time(at, console.zone))]])

    def submit(values: Values) -> None:
        at = read(values["at"])

        def done(_: None) -> None:
            when = "has no trigger" if at is None else f"runs at {full_time(at, console.zone)}"
            console.say(f"{row.name} {when}", "success")

        console.request(lambda desk: desk.set_trigger(row.name, at), done)

    field = FormField("at", "Run at", scene.argument, help="10m, 14:30, a date and time, or none")
    console.open(Form(f"Trigger of {row.name}", [field], submit, preview=preview, height=8))
