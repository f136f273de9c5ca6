"""Actions on instances: stop, kill, run again, look at their errors."""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo

from msgspec.structs import replace

from app.actions.jobs import run_jobs
from app.actions.registry import Action, Danger
from app.actions.scene import Scene, Selection
from app.actions.switches import tell
from app.client.desk import Desk
from app.client.views import Answer, ErrorView
from app.overlays.text import TextView
from app.presentation.instants import full_time
from app.presentation.pieces import Piece
from app.presentation.quantities import name_rows
from app.presentation.secrets import masked, masked_lines
from app.presentation.verdicts import cause_text
from app.sanitize import SafeText, safe, safe_line, safe_lines
from app.store.model import InstanceRow
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.errors import TocsinError

_PANES = ("jobs", "instances", "logs", "schedule")


def instance_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("instances.stop", "Stop", "Ask what runs to stop", _stop, ("x",), _PANES,
                 Danger.HARD, refusal=_why_not_stop, bar=4, verbs=("stop",), on="instances",
                 takes="#ID ...", narrowed=_to_live)  # fmt: skip
    yield Action("instances.kill", "Kill", "Kill what runs, at once", _kill, (), _PANES,
                 Danger.DESTRUCTIVE, refusal=_why_not_stop, verbs=("kill",), on="instances",
                 takes="#ID ...", narrowed=_to_live, consequences=_kill_consequences)  # fmt: skip
    yield Action("instances.rerun", "Rerun", "Run again, with its options and the saved state data",
                 _rerun, ("R",), ("jobs", "instances"), Danger.HARD, refusal=_why_not_rerun, bar=10,
                 verbs=("rerun",), on="instances", takes="#ID")  # fmt: skip
    yield Action("instances.errors", "Errors", "Show its errors with traceback", _errors, ("E",),
                 ("jobs", "instances"), refusal=_why_no_errors, bar=11, verbs=("errors",),
                 on="instances", takes="#ID")  # fmt: skip
    yield Action("instances.info", "Info", "Show its info, options and how it ended", _info, ("i",),
                 ("jobs", "instances", "logs", "state"), refusal=_why_not_one, verbs=("info",),
                 on="instances", takes="#ID")  # fmt: skip


def live_of(scene: Scene) -> list[InstanceRow]:
    """Return the running instances that are meant: chosen ones, or those of the chosen jobs."""
    instances = scene.console.store.instances
    if scene.selection.instances:
        known = (instances.get(row.job_instanceid, row) for row in scene.selection.instances)
        return [row for row in known if row.is_live]
    return [instances[key] for row in scene.jobs for key in row.running if key in instances]


def _to_live(scene: Scene) -> Scene:
    """Return the scene with the running instances alone, of what is chosen: these are asked about.

    One is hidden by the filter where the row is that stands for it.
    """
    chosen = scene.selection
    hidden = 0
    if chosen.hidden:
        jobs, instances = chosen.jobs[-chosen.hidden :], chosen.instances[-chosen.hidden :]
        hidden = len(live_of(replace(scene, selection=Selection(jobs, instances))))
    live = tuple(live_of(scene))
    return replace(scene, selection=replace(chosen, instances=live, hidden=hidden))


def last_of(scene: Scene) -> InstanceRow | None:
    """Return the instance that is meant: the chosen one, or the last of the chosen job.

    Of several it is the first: actions on one instance refuse them (`_why_not_one`).
    """
    store = scene.console.store
    if scene.selection.instances:
        row = scene.selection.instances[0]
        return store.instances.get(row.job_instanceid, row)
    if not scene.jobs:
        return None
    job = store.jobs.get(scene.jobs[0].jobid, scene.jobs[0])
    if job.running:
        return store.instances.get(job.running[-1])
    return None if job.last_instanceid is None else store.instances.get(job.last_instanceid)


def _no_instance(scene: Scene) -> str:
    if not scene.jobs:
        return scene.selection.missing("no instance")
    never = scene.jobs[0].last_instanceid is None
    return "it never ran" if never else "its last run is older than what is kept here"


def _why_not_stop(scene: Scene) -> str:
    return "" if live_of(scene) else "nothing of it runs"


def _kill_consequences(scene: Scene) -> Sequence[str]:
    count = len(live_of(scene))
    return [f"{count} running will end as ERROR; what they did not save is lost."]


def _each(scene: Scene, order: str, word: str, call: Callable[[Desk, int], None]) -> None:
    rows = live_of(scene)
    if not rows:  # while it was asked, the last one ended
        scene.console.say("nothing of it runs any more", "warning")
        return

    def ask(desk: Desk) -> list[Answer]:
        answers = []
        for row in rows:
            name = f"#{row.job_instanceid} {row.name}"
            try:
                call(desk, row.job_instanceid)
                answers.append(Answer(name, ok=True))
            except TocsinError as error:
                answers.append(Answer(name, ok=False, text=error.message))
        return answers

    names = name_rows([f"#{row.job_instanceid} {row.name}" for row in rows])
    scene.console.request(ask, lambda answers: tell(scene, answers, word), about=f"{order} {names}")


def _stop(scene: Scene) -> None:
    _each(scene, "stop", "asked to stop:", lambda desk, number: desk.cancel(number))


def _kill(scene: Scene) -> None:
    _each(scene, "kill", "killed", lambda desk, number: desk.kill(number))


def _why_not_one(scene: Scene) -> str:
    """Return why not one instance is meant; "" where one is."""
    several = "instance" if len(scene.selection.instances) > 1 else "job"
    if max(len(scene.selection.instances), len(scene.jobs)) > 1:
        return f"choose one {several}"
    return "" if last_of(scene) is not None else _no_instance(scene)


def _why_not_rerun(scene: Scene) -> str:
    row = last_of(scene)
    if (reason := _why_not_one(scene)) or row is None:
        return reason
    job = scene.console.store.jobs.get(row.jobid)
    return "its job is gone" if job is None else job.run_refusal


def _rerun(scene: Scene) -> None:
    row = last_of(scene)
    if row is not None:
        run_jobs(scene, [row.name], row.options)


def _why_no_errors(scene: Scene) -> str:
    row = last_of(scene)
    if (reason := _why_not_one(scene)) or row is None:
        return reason
    return "" if not row.is_live else "it runs and has not failed yet"


def _errors(scene: Scene) -> None:
    row = last_of(scene)
    if row is None:
        return
    console = scene.console
    number = row.job_instanceid

    def show(errors: list[ErrorView]) -> None:
        lines: list[Line] = []
        for error in errors:
            lines += _error_lines(error, full_time(error.created, console.zone))
        if not lines:
            text = row.detail or f"no error was recorded: {row.status} ({row.ending or '-'})"
            lines = [[Piece(safe(text))]]
        title = f"Errors of #{number} {row.name}"
        console.open(TextView(title, lines, copy=console.outside.copy))

    console.request(lambda desk: desk.errors(number), show)


def _error_lines(error: ErrorView, at: SafeText) -> list[Line]:
    lines: list[Line] = [
        [
            Piece(safe(f"{error.severity} "), "error"),
            Piece(safe(error.error), "title"),
            Piece(SafeText(f"  {at}"), "muted"),
        ]
    ]
    lines += [[Piece(text)] for text in safe_lines(error.description)]
    if error.info:
        lines += [[], *([Piece(text, "muted")] for text in safe_lines(error.info))]
    return [*lines, []]


def _info(scene: Scene) -> None:
    row = last_of(scene)
    if row is None:
        return
    console = scene.console

    def show(fresh: InstanceRow) -> None:
        title = f"#{fresh.job_instanceid} {fresh.name}"
        console.open(TextView(title, _info_lines(fresh, console.zone), copy=console.outside.copy))

    console.request(lambda desk: desk.instance(row.job_instanceid), show)


def _info_lines(row: InstanceRow, at: tzinfo) -> list[Line]:
    fields = [
        ("status", f"{row.status} {row.ending or ''}"),
        ("cause", cause_text(row.cause, row.who)),
        ("due", full_time(row.due_at, at)),
        ("started", full_time(row.started, at)),
        ("completed", full_time(row.completed, at)),
        ("session", f"{row.sessionid or '-'} on {row.host or '-'} pid {row.pid or '-'}"),
        ("detail", row.detail),
    ]
    lines: list[Line] = [
        [own(f"{name:<11}", "muted"), Piece(safe(value))] for name, value in fields if value
    ]
    if row.options:
        lines += [[], [own("options", "title")]]
        lines += [
            [Piece(safe(f"  {key}: {value!r}"))] for key, value in masked(row.options).items()
        ]
    if row.info:
        lines += [[], [own("info", "title")]]
        lines += [[Piece(safe_line(text))] for text in masked_lines(row.info)]
    return lines
