"""What can be looked up about a job: definition, why, next runs, audit, ledger."""

from collections.abc import Callable, Iterator, Sequence

from app.actions.extras import Extras
from app.actions.jobs import one_job
from app.actions.registry import Action
from app.actions.scene import Console, Scene
from app.client.views import AuditView, DueView, LedgerView
from app.overlays.plot import PlotView
from app.overlays.text import TextView
from app.presentation.console_words import console_words
from app.presentation.instants import ahead, full_time, zone_named
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe, safe_lines
from app.store.model import InstanceRow
from app.store.query_values import parse_around, parse_since
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.errors import NotFoundError

_ROWS = ("jobs", "groups", "instances", "logs", "state", "schedule")
_NEXT = 20
_AUDIT = 200
_RUNS = 500
_MOST_WORDS = 30


def look_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("jobs.definition", "Def", "Show the definition in force", _definition, ("v",),
                 _ROWS, refusal=one_job, bar=9, verbs=("definition",), on="jobs",
                 takes="NAME", is_of_now=True)  # fmt: skip
    yield Action("jobs.why", "Why", "Say why it runs or does not", _why, ("W",), _ROWS,
                 refusal=one_job, verbs=("why",), on="job", takes="NAME [INSTANT]")  # fmt: skip
    yield Action("jobs.next", "Next runs", "Show its next due instants", _next, (), _ROWS,
                 refusal=one_job, verbs=("next",), on="jobs", takes="NAME",
                 is_of_now=True)  # fmt: skip
    yield Action("jobs.audit", "Changes", "Show who changed it", _job_audit, (), _ROWS,
                 refusal=one_job, verbs=("changes",), on="jobs", takes="NAME")  # fmt: skip
    yield Action("jobs.ledger", "Ledger of the job", "Account for its due instants", _job_ledger,
                 (), _ROWS, refusal=one_job)  # fmt: skip
    yield Action("audit", "Audit", "Show who changed what", _audit, verbs=("audit",),
                 takes="[NAME]", extras=Extras(complete=_audited_words))  # fmt: skip
    yield Action("ledger", "Ledger", "Account for all due instants", _ledger, verbs=("ledger",),
                 takes="[SINCE]")  # fmt: skip
    yield Action("jobs.timeline", "Timeline", "Show when it runs", _timeline, ("t",),
                 ("jobs", "groups", "instances"), verbs=("timeline",), on="jobs",
                 takes="NAME ...")  # fmt: skip
    yield Action("jobs.durations", "Durations", "Plot how long its last runs took", _durations,
                 ("T",), ("jobs", "groups", "instances", "schedule"), refusal=one_job,
                 verbs=("durations",), on="jobs", takes="NAME")  # fmt: skip
    yield Action("jobs.state", "State", "Show its state data", _state, ("s",),
                 ("jobs", "groups", "instances", "logs", "schedule"), refusal=one_job, bar=6,
                 verbs=("data",), on="jobs", takes="NAME")  # fmt: skip


def _texts(console: Console, title: str, *, words: bool = False) -> Callable[[Sequence[str]], None]:
    def show(texts: Sequence[str]) -> None:
        lines: list[Line] = [[Piece(line)] for text in texts for line in safe_lines(text)]
        console.open(TextView(title, lines, copy=console.outside.copy, words=words))

    return show


def _definition(scene: Scene) -> None:
    name = scene.jobs[0].name
    show = _texts(scene.console, f"Definition of {name}")
    scene.console.request(lambda desk: [desk.definition(name)], show)


def _why(scene: Scene) -> None:
    name = scene.jobs[0].name
    console = scene.console
    at = None
    if scene.argument:
        zone = zone_named(scene.jobs[0].timezone)  # as `tocsin job why` reads it
        at = parse_around(scene.argument, console.travel.now, zone)
        if at is None:
            examples = "try 02:00, -3h, +3h or 2026-11-23T02:00"
            console.say(f"{scene.argument} is no instant: {examples}", "error")
            return
    show = _texts(console, f"Why {name}", words=True)

    def told(texts: Sequence[str]) -> None:
        show([console_words(text, console.zone) for text in texts])

    console.request(lambda desk: desk.why(name, at), told)


def _next(scene: Scene) -> None:
    name = scene.jobs[0].name
    console = scene.console

    def show(dues: list[DueView]) -> None:
        now = console.travel.now
        lines: list[Line] = [
            [
                Piece(full_time(due.due, console.zone)),
                Piece(SafeText(f"  {ahead(due.due, now):<10}"), "muted"),
                Piece(safe(f"  {due.local}"), "muted"),
                Piece(safe(f"  {due.note}"), "warning"),
            ]
            for due in dues
        ]
        console.open(TextView(f"Next runs of {name}", lines or [[own("nothing is due")]]))

    console.request(lambda desk: desk.next_dues(name, _NEXT), show)


def _timeline(scene: Scene) -> None:
    names = _scheduled(scene)
    if names == ():
        scene.console.say("no job is in this group", "error")
        return
    pane = scene.console.pane_named("schedule")
    scene.console.go("schedule")
    pane.show_only(names)
    if "span" in scene.options:
        pane.narrow(scene.options["span"])
    else:
        pane.show_view("gantt")


def _scheduled(scene: Scene) -> tuple[str, ...] | None:
    """Return the jobs that are meant, those of groups too; None: all, which are not named."""
    groups = {group.name for group in scene.selection.groups}
    if scene.names or not groups:
        return scene.names or None
    rows = scene.console.store.jobs.values()
    names = tuple(sorted(row.name for row in rows if not groups.isdisjoint(row.groups)))
    return None if 0 < len(names) == len(rows) else names


def _durations(scene: Scene) -> None:
    console, name = scene.console, scene.jobs[0].name

    def opened(row: InstanceRow) -> None:
        console.go("logs")
        console.pane_named("logs").show_subject(f"instance {row.job_instanceid}")

    def show(rows: list[InstanceRow]) -> None:
        symbols = console.wardrobe.paint.symbols
        title = f"Durations of {name}"
        console.open(PlotView(title, rows[::-1], symbols, console.zone, opened))

    console.request(lambda desk: desk.instances(name, before_id=None, limit=_RUNS), show)


def _state(scene: Scene) -> None:
    pane = scene.console.pane_named("state")
    scene.console.go("state")
    pane.show_subject(scene.jobs[0].name)


def _job_audit(scene: Scene) -> None:
    _audit_of(scene.console, scene.jobs[0].name)


def _audit(scene: Scene) -> None:
    console, name = scene.console, scene.argument
    if not name:
        console.request(lambda desk: desk.audit(None, _AUDIT), _audit_shower(console, "Audit"))
    elif name in (known := _audited(console)):
        _audit_of(console, name)
    else:
        console.refused(NotFoundError("job or group", name, known))


def _audit_of(console: Console, name: str) -> None:
    show = _audit_shower(console, f"Changes of {name}")
    console.request(lambda desk: desk.audit(name, _AUDIT), show)


def _audited(console: Console) -> Sequence[str]:
    """Return the names of the jobs and groups that may have been changed."""
    return sorted({*console.store.names, *console.store.groups})


def _audited_words(before: str, word: str, console: Console) -> Sequence[str]:
    known = () if before else _audited(console)
    return [each for each in known if each.startswith(word)][:_MOST_WORDS]


def _audit_shower(console: Console, title: str) -> Callable[[Sequence[AuditView]], None]:
    def show(events: Sequence[AuditView]) -> None:
        from app.presentation.changes import change_text

        lines: list[Line] = []
        for event in events:
            lines.append(
                [
                    Piece(full_time(event.created, console.zone), "muted"),
                    Piece(safe(f"  {event.event}"), "title"),
                    Piece(safe(f"  {event.object_name}  by {event.who} ({event.source})")),
                ]
            )
            change = change_text(event.before, event.after, event.reason)
            if change:
                lines.append([Piece(SafeText(f"    {change}"), "muted")])
        console.open(
            TextView(title, lines or [[own("nothing was changed")]], copy=console.outside.copy)
        )

    return show


def _job_ledger(scene: Scene) -> None:
    name = scene.jobs[0].name
    show = _ledger_shower(scene.console, f"Ledger of {name}")
    scene.console.request(lambda desk: desk.ledger(name, None), show)


def _ledger(scene: Scene) -> None:
    console = scene.console
    since = None
    if scene.argument:
        since = parse_since(scene.argument, console.travel.now, console.zone)
        if since is None:
            console.say(f"{scene.argument} is no time: try 24h or 2026-11-23", "error")
            return
    console.request(lambda desk: desk.ledger(None, since), _ledger_shower(console, "Ledger"))


def _ledger_shower(console: Console, title: str) -> Callable[[LedgerView], None]:
    def show(ledger: LedgerView) -> None:
        since = full_time(ledger.since, console.zone)
        until = full_time(ledger.until, console.zone)
        lines: list[Line] = [
            [Piece(SafeText(f"{since} to {until}"), "muted")],
            [],
            *(
                [own(f"{name:<12}"), own(f"{value:>12}", role)]
                for name, value, role in (
                    ("due", f"{ledger.due:,}", "title"),
                    ("ran", f"{ledger.ran:,}", ""),
                    ("late", f"{ledger.late:,}", ""),
                    ("coalesced", f"{ledger.coalesced:,}", ""),
                    ("skipped", f"{ledger.skipped:,}", ""),
                    ("missed", f"{ledger.missed:,}", "warning" if ledger.missed else ""),
                    ("pending", f"{ledger.pending:,}", ""),
                    ("unexplained", ledger.unexplained_text, ledger.unexplained_role),
                )
            ),
            [],
            *([Piece(safe(text))] for text in ledger.lines),
        ]
        console.open(TextView(title, lines, copy=console.outside.copy))

    return show
