"""The action that tells what stood at a moment of the past: what ran, was due, was switched off."""

from collections.abc import Iterator
from datetime import tzinfo

from app.actions.registry import Action
from app.actions.scene import Scene
from app.actions.travel import instant_told
from app.client.views import MomentView, newest_first
from app.overlays.text import TextView
from app.presentation.console_words import console_words
from app.presentation.instants import clock_time, duration, full_time, long_duration
from app.presentation.pieces import Piece
from app.presentation.quantities import counted
from app.presentation.status import LOOKS
from app.presentation.verdicts import cause_text
from app.sanitize import SafeText, safe
from app.store.conditions import of_status
from app.store.model import InstanceRow
from app.widgets.text_panel import Line
from engine.clock import SECOND


def moment_actions() -> Iterator[Action]:
    """Return the action."""
    yield Action("moment", "Moment", "Tell what ran, was due and was switched off at an instant",
                 _tell, verbs=("moment",), takes="[INSTANT]", past_bar=5, keys=(";",))  # fmt: skip


def _tell(scene: Scene) -> None:
    console = scene.console
    shown = None if scene.argument else console.travel.at
    at = instant_told(console, scene.argument, ":moment") if shown is None else shown
    if at is None:
        return

    def timeline() -> None:
        view.close()
        console.go("schedule")
        console.pane_named("schedule").show_only(None)
        console.pane_named("schedule").show_time(at)

    def log() -> None:
        view.close()
        console.go("logs")
        console.pane_named("logs").show_subject("engine", at)

    view = TextView("", [])

    def show(moment: MomentView) -> None:
        nonlocal view
        view = TextView(
            f"As of {full_time(moment.at, console.zone)}",
            moment_lines(moment, console.zone),
            words=True,
            copy=console.outside.copy,
            keys={"t": timeline, "o": log},
            note="t timeline  o engine log  / search  w wrap  y copy  esc close",
        )
        console.open(view)

    console.request(lambda desk: desk.moment(at), show)


def moment_lines(moment: MomentView, zone: tzinfo) -> list[Line]:
    """Return everything that is told about an instant."""
    sections = (
        ("Engine", _engine(moment, zone)),
        (f"Running: {len(moment.running)}", _running(moment, zone)),
        ("Due within a minute of it", _due(moment, zone)),
        (f"Kept from running: {len(moment.holds)}", _holds(moment, zone)),
        (f"Alerts that stood: {len(moment.alerts)}", _alerts(moment, zone)),
        (f"Changed in the hour before: {len(moment.changes)}", _changes(moment, zone)),
    )
    lines: list[Line] = []
    if moment.pruned:
        jobs = counted(moment.pruned, "job")
        text = f"records of that time are pruned for {jobs}: this is what is left"
        lines += [[Piece(SafeText(text), "warning")], []]
    for title, told in sections:
        lines += [[Piece(SafeText(title), "title")], *told, []]
    return lines[:-1]


def _engine(moment: MomentView, zone: tzinfo) -> list[Line]:
    lines: list[Line] = []
    for row in moment.sessions:
        until = "alive now" if row.ended is None else f"until {full_time(row.ended, zone)}"
        text = f"  session {row.sessionid} of {safe(row.engine_key)} on {safe(row.host)}, {until}"
        lines.append([Piece(SafeText(text))])
    return lines or [[Piece(SafeText("  none was up"), "error")]]


def _running(moment: MomentView, zone: tzinfo) -> list[Line]:
    return [_run(row, moment, zone) for row in moment.running]


def _run(row: InstanceRow, moment: MomentView, zone: tzinfo) -> Line:
    look = LOOKS[of_status(row.status)]
    since = long_duration((moment.at - row.started) / SECOND)
    now = "still runs" if row.is_live else f"then {look.word} after {duration(row.seconds)}"
    started = f"since {clock_time(row.started, zone)} ({since}), {cause_text(row.cause, row.who)}"
    return [
        Piece(SafeText(f"  #{row.job_instanceid} ")),
        Piece(safe(f"{row.name:<28} ")),
        Piece(SafeText(f"{started}, "), "muted"),
        Piece(SafeText(now), look.role),
    ]


def _due(moment: MomentView, zone: tzinfo) -> list[Line]:
    ledger = moment.ledger
    counts = (
        ("ran", ledger.ran),
        ("late", ledger.late),
        ("coalesced", ledger.coalesced),
        ("skipped", ledger.skipped),
        ("missed", ledger.missed),
        ("pending", ledger.pending),
    )
    told = "".join(f"{name} {count:,}, " for name, count in counts if count)
    text = f"  {ledger.due:,} due: {told}"
    unexplained = SafeText(f"unexplained {ledger.unexplained_text}")
    role = ledger.unexplained_role.replace("success", "")
    lines: list[Line] = [[Piece(SafeText(text)), Piece(unexplained, role)]]
    lines += [[Piece(safe(f"  {console_words(each, zone)}"), "warning")] for each in moment.not_run]
    return lines


def _holds(moment: MomentView, zone: tzinfo) -> list[Line]:
    lines: list[Line] = []
    for each in moment.holds:
        who = f" by {each.who}" if each.who else ""
        until = "still" if each.until is None else f"until {full_time(each.until, zone)}"
        text = f"  {each.name or 'every job':<28} {each.reason}"
        times = f"{who}, since {full_time(each.since, zone)}, {until}"
        lines.append([Piece(safe(text), "warning"), Piece(safe(times), "muted")])
    return lines


def _alerts(moment: MomentView, zone: tzinfo) -> list[Line]:
    return [
        [
            Piece(safe(f"  {each.alert} {each.object_name}: "), "warning"),
            Piece(safe(console_words(each.reason, zone))),
            Piece(SafeText(f"  since {full_time(each.raised, zone)}"), "muted"),
        ]
        for each in newest_first(moment.alerts)
    ]


def _changes(moment: MomentView, zone: tzinfo) -> list[Line]:
    return [
        [
            Piece(SafeText(f"  {clock_time(each.created, zone)} "), "muted"),
            Piece(safe(f"{each.event:<20} {each.object_name:<24} ")),
            Piece(safe(f"{each.who} ({each.source})"), "muted"),
        ]
        for each in moment.changes
    ]
