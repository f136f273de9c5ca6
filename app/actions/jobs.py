"""Actions on jobs: run and switches. Refusals are the engine's own, as the row brought them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from app.actions.confirm import name_rows
from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.client.desk import Desk
from app.client.views import Answer
from app.overlays.form import Form, FormField, Preview, Values
from app.presentation.console_words import console_words
from app.presentation.pieces import Piece
from app.sanitize import safe
from app.store.model import JobRow
from engine.errors import TocsinError, UsageError

ROWS = ("jobs", "groups", "instances", "schedule")
_SOME = Danger.REVERSIBLE


def job_actions() -> Iterator[Action]:
    """Return the actions on jobs."""
    yield Action("jobs.run", "Run", "Run the job now", _run, ("r",), ROWS, _SOME,
                 refusal=_why_not_run, bar=1, verbs=("run",), on="jobs",
                 takes="NAME [KEY=VALUE ...]")  # fmt: skip
    yield Action("jobs.run-with", "Run with options", "Run now with other options", _run_form,
                 (), ROWS, _SOME, refusal=_why_not_run_one, verbs=("runwith",), on="jobs",
                 takes="NAME", asks_itself=True)  # fmt: skip
    yield Action("jobs.enable", "Enable", "Let the job or group run", enable, ("e",), ROWS, _SOME,
                 refusal=why_not_enable, bar=2, verbs=("enable",), on="jobs",
                 takes="NAME ... | f:FILTER")  # fmt: skip
    yield Action("jobs.disable", "Disable", "Keep the job or group from running", disable, ("d",),
                 ROWS, _SOME, refusal=why_not_disable, bar=3, verbs=("disable",), on="jobs",
                 takes="NAME ... | f:FILTER")  # fmt: skip
    yield Action("jobs.activate", "Activate", "Let its schedule run it", _activate, (), ROWS, _SOME,
                 refusal=_why_not_activate, verbs=("activate",), on="jobs",
                 takes="NAME ...")  # fmt: skip
    yield Action("jobs.deactivate", "Deactivate", "Keep its schedule from running it", _deactivate,
                 (), ROWS, _SOME, refusal=_why_not_deactivate, verbs=("deactivate",), on="jobs",
                 takes="NAME ...")  # fmt: skip
    yield Action("jobs.reset", "Reset", "Schedule it anew, as after a change", _reset, (), ROWS,
                 Danger.HARD, refusal=no_job, verbs=("reset",), on="jobs",
                 takes="NAME ...")  # fmt: skip


# -- why not --------------------------------------------------------------------------------------


def no_job(scene: Scene) -> str:
    """Say that no job is meant; "" when one is."""
    return "" if scene.jobs else "no job is selected"


def one_job(scene: Scene) -> str:
    """Say that not exactly one job is meant."""
    count = len(scene.jobs)
    return "" if count == 1 else "no job is selected" if not count else "choose one job"


def no_engine(scene: Scene) -> str:
    """Return why nothing can be run: no engine is alive; "" when one is."""
    is_gone = scene.console.store.health.link == "none"
    return "no engine is alive on this store" if is_gone else ""


def _why_not_run(scene: Scene) -> str:
    reasons = [row.run_refusal for row in scene.jobs]
    return no_job(scene) or (reasons[0] if all(reasons) else "") or no_engine(scene)


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
    group = next((row.group_off for row in scene.jobs if row.group_off), "")
    off = f"; its group is disabled: `tocsin group enable {group}`" if group else ""
    return f"enabled already{off}"


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
            console.say(f"{answers[0].name} runs as #{answers[0].text}   o output", "success")
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
    """Return `warn_at=0.9 name=x` as a mapping; values are read as YAML. None without any.

    Raises:
        UsageError: a word is no `KEY=VALUE`.
    """
    if not text.strip():
        return None
    import yaml

    options = {}
    for word in text.split():
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise UsageError(f"{word}: options are written KEY=VALUE")
        options[key] = yaml.safe_load(value)
    return options


def _run_form(scene: Scene) -> None:
    name = scene.jobs[0].name

    def preview(values: Values) -> Preview:
        try:
            options = options_of(values["options"])
        except UsageError as error:
            return Preview(problem=error.message, problem_field="options")
        shown = (options or {}).items()
        return Preview([[Piece(safe(f"{key}: {value!r}"))] for key, value in shown])

    def submit(values: Values) -> None:
        run_jobs(scene, [name], options_of(values["options"]))

    field = FormField("options", "Options", help="KEY=VALUE, separated by blanks; over its own")
    scene.console.open(Form(f"Run {name}", [field], submit, preview=preview, verb="run", height=8))


# -- switches -------------------------------------------------------------------------------------

Switch = Callable[[Desk, Sequence[str]], list[Answer]]


def _on(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.enable(names)


def _off(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.disable(names)


def _active(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.activate(names)


def _inactive(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.deactivate(names)


def _group_on(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.enable_groups(names)


def _group_off(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.disable_groups(names)


def enable(scene: Scene) -> None:
    """Throw the switch of the groups or jobs that are meant on."""
    groups = [row.name for row in scene.selection.groups if not row.enabled]
    if scene.selection.groups:
        switch(scene, groups, "enabled group", _group_on, _group_off, "jobs.disable")
    else:
        names = [row.name for row in scene.jobs if not row.enabled]
        switch(scene, names, "enabled", _on, _off, "jobs.disable")


def disable(scene: Scene) -> None:
    """Throw the switch of the groups or jobs that are meant off."""
    groups = [row.name for row in scene.selection.groups if row.enabled]
    if scene.selection.groups:
        switch(scene, groups, "disabled group", _group_off, _group_on, "jobs.enable")
    else:
        names = [row.name for row in scene.jobs if row.enabled]
        switch(scene, names, "disabled", _off, _on, "jobs.enable")


def _activate(scene: Scene) -> None:
    names = [row.name for row in scene.jobs if not row.active]
    switch(scene, names, "activated", _active, _inactive, "jobs.deactivate")


def _deactivate(scene: Scene) -> None:
    names = [row.name for row in scene.jobs if row.active]
    switch(scene, names, "deactivated", _inactive, _active, "jobs.activate")


def _reset(scene: Scene) -> None:
    names = scene.names
    scene.console.request(
        lambda desk: desk.reset(names), lambda answers: tell(scene, answers, "reset")
    )


def switch(
    scene: Scene,
    names: Sequence[str],
    done_word: str,
    forth: Switch,
    back: Switch,
    back_action: str,
) -> None:
    """Throw a switch of each; offer to throw those that moved back again.

    `back_action` throws it back by hand on the same rows: `e enables` is said then.
    """
    console = scene.console
    key, verb = console.registry.key_of(back_action), back_action.rpartition(".")[2]

    def done(answers: list[Answer]) -> None:
        good = tuple(answer.name for answer in answers if answer.ok)
        if good:
            by_hand = f"{key} {verb}s {'it' if len(good) == 1 else 'them'}"
            console.can_undo(f"{done_word} {name_rows(good)}", lambda: undo(good), by_hand)
        tell(scene, answers, done_word)

    def undo(good: Sequence[str]) -> None:
        console.request(
            lambda desk: back(desk, good), lambda answers: tell(scene, answers, "taken back:")
        )

    console.request(lambda desk: forth(desk, names), done, about=done_word)


def tell(scene: Scene, answers: Sequence[Answer], done_word: str) -> None:
    """Say what became of each of several, in one line; every refusal is in the messages."""
    good = tuple(answer.name for answer in answers if answer.ok)
    bad = [(each.name, _reason(scene, each)) for each in answers if not each.ok]
    if not bad:
        scene.console.say(f"{done_word} {name_rows(good)}", "success")
        return
    for name, reason in bad[1:]:
        scene.console.say(f"{name}: {reason}", "error")
    first = f"{bad[0][0]}: {bad[0][1]}"
    if len(answers) == 1:
        scene.console.say(first, "error")
        return
    more = "   :messages for all" if len(bad) > 1 else ""
    scene.console.say(f"{done_word} {len(good)}, refused {len(bad)}: {first}{more}", "error")


def _reason(scene: Scene, answer: Answer) -> str:
    return console_words(answer.text, scene.console.zone)
