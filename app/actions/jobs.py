"""Actions on jobs: run, switches. Refusals are the engine's own, as the row brought them."""

from collections.abc import Callable, Iterator, Sequence

from app.actions.confirm import name_rows
from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.client.desk import Answer, Desk

ROWS = ("jobs", "groups", "instances")


def job_actions() -> Iterator[Action]:
    """Return the actions on jobs."""
    yield Action(
        "jobs.run", "Run", "Run the job now", _run, ("r",), ROWS, Danger.REVERSIBLE,
        refusal=_why_not_run, bar=1, verbs=("run", "trigger-now"), takes="NAME [KEY=VALUE ...]",
    )  # fmt: skip
    yield Action(
        "jobs.enable", "Enable", "Let the job run", _enable, ("e",), ROWS, Danger.REVERSIBLE,
        refusal=_why_not_enable, bar=2, verbs=("enable",), takes="NAME ...",
    )  # fmt: skip
    yield Action(
        "jobs.disable", "Disable", "Keep the job from running", _disable, ("d",), ROWS,
        Danger.REVERSIBLE, refusal=_why_not_disable, bar=3, verbs=("disable",), takes="NAME ...",
    )  # fmt: skip


def no_job(scene: Scene) -> str:
    """Say that no job is meant; "" when one is."""
    return "" if scene.jobs else "no job is selected"


def _why_not_run(scene: Scene) -> str:
    reasons = [row.run_refusal for row in scene.jobs]
    return no_job(scene) or (reasons[0] if all(reasons) else "")


def _why_not_enable(scene: Scene) -> str:
    if scene.jobs and all(row.enabled for row in scene.jobs):
        return "enabled already"
    return no_job(scene)


def _why_not_disable(scene: Scene) -> str:
    if scene.jobs and not any(row.enabled for row in scene.jobs):
        return "disabled already"
    return no_job(scene)


def _run(scene: Scene) -> None:
    console = scene.console
    for name in scene.names:

        def ran(job_instanceid: int, name: str = name) -> None:
            console.say(f"{name} runs as #{job_instanceid}   o output", "success")

        console.request(_runner(name), ran, about=f"run {name}")


def _runner(name: str) -> Callable[[Desk], int]:
    return lambda desk: desk.run(name, None, force=False)


def _enable(scene: Scene) -> None:
    names = [row.name for row in scene.jobs if not row.enabled]
    _switch(scene, names, "enabled", _enabling, _disabling)


def _disable(scene: Scene) -> None:
    names = [row.name for row in scene.jobs if row.enabled]
    _switch(scene, names, "disabled", _disabling, _enabling)


def _enabling(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.enable(names)


def _disabling(desk: Desk, names: Sequence[str]) -> list[Answer]:
    return desk.disable(names)


Switch = Callable[[Desk, Sequence[str]], list[Answer]]


def _switch(
    scene: Scene, names: Sequence[str], done_word: str, forth: Switch, back: Switch
) -> None:
    console = scene.console

    def done(answers: list[Answer]) -> None:
        good = [answer.name for answer in answers if answer.ok]
        if good:
            console.can_undo(f"{done_word} {name_rows(tuple(good))}", lambda: undo(good))
        tell(scene, answers, done_word)

    def undo(good: list[str]) -> None:
        console.request(
            lambda desk: back(desk, good), lambda answers: tell(scene, answers, "taken back")
        )

    console.request(lambda desk: forth(desk, names), done, about=done_word)


def tell(scene: Scene, answers: Sequence[Answer], done_word: str) -> None:
    """Say what became of each of several jobs, in one line; the rest is in the messages."""
    good = [answer.name for answer in answers if answer.ok]
    bad = [answer for answer in answers if not answer.ok]
    if not bad:
        scene.console.say(f"{done_word} {name_rows(tuple(good))}", "success")
        return
    for answer in bad[1:]:
        scene.console.say(f"{answer.name}: {answer.text}", "error")
    first = f"{bad[0].name}: {bad[0].text}"
    scene.console.say(f"{done_word} {len(good)}, refused {len(bad)}: {first}", "error")
