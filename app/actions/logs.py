"""Actions of the logs: which one, where in it, and what of it."""

from collections.abc import Callable, Iterator

from app.actions.extras import LOG_WORDS
from app.actions.log_subject import subject_of, subject_typed, why_empty, why_not_shown
from app.actions.registry import Action
from app.actions.scene import Scene
from app.store.log_stretch import WHOLE

LOGS = ("logs",)
_ROWS = ("jobs", "groups", "instances", "schedule", "state")


def log_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("logs.output", "Output", "Show the log, of several merged by time",
                 _output, ("o",), _ROWS,
                 refusal=_no_log, bar=5, verbs=("log", "output"), on="logs",
                 takes="NAME | #ID", extras=LOG_WORDS)  # fmt: skip
    yield Action("logs.engine", "Engine log", "Show the engine's own log", _engine,
                 verbs=("enginelog",))  # fmt: skip
    yield Action("logs.search", "Search", "Search in the log", _search("type_search"), ("/",), LOGS,
                 bar=1)  # fmt: skip
    yield Action("logs.next", "Next match", "Next match", _find(1), ("n",), LOGS, bar=2)
    yield Action("logs.previous", "Previous match", "Previous match", _find(-1), ("N",), LOGS)
    yield Action("logs.only", "Only", "Keep only matching lines; !text leaves them out",
                 _search("type_only"), ("&",), LOGS, bar=3)  # fmt: skip
    yield Action("logs.level", "Level", "Show only graver lines", _search("cycle_level"), ("!",),
                 LOGS, bar=4)  # fmt: skip
    yield Action("errors.next", "Next error", "Go to the next error", _error(1), ("}",),
                 ("logs", "instances"), bar=5)  # fmt: skip
    yield Action("errors.previous", "Previous error", "Go to the previous error", _error(-1),
                 ("{",), ("logs", "instances"))  # fmt: skip
    yield Action(
        "logs.mark", "Mark line", "Put a mark below this line", _walk("mark"), ("m",), LOGS
    )
    yield Action("logs.next-mark", "Next mark", "Go to the next mark", _walk("next_mark"), ("'",),
                 LOGS)  # fmt: skip
    yield Action("logs.wrap", "Wrap", "Wrap long lines", _on("toggle_wrap"), ("w",),
                 ("logs", "state"), bar=6)  # fmt: skip
    yield Action("logs.earlier", "Minute back", "One minute back", _time(-1), ("<",), LOGS)
    yield Action("logs.later", "Minute on", "One minute on", _time(1), (">",), LOGS)
    yield Action("logs.timeline", "Timeline", "Show what ran at the time of this line",
                 _walk("show_timeline"), ("t",), LOGS)  # fmt: skip
    yield Action("goto", "Go to", "Go to a time or an instance in the log", _goto,
                 verbs=("goto",), takes="02:00 | -15m | #ID")  # fmt: skip


def _on(method: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.console.pane_named(scene.pane), method)()


def _search(method: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.console.pane_named("logs").search, method)()


def _walk(method: str) -> Callable[[Scene], None]:
    return lambda scene: getattr(scene.console.pane_named("logs").walk, method)()


def _find(step: int) -> Callable[[Scene], None]:
    return lambda scene: scene.console.pane_named("logs").finder.find(step)


def _error(step: int) -> Callable[[Scene], None]:
    return lambda scene: scene.console.pane_named(scene.pane).step_error(step)


def _time(minutes: int) -> Callable[[Scene], None]:
    return lambda scene: scene.console.pane_named("logs").walk.step_time(minutes)


def _no_log(scene: Scene) -> str:
    return "" if subject_typed(scene.argument) else why_not_shown(scene.selection)


def _output(scene: Scene) -> None:
    console = scene.console
    subject = subject_typed(scene.argument) or subject_of(scene.selection)
    reason = why_empty(console, subject)
    if reason:
        console.say(reason, "error")
        return
    console.go("logs")
    level = scene.options.get("level")
    console.pane_named("logs").show_subject(
        subject, stretch=scene.options.get("stretch", WHOLE), level=level
    )


def _engine(scene: Scene) -> None:
    scene.console.go("logs")
    scene.console.pane_named("logs").show_subject("engine")


def _goto(scene: Scene) -> None:
    if not scene.argument:
        scene.console.say("where to? 02:00, -15m or #881140", "warning")
        return
    scene.console.go("logs")
    scene.console.pane_named("logs").goto(scene.argument)
