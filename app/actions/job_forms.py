"""The forms that change when a job runs: schedule, expiry, trigger; checked as they are typed."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import get_args

from app.actions.jobs import one_job
from app.actions.registry import Action, Danger
from app.actions.scene import Console, Scene
from app.overlays.form import Form, FormField, Preview, Values
from app.presentation.instants import full_time, zone_named
from app.presentation.pieces import Piece
from app.sanitize import safe
from app.store.model import JobRow
from app.store.query_values import parse_duration, parse_moment
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.clock import SECOND, Instant
from engine.domain.schedule import DstGap, DstOverlap, RecurringSchedule, Schedule
from engine.errors import TocsinError

_PANES = ("jobs", "groups", "schedule")


def form_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("jobs.schedule", "Schedule", "Change the schedule", _schedule, ("S",), _PANES,
                 Danger.REVERSIBLE, refusal=one_job, verbs=("reschedule",), on="job",
                 takes="NAME [CRON | SECONDS]", asks_itself=True)  # fmt: skip
    yield Action("jobs.expiry", "Expiry", "Change the expiry date", _expiry, (), _PANES,
                 Danger.REVERSIBLE, refusal=one_job, verbs=("expire",), on="job",
                 takes="NAME [DATE | never]", asks_itself=True)  # fmt: skip
    yield Action("jobs.trigger", "Trigger", "Run once earlier than the schedule", _trigger, (),
                 _PANES, Danger.REVERSIBLE, refusal=_why_not_trigger, verbs=("trigger",), on="job",
                 takes="NAME [WHEN]", asks_itself=True)  # fmt: skip


def _by_now(console: Console, row: JobRow) -> JobRow:
    """Return the row as it is by now: a form may be open for long, and others change the job."""
    return console.store.jobs.get(row.jobid, row)


# -- schedule -------------------------------------------------------------------------------------


def schedule_preview(
    values: Mapping[str, str], now: Instant, viewer: tzinfo | None = None
) -> Preview:
    """Return a schedule in words, its next instants and the clock changes that touch it.

    With a `viewer` zone other than the job's, its times stand beside the job's.
    """
    from app.presentation.schedules import preview

    shown = preview(
        values["schedule"],
        now,
        timezone=values["zone"],
        dst_gap=values["gap"],
        dst_overlap=values["overlap"],
        viewer=viewer,
    )
    if shown.schedule is None:
        where = "" if shown.position is None else f" (character {shown.position + 1})"
        field = "zone" if "zone" in shown.problem else "schedule"
        return Preview(problem=f"{shown.problem}{where}", problem_field=field)
    lines: list[Line] = [[Piece(shown.words, "title")], []]
    lines += [
        [Piece(due.text), Piece(safe(f"  {due.note}" if due.note else ""), "warning")]
        for due in shown.due
    ]
    if shown.changes:
        lines += [[], [own("clock changes that touch it", "title")]]
        lines += [[Piece(change, "warning")] for change in shown.changes]
    return Preview(lines)


def _schedule(scene: Scene) -> None:
    from app.presentation.schedules import read_schedule

    console = scene.console
    row = scene.jobs[0]

    def submit(values: Values) -> None:
        schedule = read_schedule(
            values["schedule"], values["zone"], values["gap"], values["overlap"]
        )
        _set_schedule(console, _by_now(console, row), schedule)

    text = scene.argument or row.schedule.removeprefix("every ")
    fields = [
        FormField("schedule", "Schedule", text,
                  help="five cron fields, @daily and its kind, or every n seconds: 30s, 10m"),
        FormField("zone", "Time zone", row.timezone, help="an IANA name: Europe/Prague, UTC"),
        FormField("gap", "In a gap", row.dst_gap, choices=get_args(DstGap),
                  help="what a local time does that the clock skips; arrow keys choose"),
        FormField("overlap", "In an overlap", row.dst_overlap, choices=get_args(DstOverlap),
                  help="which of two equal local times it runs at; arrow keys choose"),
    ]  # fmt: skip
    console.open(
        Form(
            f"Schedule of {row.name}",
            fields,
            submit,
            preview=lambda values: schedule_preview(values, console.clock.now(), console.zone),
            verb="set the schedule",
            height=22,
        )
    )


def _schedule_of(row: JobRow) -> Schedule | None:
    from app.presentation.schedules import read_schedule

    try:
        return read_schedule(row.schedule, row.timezone, row.dst_gap, row.dst_overlap)
    except TocsinError:
        return None


def _set_schedule(console: Console, row: JobRow, schedule: Schedule) -> None:
    from engine.domain.schedule.describe import describe

    name, text, before = row.name, row.schedule, _schedule_of(row)  # as it was
    about = f"set the schedule of {name}"
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
                    about=about,
                ),
                f"{console.registry.key_of('jobs.schedule')} sets {text}",
            )
        console.say(f"{name} now runs {words}", "success")

    console.request(lambda desk: desk.set_schedule(name, schedule), done, about=about)


def _both_times(instant: Instant, zone: tzinfo, viewer: tzinfo) -> list[Piece]:
    """Tell a time in the job's zone, and in the viewer's where that differs."""
    own_time, seen = full_time(instant, zone), full_time(instant, viewer)
    return [Piece(own_time), *([Piece(safe(f"  ({seen})"), "muted")] if seen != own_time else [])]


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
    zone = zone_named(row.timezone)

    def meaning(values: Values) -> Preview:
        now = console.clock.now()
        try:
            expiry = read_expiry(values["expiry"], now, zone)
        except ValueError as error:
            return Preview(problem=str(error))
        if expiry is None:
            return Preview([[own("it never expires")]])
        passed = [own("  it would be expired at once", "warning")] if expiry <= now else []
        return Preview([[*_both_times(expiry, zone, console.zone), *passed]])

    def submit(values: Values) -> None:
        expiry = read_expiry(values["expiry"], console.clock.now(), zone)
        before = _by_now(console, row).expiry_date
        about = f"set the expiry of {row.name}"

        def done(_: None) -> None:
            console.can_undo(
                f"expiry of {row.name}",
                lambda: console.request(
                    lambda desk: desk.set_expiry(row.name, before),
                    lambda _: console.say(f"{row.name} expires as before", "success"),
                    about=about,
                ),
                f"it was {full_time(before, zone) if before is not None else 'never'}",
            )
            until = full_time(expiry, zone) if expiry is not None else "never"
            console.say(f"{row.name} expires {until}", "success")

        console.request(lambda desk: desk.set_expiry(row.name, expiry), done, about=about)

    given = scene.argument or (
        full_time(row.expiry_date, zone)[:19] if row.expiry_date else "never"
    )
    field = FormField("expiry", "Expires", given, help="a date, a time, 30d, or never")
    console.open(Form(f"Expiry of {row.name}", [field], submit, preview=meaning, height=8))


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
    zone = zone_named(row.timezone)

    def read(text: str) -> Instant | None:
        return read_trigger(text, console.clock.now(), zone)

    def meaning(values: Values) -> Preview:
        now = console.clock.now()
        try:
            at = read(values["at"])
        except ValueError as error:
            return Preview(problem=str(error))
        if at is None:
            return Preview([[own("no trigger: the schedule alone")]])
        job = _by_now(console, row)
        due = job.next_at
        if due is not None and (due <= now or due == job.trigger_at):
            due = None  # it was due, or that is the trigger: the engine knows what comes after
        if at <= now or (due is not None and at >= due):
            late = "" if due is None else f" ({full_time(due, zone)})"
            return Preview(problem=f"a trigger lies between now and the next run{late}")
        if job.expiry_date is not None and at >= job.expiry_date:
            expiry = full_time(job.expiry_date, zone)
            return Preview(problem=f"a trigger lies before the job expires ({expiry})")
        return Preview([_both_times(at, zone, console.zone)])

    def submit(values: Values) -> None:
        at = read(values["at"])

        def done(_: None) -> None:
            when = "has no trigger" if at is None else f"runs at {full_time(at, zone)}"
            console.say(f"{row.name} {when}", "success")

        about = f"set the trigger of {row.name}"
        console.request(lambda desk: desk.set_trigger(row.name, at), done, about=about)

    field = FormField("at", "Run at", scene.argument, help="10m, 14:30, a date and time, or none")
    console.open(Form(f"Trigger of {row.name}", [field], submit, preview=meaning, height=8))
