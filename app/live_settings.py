"""Every setting of the console: its value, where that comes from, and how it is changed meanwhile.

What is changed here holds until the console is left. What only a start can change says why.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Protocol

from msgspec import Struct

from app.options import ConsoleOptions
from app.presentation.symbols import SYMBOL_SETS, SYMBOLS, Symbols
from app.sanitize import ascii_output
from app.settings import typed_value, viewer_zone
from app.wardrobe import Wardrobe

_FLAGS = ("true", "false")
HERE = "`:set`, until you leave"
_CHOSEN = "`:theme`, until you leave"
_DEFAULT = "default"


class _Drawn(Protocol):
    """How rows are drawn."""

    symbols: Symbols
    zone: tzinfo
    has_boxes: bool


class _Panes(Protocol):
    """Where they are drawn."""

    def relook(self) -> None:
        """Draw everything with other signs, or in another zone."""
        ...

    def on_resize(self) -> None:
        """Arrange everything anew."""
        ...


class Adjusted(Protocol):
    """What the settings are of."""

    options: ConsoleOptions
    zone: tzinfo
    environment: str
    is_read_only: bool
    frames_per_second: float
    wardrobe: Wardrobe

    @property
    def viewpoint(self) -> _Drawn:
        """How rows are drawn."""
        ...

    @property
    def panes(self) -> _Panes:
        """Where they are drawn."""
        ...

    def use_mouse(self, *, on: bool) -> None:
        """Have the terminal tell of the mouse, or no more."""
        ...


class Setting(Struct, frozen=True):
    """One setting. `why_not` it is not changed while the console is open; "": it is."""

    name: str
    takes: str  # in words
    words: Callable[[], Sequence[str]] = tuple  # values that can be chosen from, or examples
    why_not: str = ""


def origins_at_start(environment: Mapping[str, str], symbols: str | None) -> Mapping[str, str]:
    """Return what the environment decides: `symbols` None is not told by a file."""
    from app.theming.library import MONO_THEME, choose_theme

    origins = {}
    if choose_theme("?", environment) == MONO_THEME:
        origins["theme"] = "NO_COLOR" if environment.get("NO_COLOR") else "TERM"
    if symbols is None and environment.get("TOCSIN_SYMBOLS", "") in SYMBOL_SETS:
        origins["symbols"] = "TOCSIN_SYMBOLS"
    return origins


class LiveSettings:
    """The settings of an open console."""

    def __init__(self, console: Adjusted) -> None:
        self._console = console
        self._changed: dict[str, str] = {}  # name → what was typed
        self._mouse = console.options.mouse
        self._boxes = console.options.boxes
        self.all: tuple[Setting, ...] = (
            Setting("refresh", "frames a second, 0.1 to 60; 0: if asked", lambda: ("10", "2", "0")),
            Setting("theme", "a theme", lambda: console.wardrobe.library.names),
            Setting("symbols", "unicode, narrow, ascii", lambda: SYMBOL_SETS),
            Setting("boxes", "true, false, auto: where there is room", lambda: (*_FLAGS, "auto")),
            Setting("zone", "a time zone, as in Europe/Prague", lambda: ("UTC", "Europe/Prague")),
            Setting("mouse", "true, false", lambda: _FLAGS),
            Setting("read-only", "true; only a start takes it back", lambda: ("true",)),
            Setting("environment", "", why_not="it tells what is asked before a run"),
            Setting("plain", "", why_not="it is another way to use the terminal"),
            Setting("keys", "", why_not="keys are bound then"),
            Setting("filters", "", why_not="`:save NAME` keeps one, `:use NAME` takes it"),
        )  # fmt: skip

    def __getitem__(self, name: str) -> Setting | None:
        return next((each for each in self.all if each.name == name), None)

    @property
    def names(self) -> list[str]:
        """The names of all."""
        return [each.name for each in self.all]

    # -- telling ---------------------------------------------------------------------------------

    def value(self, name: str) -> str:
        """Return what is in force, as it is written in a file of settings."""
        console, options = self._console, self._console.options
        values: Mapping[str, object] = {
            "refresh": f"{console.frames_per_second:g}",
            "theme": console.wardrobe.theme.name,
            "symbols": console.viewpoint.symbols.name,
            "boxes": "auto" if self._boxes is None else self._boxes,
            "zone": console.zone,
            "mouse": self._mouse,
            "read-only": console.is_read_only,
            "environment": console.environment or "none",
            "plain": False,
            "keys": f"{len(options.keys)} remapped",
            "filters": f"{len(options.filters)} in files",
        }
        value = values[name]
        return str(value).lower() if isinstance(value, bool) else str(value)

    def origin(self, name: str) -> str:
        """Return where the value comes from: a file and line, the environment, or the default."""
        if name == "theme" and self._console.wardrobe.was_chosen:
            return _CHOSEN
        if name in self._changed:
            return HERE
        return self._console.options.origins.get(name) or _DEFAULTS.get(name, _DEFAULT)

    # -- changing --------------------------------------------------------------------------------

    def change(self, name: str, text: str) -> None:
        """Change a setting that can be changed.

        Raises:
            ValueError: it does not take that; the text says what it takes.
        """
        if name == "theme":
            self._put_on(text)
        else:
            value = typed_value(name, text)
            getattr(self, f"_set_{name.replace('-', '_')}")(value)
        self._changed[name] = text

    def _put_on(self, name: str) -> None:
        wardrobe = self._console.wardrobe
        theme = wardrobe.find(name)
        if theme is None:
            raise ValueError(f"stays as it is: {wardrobe.library.why_not(name)}")
        wardrobe.put_on(theme)
        wardrobe.was_chosen = False

    def _set_refresh(self, frames: float) -> None:
        self._console.frames_per_second = frames

    def _set_symbols(self, name: Any) -> None:
        console = self._console
        if name is None:
            message = f"is one of {', '.join(SYMBOL_SETS)} here: auto is for the start"
            raise ValueError(message)
        console.viewpoint.symbols = SYMBOLS[name]
        ascii_output(name == "ascii")
        console.wardrobe.use_symbols(SYMBOLS[name])
        console.panes.relook()

    def _set_boxes(self, boxes: bool | None) -> None:
        self._boxes = boxes
        self._console.viewpoint.has_boxes = boxes is not False
        self._console.panes.on_resize()

    def _set_zone(self, name: str) -> None:
        self._console.zone = self._console.viewpoint.zone = viewer_zone(name)
        self._console.panes.relook()

    def _set_mouse(self, on: bool) -> None:
        self._mouse = on
        self._console.use_mouse(on=on)

    def _set_read_only(self, on: bool) -> None:
        if not on and self._console.is_read_only:
            message = "is taken back by a start without it alone"
            raise ValueError(message)
        self._console.is_read_only = on


_DEFAULTS = {
    "symbols": "default: what the terminal can draw",
    "zone": "default: the machine's",
}
