"""Actions on jobs: which, why not, run. Refusals are the engine's own, as the row brought them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.actions.switches import activate, deactivate, disable, enable, kept_off, tell
from app.assignments import read_assignments
from app.client.desk import Desk
from app.client.views import Answer
from app.overlays.form import Form, FormField, Preview, Values
from app.presentation.pieces import Piece
from app.presentation.quantities import name_rows
from app.sanitize import safe
from app.store.model import JobRow
from engine.errors import TocsinError, UsageError

ROWS = ("jobs", "groups", "instances", "schedule")
_SOME = Danger.REVERSIBLE


def job_actions() -> Iterator[Action]:
    """Return the actions on jobs."""
    yield _run_action()
    yield Action("jobs.run-with", "Run with options", "Run now with other options", _run_form,
                 (), ROWS, _SOME, refusal=_why_not_run_one, verbs=("runwith",), on="jobs",
                 takes="NAME", asks_itself=True)  # fmt: skip
    yield Action("jobs.enable", "Enable", "Let the job or group run", enable, ("e",), ROWS, _SOME,
                 refusal=why_not_enable, bar=2, verbs=("enable",), on="jobs",
                 takes="NAME ... | f:FILTER")  # fmt: skip
    yield Action("jobs.disable", "Disable", "Keep the job or group from running", disable, ("d",),
                 ROWS, _SOME, refusal=why_not_disable, bar=3, verbs=("disable",), on="jobs",
                 takes="NAME ... | f:FILTER")  # fmt: skip
    yield Action("jobs.activate", "Activate", "Let its schedule run it", activate, (), ROWS, _SOME,
                 refusal=_why_not_activate, verbs=("activate",), on="jobs",
                 takes="NAME ...")  # fmt: skip
    yield Action("jobs.deactivate", "Deactivate", "Keep its schedule from running it", deactivate,
                 (), ROWS, _SOME, refusal=_why_not_deactivate, verbs=("deactivate",), on="jobs",
                 takes="NAME ...")  # fmt: skip
    yield Action("jobs.reset", "Reset", "Schedule it anew, as after a change", _reset, (), ROWS,
                 Danger.HARD, refusal=no_job, verbs=("reset",), on="jobs",
                 takes="NAME ...")  # fmt: skip


# -- why not --------------------------------------------------------------------------------------


def no_job(scene: Scene) -> str:
    """Say that no job is meant; "" when one is."""
    return "" if scene.jobs else scene.selection.missing("no job")


def one_job(scene: Scene) -> str:
    """Say that not exactly one job is meant."""
    return no_job(scene) or ("" if len(scene.jobs) == 1 else "choose one job")


def no_engine(scene: Scene) -> str:
    """Return why nothing can be run: no engine is alive; "" when one is."""
    is_gone = scene.console.store.health.link == "none"
    return "no engine is alive on this store" if is_gone else ""


def _why_not_run(scene: Scene) -> str:
    reasons = [row.run_refusal for row in scene.jobs]
    refused = no_job(scene) or (reasons[0] if all(reasons) else "") or no_engine(scene)
    if refused or not scene.argument:
        return refused
    try:
        options_of(scene.argument)
    except UsageError as error:
        return error.message
    return ""


def _why_not_run_one(scene: Scene) -> str:
    return one_job(scene) or scene.jobs[0].run_refusal or no_engine(scene)


def _all(rows: Sequence[JobRow], attribute: str, *, value: bool) -> bool:
    return bool(rows) and all(getattr(row, attribute) is value for row in rows)


def why_not_enable(scene: Scene) -> str:
    """Return why no switch of the groups or jobs that are meant can be thrown on."""
    if scene.selection.groups:
        is_on = all(row.enabled for row in scene.selection.groups)
        return "the group is enabled already" if is_on else ""
    if not _all(scene.jobs, "enabled", value=True):
        return no_job(scene)
    return f"enabled already{kept_off(scene.jobs)}"


def why_not_disable(scene: Scene) -> str:
    """Return why no switch of the groups or jobs that are meant can be thrown off."""
    groups = scene.selection.groups
    if groups:
        if all(row.name == "DEFAULT" for row in groups):
            return "group 'DEFAULT' holds every job and cannot be disabled"
        return "" if any(row.enabled for row in groups) else "the group is disabled already"
    return "disabled already" if _all(scene.jobs, "enabled", value=False) else no_job(scene)


def _why_not_activate(scene: Scene) -> str:
    if scene.jobs and all(row.expired for row in scene.jobs):
        return "it is expired: change its expiry date first"
    return "active already" if _all(scene.jobs, "active", value=True) else no_job(scene)


def _why_not_deactivate(scene: Scene) -> str:
    return "not active already" if _all(scene.jobs, "active", value=False) else no_job(scene)


# -- run ------------------------------------------------------------------------------------------


def _run_action() -> Action:
    return Action("jobs.run", "Run", "Run the job now", _run, ("r",), ROWS, _SOME,
                  refusal=_why_not_run, bar=1, verbs=("run",), on="jobs",
                  takes="NAME [KEY=VALUE ...]")  # fmt: skip


def _run(scene: Scene) -> None:
    options = options_of(scene.argument)
    run_jobs(scene, [row.name for row in scene.jobs], options)


def run_jobs(scene: Scene, names: Sequence[str], options: Mapping[str, Any] | None) -> None:
    """Run each of the jobs; every one answers for itself, and a refusal never stops the others."""
    console = scene.console

    def each(desk: Desk) -> list[Answer]:
        return [run_one(desk, name, options) for name in names]

    def done(answers: list[Answer]) -> None:
        if len(answers) == 1 and answers[0].ok:
            shows = f"{console.registry.key_of('logs.output')} output"
            console.say(f"{answers[0].name} runs as #{answers[0].text}   {shows}", "success")
        else:
            tell(scene, answers, "started")
        console.follow_runs([int(answer.text) for answer in answers if answer.ok])

    console.request(each, done, about=f"run {name_rows(tuple(names))}")


def run_one(desk: Desk, name: str, options: Mapping[str, Any] | None) -> Answer:
    """Run one job and say what came of it."""
    try:
        return Answer(name, ok=True, text=str(desk.run(name, options, force=False)))
    except TocsinError as error:
        return Answer(name, ok=False, text=error.message)


def options_of(text: str) -> dict[str, Any] | None:
    """Return `warn_at=0.9 name=x` as a mapping; None without any.

    Raises:
        UsageError: a word is no `KEY=VALUE`.
    """
    return read_assignments(text.split()) or None


def _run_form(scene: Scene) -> None:
    name = scene.jobs[0].name

    def preview(values: Values) -> Preview:
        try:
            options = options_of(values["options"])
        except UsageError as error:
            return Preview(problem=error.message, problem_field="options")
        shown = (options or {}).items()
        return Preview([[Piece(safe(f"{key}: {value!r}"))] for key, value in shown])

    def submit(values: Values) -> None:  # asks first where every run is asked about
        run = replace(scene.renewed(), argument=values["options"], key="enter")
        scene.console.perform_in(_run_action(), run)

    field = FormField("options", "Options", scene.argument,
                      help="KEY=VALUE, separated by blanks; over its own")  # fmt: skip
    scene.console.open(Form(f"Run {name}", [field], submit, preview=preview, verb="run", height=8))


# -- reset ----------------------------------------------------------------------------------------


def _reset(scene: Scene) -> None:
    names = scene.names
    scene.console.request(
        lambda desk: desk.reset(names),
        lambda answers: tell(scene, answers, "reset"),
        about=f"reset {name_rows(names)}",
    )
