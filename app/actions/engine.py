"""Actions on the engine: pause, resume, drain, stop."""

from collections.abc import Callable, Iterator, Sequence

from app.actions.registry import Action, Danger
from app.actions.scene import Scene
from app.client.desk import Desk
from app.overlays.text import TextView
from app.presentation.pieces import Piece
from app.presentation.quantities import counted
from app.sanitize import safe
from app.widgets.text_panel import Line

_ENGINE = ("engine",)


def engine_actions() -> Iterator[Action]:
    """Return the actions."""
    yield Action("engine.pause", "Pause", "Let the engine start nothing new",
                 _ask("pause", "paused", lambda desk: desk.pause()), ("p",), _ENGINE, Danger.HARD,
                 refusal=_not("running"), bar=1, verbs=("pause",), is_of_engine=True)  # fmt: skip
    yield Action("engine.resume", "Resume", "Let the engine start jobs again",
                 _ask("resume", "resumed", lambda desk: desk.resume()), ("P",), _ENGINE,
                 Danger.REVERSIBLE, refusal=_why_not_resume, bar=2, verbs=("resume",),
                 is_of_engine=True)  # fmt: skip
    yield Action("engine.drain", "Drain", "Start nothing new, and let what runs end",
                 _ask("drain", "draining", lambda desk: desk.drain()), (), _ENGINE, Danger.HARD,
                 refusal=_not("running", "paused"), verbs=("drain",),
                 is_of_engine=True)  # fmt: skip
    yield Action("engine.stop", "Stop engine", "Stop the engine; what runs gets its grace",
                 _ask("stop", "asked to stop", lambda desk: desk.stop()), (), _ENGINE,
                 Danger.DESTRUCTIVE, refusal=_not("running", "paused", "draining"),
                 verbs=("stopengine",), consequences=_stop_consequences,
                 is_of_engine=True)  # fmt: skip
    yield Action("engine.attach", "Attach", "Show which engine this console is on, and how to "
                 "open another", _attach, verbs=("attach",), is_of_engine=True)  # fmt: skip


_STANDS = {
    "hosted": "The engine is hosted here: it stops when you leave.",
    "attached": "This console is attached: leaving it does not touch the engine.",
    "none": "No engine is alive on this store. One that starts is attached to by itself.",
    "mismatch": "The store is of another version: this console only looks.",
}


def _attach(scene: Scene) -> None:
    console, health = scene.console, scene.console.store.health
    texts = [_STANDS[health.link], ""]
    if session := health.session:
        texts.append(f"engine   {session.engine_key}, session {session.sessionid}, "
                     f"process {session.pid} on {session.host}")  # fmt: skip
    texts += [
        f"store    {health.store}",
        "",
        "A console stays with its store. Another one is opened from the shell:",
        "  tocsin --home DIR console --attach",
        "  tocsin --db URL console --attach",
        "  tocsin --instance KEY console --attach",
    ]
    lines: list[Line] = [[Piece(safe(text))] for text in texts]
    console.open(TextView("Attach", lines, copy=console.outside.copy))


def _mode(scene: Scene) -> str:
    session = scene.console.store.health.session
    return "" if session is None else session.mode


def _not(*modes: str) -> Callable[[Scene], str]:
    def refusal(scene: Scene) -> str:
        mode = _mode(scene)
        if not mode:
            return "no engine is alive on this store"
        return "" if mode in modes else f"the engine is {mode}"

    return refusal


def _why_not_resume(scene: Scene) -> str:
    mode = _mode(scene)
    if not mode:
        return "no engine is alive on this store"
    return "it runs already" if mode == "running" else ""


def _stop_consequences(scene: Scene) -> Sequence[str]:
    running = len(scene.console.store.live)
    if not running:
        return ["No job runs now. Nothing starts until an engine does."]
    get = "gets its grace, then is stopped" if running == 1 else "get their grace, then are stopped"
    return [f"{counted(running, 'running instance')} {get}."]


def _ask(verb: str, word: str, order: Callable[[Desk], None]) -> Callable[[Scene], None]:
    def run(scene: Scene) -> None:
        scene.console.request(
            order,
            lambda _: scene.console.say(f"the engine is {word}", "success"),
            about=f"{verb} the engine",
        )

    return run
