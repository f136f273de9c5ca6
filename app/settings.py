"""The console's settings: `console.yaml` in the user's configuration folder, then in the home.

The home's file wins key by key, so that one home can be marked as production for everybody. A wrong
value is told with file, line and key, and leaves the default in place: the console opens all the
same.
"""

import os
from collections.abc import Callable, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from app.located_yaml import Located, read_located
from app.presentation.symbols import SYMBOL_SETS, SymbolSet
from app.sanitize import SafeText, safe_line
from app.store.query import parse

FILE = "console.yaml"
ENVIRONMENTS = ("prod", "stage", "dev")
SLOWEST, FASTEST = 0.1, 60.0  # frames a second; 0: only when asked (ctrl+r)


class ConsoleSettings(Struct, frozen=True):
    """How the console looks and behaves for one user of one home."""

    theme: str = ""  # "": the default, or what NO_COLOR asks for
    symbols: SymbolSet | None = None  # None: what the terminal can draw
    refresh: float = 10.0  # frames a second at the most; 0: by hand
    environment: str = (
        ""  # prod, stage, dev: the badge in the header, and what is asked before a run
    )
    boxes: bool | None = None  # None: where there is room
    zone: str = ""  # IANA name of the viewer's zone; "": the machine's
    read_only: bool = False
    plain: bool = False  # the linear twin instead of the screen
    mouse: bool = True
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # action id → keys
    filters: Mapping[str, str] = field(default_factory=dict)  # saved filters by name


class LoadedSettings(Struct, frozen=True):
    """Settings, what is wrong with their files, and where each of them stands."""

    settings: ConsoleSettings
    problems: tuple[SafeText, ...] = ()
    key_places: Mapping[str, SafeText] = field(default_factory=dict)  # action id → "file:line"
    origins: Mapping[str, SafeText] = field(default_factory=dict)  # name → "file:line", "TOCSIN_…"


def settings_files(home: Path, environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Return the files that are read, the one that wins last."""
    config = environment.get("XDG_CONFIG_HOME") or str(
        Path(environment.get("HOME") or Path.home()) / ".config"
    )
    return [Path(config) / "tocsin" / FILE, home / FILE]


def load_console_settings(
    home: Path, environment: Mapping[str, str] = os.environ
) -> LoadedSettings:
    """Return the settings of `home`; the environment's TOCSIN_THEME and TOCSIN_A11Y win."""
    settings = ConsoleSettings()
    problems: list[SafeText] = []
    places: dict[str, SafeText] = {}
    origins: dict[str, SafeText] = {}
    for path in settings_files(home, environment):
        try:
            located = read_located(path)
        except FileNotFoundError:
            continue
        found = _read(settings, located)
        settings = replace(
            settings, **{name.replace("-", "_"): each for name, each in found.items()}
        )
        for name in found:
            origins[name] = safe_line(f"{path}:{located.lines.get((name,), 1)}")
        for action_id in located.mapping(("keys",)):
            line = located.lines.get(("keys", str(action_id)), 1)
            places[str(action_id)] = safe_line(f"{path}:{line}")
        problems += located.problems
    if theme := environment.get("TOCSIN_THEME"):
        settings = replace(settings, theme=theme)
        origins["theme"] = SafeText("TOCSIN_THEME")
    if environment.get("TOCSIN_A11Y", "") not in {"", "0"}:
        settings = replace(settings, plain=True)
        origins["plain"] = SafeText("TOCSIN_A11Y")
    return LoadedSettings(settings, tuple(problems), places, origins)


def viewer_zone(name: str) -> tzinfo:
    """Return the zone called `name`, or the machine's for ""."""
    from engine.zones import machine_zone

    return ZoneInfo(name) if name else machine_zone()


class _WrongValueError(ValueError):
    """A value that a setting does not take."""


def _read(settings: ConsoleSettings, located: Located) -> dict[str, Any]:
    """Return the values of a file by the names of their settings; complain of wrong ones."""
    located.only(_READERS)
    found: dict[str, Any] = {}
    for key, read in _READERS.items():
        if key not in located.data:
            continue
        try:
            found[key] = read(located, located.data[key])
        except _WrongValueError as error:
            located.complain((key,), f"'{key}' {error}")
    for key in ("keys", "filters"):
        if key in found:
            found[key] = {**getattr(settings, key), **found[key]}
    return found


def _text(_located: Located, value: object) -> str:
    if not isinstance(value, str):
        raise _WrongValueError(f"must be text, not {value!r}")
    return value


def _flag(_located: Located, value: object) -> bool:
    if not isinstance(value, bool):
        raise _WrongValueError(f"is true or false, not {value!r}")
    return value


def _boxes(located: Located, value: object) -> bool | None:
    return None if value == "auto" else _flag(located, value)


def _symbols(_located: Located, value: object) -> SymbolSet | None:
    for name in SYMBOL_SETS:
        if value == name:
            return name
    if value != "auto":
        raise _WrongValueError(f"is one of auto, {', '.join(SYMBOL_SETS)}, not {value!r}")
    return None


def _refresh(_located: Located, value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not (value == 0 or SLOWEST <= float(str(value)) <= FASTEST):
        raise _WrongValueError(
            f"is a number of frames a second from {SLOWEST:g} to {FASTEST:g}, or 0, not {value!r}"
        )
    return float(str(value))


def typed_value(name: str, text: str) -> Any:
    """Return what was typed as the value of a setting, as a file of settings would give it.

    Raises:
        ValueError: the setting does not take it.
    """
    value: object = {"true": True, "false": False}.get(text, text)
    if name == "refresh":
        try:
            value = float(text)
        except ValueError:
            value = text
    return _READERS[name](Located(Path(FILE)), value)


def _environment(_located: Located, value: object) -> str:
    if value not in ENVIRONMENTS:
        raise _WrongValueError(f"is one of {', '.join(ENVIRONMENTS)}, not {value!r}")
    return str(value)


def _zone(_located: Located, value: object) -> str:
    name = _text(_located, value)
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise _WrongValueError(f"is no time zone: {name!r}; as in Europe/Prague") from None
    return name


def _keys(located: Located, value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise _WrongValueError("must be a mapping of actions to keys, as in `jobs.run: r`")
    found: dict[str, tuple[str, ...]] = {}
    for action_id, keys in value.items():
        several = keys if isinstance(keys, list) else [keys]
        if not all(isinstance(key, str | int) and not isinstance(key, bool) for key in several):
            located.complain(
                ("keys", str(action_id)), f"'{action_id}' takes a key or a list of keys"
            )
            continue
        found[str(action_id)] = tuple(str(key) for key in several if key != "")
    return found


def _filters(located: Located, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _WrongValueError("must be a mapping of names to filters")
    found: dict[str, str] = {}
    for name, text in value.items():
        if not isinstance(text, str):
            located.complain(("filters", str(name)), f"filter '{name}' must be text")
            continue
        for problem in parse(text).problems:
            message = f"filter '{name}', column {problem.start + 1}: {problem.message}"
            located.complain(("filters", str(name)), message)
        found[str(name)] = text
    return found


_READERS: Mapping[str, Callable[[Located, object], Any]] = {
    "theme": _text,
    "symbols": _symbols,
    "refresh": _refresh,
    "environment": _environment,
    "boxes": _boxes,
    "zone": _zone,
    "read-only": _flag,
    "plain": _flag,
    "mouse": _flag,
    "keys": _keys,
    "filters": _filters,
}
