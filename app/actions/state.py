"""Actions on state data: form, difference, clear, edit through `$EDITOR`."""

from collections.abc import Callable, Iterator, Sequence

from app.actions.jobs import one_job
from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.actions.state_edit import StateEdit
from app.client.views import StateView

_STATE = ("state",)


def state_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("state.form", "Tree/raw", "Show as tree, YAML or JSON", _on("cycle_form"), ("J",),
                 _STATE, bar=2)  # fmt: skip
    yield Action("state.diff", "Difference", "Show what the chosen save changed",
                 _on("toggle_diff"), ("D",), _STATE, bar=3)  # fmt: skip
    yield Action("state.reveal", "Reveal", "Show or mask what looks like a secret",
                 _on("toggle_reveal"), ("H",), _STATE)  # fmt: skip
    yield Action("state.clear", "Clear", "Clear the state data of the job", _clear, ("X",), _STATE,
                 Danger.DESTRUCTIVE, refusal=_why_not_clear, bar=4, verbs=("clearstate",),
                 on="jobs", takes="NAME", consequences=_clear_consequences)  # fmt: skip
    yield Action("state.edit", "Edit", "Edit the state data with $EDITOR", StateEdit().begin,
                 ("M",), _STATE, Danger.DESTRUCTIVE, refusal=one_job, bar=5, verbs=("editstate",),
                 on="jobs", takes="NAME", consequences=_edit_consequences)  # fmt: skip


def _on(method: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.console.pane_named("state"), method)()


def _why_not_clear(scene: Scene) -> str:
    """Refuse what has nothing to clear, where the pane in sight knows that."""
    pane = scene.console.pane_named("state") if scene.pane == "state" else None
    view = None if pane is None else pane.view
    if (
        isinstance(view, StateView)
        and view.data is None
        and [view.name] == [row.name for row in scene.jobs]
    ):
        return f"{view.name} has no state data"
    return one_job(scene)


def _clear_consequences(scene: Scene) -> Sequence[str]:
    running = sum(len(row.running) for row in scene.jobs)
    told = ["The next run begins without them. The history keeps the last saves."]
    return [*told, f"{running} running may save them again."] if running else told


def _edit_consequences(scene: Scene) -> Sequence[str]:
    running = sum(len(row.running) for row in scene.jobs)
    told = ["The next run goes on from what you save."]
    return [*told, f"{running} running may overwrite it."] if running else told


def _clear(scene: Scene) -> None:
    console = scene.console
    name = scene.jobs[0].name

    def done(_: None) -> None:
        console.say(f"cleared the state data of {name}", "success")
        console.pane_named("state").reload()

    console.request(
        lambda desk: desk.clear_state(name), done, about=f"clear the state data of {name}"
    )
