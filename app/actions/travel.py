"""Actions that show the console as of a moment of the past, and that return to now."""

from collections.abc import Callable, Iterator

from app.actions.registry import Action
from app.actions.scene import Console, Scene
from app.presentation.instants import span_text
from app.store.query_values import parse_duration, parse_since
from engine.clock import MINUTE, SECOND, Instant

_STEP = 10 * MINUTE
_EXAMPLES = "tell an instant: 03:12, -2h or 2026-11-23 03:12"


def travel_actions() -> Iterator[Action]:
    """Return the actions."""
    minutes = span_text(_STEP).removesuffix("m")
    yield Action("moment.at", "As of", "Show every pane as of an instant of the past, read only",
                 _at, verbs=("at",), takes="INSTANT | +10m")  # fmt: skip
    yield Action("moment.live", "Live", "Return to now, every pane as it was left", _live, ("L",),
                 refusal=_why_not_live, verbs=("live",), past_bar=1)  # fmt: skip
    yield Action("moment.earlier", "Earlier", f"Show {minutes} minutes before the moment shown",
                 _step(-_STEP), (",",), refusal=_no_moment, past_bar=2)  # fmt: skip
    yield Action("moment.later", "Later", f"Show {minutes} minutes after the moment shown",
                 _step(_STEP), (".",), refusal=_no_moment, past_bar=3)  # fmt: skip


def instant_told(console: Console, text: str, verb: str) -> Instant | None:
    """Return the instant that was typed, or None and say how one is told.

    `2h` and `-2h` are so long ago; `+10m` is so long after the moment that is shown.
    """
    now = console.clock.now()
    if text.startswith("+") and console.travel.at is not None:
        seconds = parse_duration(text.removeprefix("+"))
        at = None if seconds is None else console.travel.at + round(seconds * SECOND)
    else:
        at = parse_since(text.removeprefix("-"), now, console.zone) if text else None
    if at is None:
        console.say(f"{text or verb}: {_EXAMPLES}", "error")
    return at


def _at(scene: Scene) -> None:
    at = instant_told(scene.console, scene.argument, ":at")
    if at is not None:
        scene.console.travel.go(at)


def _live(scene: Scene) -> None:
    scene.console.travel.leave()


def _why_not_live(scene: Scene) -> str:
    return "" if scene.console.travel.as_of else "this is now; :at 03:12 shows a moment of the past"


def _no_moment(scene: Scene) -> str:
    return "" if scene.console.travel.as_of else "no moment of the past is shown: :at 03:12"


def _step(by: Instant) -> Callable[[Scene], None]:
    return lambda scene: scene.console.travel.step(by)
