"""`:set`: what of the console's settings can be changed while it is open, and what stands."""

from collections.abc import Callable, Iterator, Mapping

from app.actions.registry import Action
from app.actions.scene import Console, Scene
from app.overlays.text import TextView
from app.presentation.pieces import Piece
from app.sanitize import safe
from app.widgets.paint import own
from app.widgets.text_panel import Line


def setting_actions() -> Iterator[Action]:
    """Return the action."""
    yield Action("settings", "Settings", "Change a setting until you leave, or show them all",
                 _set, verbs=("set",), takes="[refresh=N | theme=NAME]")  # fmt: skip


def _set(scene: Scene) -> None:
    console = scene.console
    if not scene.argument:
        _show(console)
        return
    name, equals, value = (part.strip() for part in scene.argument.partition("="))
    change = _CHANGES.get(name)
    if change is not None and equals and value:
        change(console, value)
    elif change is not None:
        console.say(f"{name} is {_values(console)[name]}; set {name}=VALUE changes it", "warning")
    elif name in _values(console):
        console.say(f"{name} is read from console.yaml at the start: change it there", "error")
    else:
        console.say(
            f"no setting is called {name}; there are {', '.join(_values(console))}", "error"
        )


def _show(console: Console) -> None:
    lines: list[Line] = []
    for name, value in _values(console).items():
        how = f"  :set {name}=VALUE" if name in _CHANGES else "  console.yaml, at the start"
        lines.append([own(f"{name:<13}", "title"), Piece(safe(f"{value:<16}")), own(how, "muted")])
    console.open(TextView("Settings", lines, copy=console.outside.copy))


def _values(console: Console) -> Mapping[str, str]:
    """Return every setting of one value by its name in `console.yaml`."""
    return {
        "refresh": f"{console.frames_per_second:g}",
        "theme": console.wardrobe.theme.name,
        "environment": console.environment or "none",
        "read-only": str(console.is_read_only).lower(),
        "zone": str(console.zone),
    }


def _refresh(console: Console, value: str) -> None:
    from app.settings import frames_a_second  # reads YAML: only when it is asked for

    try:
        console.frames_per_second = frames_a_second(value)
    except ValueError as error:
        console.say(f"refresh {error}", "error")
        return
    when = "10 is the default" if console.frames_per_second else "ctrl+r reads anew"
    console.say(f"refresh {console.frames_per_second:g} until you leave; {when}", "success")


def _theme(console: Console, value: str) -> None:
    console.wardrobe.choose(value)


_CHANGES: Mapping[str, Callable[[Console, str], None]] = {"refresh": _refresh, "theme": _theme}
