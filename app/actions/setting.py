"""`:set`: every setting of the console, what stands, and what can be changed while it is open."""

from collections.abc import Iterator, Sequence

from app.actions.extras import Extras
from app.actions.registry import Action
from app.actions.scene import Console, Scene
from app.overlays.text import TextView
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.paint import own
from app.widgets.text_panel import Line


def setting_actions() -> Iterator[Action]:
    """Return the action."""
    yield Action("settings", "Settings", "Change a setting until you leave, or show them all",
                 _set, verbs=("set",), takes="[NAME=VALUE]",
                 extras=Extras(complete=_words))  # fmt: skip


def _words(_before: str, word: str, console: Console) -> Sequence[str]:
    """Return the names, and after one the values, that begin like what is typed."""
    settings = console.live_settings
    name, equals, value = word.partition("=")
    if not equals:
        found = [each for each in settings.all if each.name.startswith(name)]
        return [each.name if each.why_not else f"{each.name}=" for each in found]
    setting = settings[name]
    known = () if setting is None or setting.why_not else setting.words()
    return [f"{name}={each}" for each in known if each.startswith(value) and each != value]


def _set(scene: Scene) -> None:
    console, settings = scene.console, scene.console.live_settings
    if not scene.argument:
        _show(console)
        return
    name, equals, value = (part.strip() for part in scene.argument.partition("="))
    setting = settings[name]
    if setting is None:
        console.say(f"no setting is called {name}; there are {', '.join(settings.names)}", "error")
    elif setting.why_not:
        how = f"{name} is {settings.value(name)} ({settings.origin(name)})"
        if equals:
            console.say(f"{name} is set in console.yaml, at the start: {setting.why_not}", "error")
        else:
            console.say(f"{how}; console.yaml sets it, at the start", "warning")
    elif not value:
        told = f"{name} is {settings.value(name)}; set {name}=VALUE changes it: {setting.takes}"
        console.say(told, "warning")
    else:
        try:
            settings.change(name, value)
        except ValueError as error:
            console.say(f"{name} {error}", "error")
            return
        console.say(f"{name} {settings.value(name)} until you leave", "success")


def _show(console: Console) -> None:
    settings, options = console.live_settings, console.options
    lines: list[Line] = []
    for each in settings.all:
        value, origin = settings.value(each.name), settings.origin(each.name)
        lines.append(
            [
                own(f"{each.name:<13}", "title"),
                Piece(safe(f"{value:<18}")),
                Piece(safe(origin), "muted"),
            ]
        )
        lines += [
            [own(f"  {action_id} "), Piece(safe(" ".join(keys))), own("  "),
             Piece(safe(options.key_places.get(action_id, "")), "muted")]
            for action_id, keys in (options.keys.items() if each.name == "keys" else ())
        ]  # fmt: skip
        how = each.why_not and f"at the start alone: {each.why_not}"
        how = how or f":set {each.name}=VALUE  {each.takes}"
        lines.append([Piece(SafeText(f"             {how}"), "muted")])
    console.open(TextView("Settings", lines, copy=console.outside.copy))
