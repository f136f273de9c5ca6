"""Actions of the schedule pane: which view, how much time, from when."""

from collections.abc import Callable, Iterator

from app.actions.registry import Action
from app.actions.scene import Scene

_SCHEDULE = ("schedule",)


def schedule_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("schedule.view", "View", "Heat map, Gantt chart, agenda in turn",
                 _on("cycle_view"), ("t",), _SCHEDULE, bar=1)  # fmt: skip
    yield Action("schedule.in", "Zoom in", "Show less time", _zoom(1), ("+",), _SCHEDULE, bar=10)
    yield Action("schedule.out", "Zoom out", "Show more time", _zoom(-1), ("-",), _SCHEDULE, bar=11)
    yield Action("schedule.earlier", "Earlier", "Go back in time", _shift(-1), ("<",), _SCHEDULE)
    yield Action("schedule.later", "Later", "Go on in time", _shift(1), (">",), _SCHEDULE)
    yield Action("schedule.now", "Now", "Go to now", _on("to_now"), ("n",), _SCHEDULE, bar=12)
    for name in ("heatmap", "gantt", "agenda"):
        yield Action(f"schedule.{name}", name.capitalize(), f"Show the {name}", _view(name),
                     verbs=(name,))  # fmt: skip


def _on(method: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.console.pane_named("schedule"), method)()


def _zoom(step: int) -> Callable[[Scene], None]:
    return lambda scene: scene.console.pane_named("schedule").zoom_time(step)


def _shift(step: int) -> Callable[[Scene], None]:
    return lambda scene: scene.console.pane_named("schedule").shift_time(step)


def _view(name: str) -> Callable[[Scene], None]:
    def run(scene: Scene) -> None:
        scene.console.go("schedule")
        scene.console.pane_named("schedule").show_view(name)

    return run
