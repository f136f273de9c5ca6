"""All themes that can be chosen: the shipped, the machine's and the user's, reloaded on change.

A later folder wins where two files give a theme the same name. A file with a mistake leaves the
theme as it was before; what is wrong is told with file, line and key.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from app.located_yaml import read_located
from app.sanitize import SafeText, safe_line
from app.theming.resolving import Resolver
from app.theming.theme import PLAIN, Draft, Theme, read_draft, resolve

DEFAULT_THEME = "ansi-dark"
MONO_THEME = "mono"
_COLOURLESS_TERMINALS = frozenset({"dumb", "unknown", "vt52", "vt100", "vt102", "vt220"})
_MOST_FILES = 500
_SHIPPED = 2  # of the folders: those of an installation and of a checkout

Stamp = tuple[tuple[str, int, int], ...]


def theme_folders(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Return where themes are looked for, the most personal folder last."""
    checkout = Path(__file__).resolve().parents[2] / "themes"
    config = environment.get("XDG_CONFIG_HOME") or str(
        Path(environment.get("HOME") or Path.home()) / ".config"
    )
    return [
        Path(sys.prefix) / "share" / "tocsin" / "themes",
        checkout,
        Path("/etc/tocsin/themes"),
        Path(config) / "tocsin" / "themes",
    ]


def choose_theme(wanted: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the name of the theme to start with; NO_COLOR and terminals without colours win."""
    if environment.get("NO_COLOR") or environment.get("TERM", "dumb") in _COLOURLESS_TERMINALS:
        return MONO_THEME
    return wanted or DEFAULT_THEME


def first_theme(name: str, folders: Sequence[Path] | None = None) -> Theme | None:
    """Return the theme called `name` from its own file alone; None where that is not enough.

    For the start: reading every theme to paint with one takes longer than the first frame.
    """
    for folder in reversed(list(folders) if folders is not None else theme_folders()):
        path = folder / f"{name}.yaml"
        if not _is_file(path):
            continue
        draft = read_draft(read_located(path))
        if draft.problems or draft.extends or draft.name != name:
            return None
        return resolve(draft, None)
    return None


def is_own(theme: Theme) -> bool:
    """Whether a theme comes from a folder in which people put their own."""
    return theme.source is not None and theme.source.parent in theme_folders()[_SHIPPED:]


def theme_at_start(name: str, folders: Sequence[Path] | None = None) -> tuple[Theme, list[str]]:
    """Return the theme to begin with, and what is wrong where it is not the one called `name`."""
    theme = first_theme(name, folders)
    if theme is not None:
        return theme, []
    library = ThemeLibrary(folders)
    theme = library.choose(name)
    if theme.name == name:  # read with what it extends, or instead of a later file with a mistake
        return theme, library.mistakes(name)
    return theme, [*library.problems, library.why_not(name)]


class ThemeLibrary:
    """The themes of some folders."""

    def __init__(self, folders: Sequence[Path] | None = None) -> None:
        self._folders = list(folders) if folders is not None else theme_folders()
        self._themes: dict[str, Theme] = {}
        self._stamp: Stamp = ()
        self._files: list[Path] = []
        self.problems: list[SafeText] = []
        self._mistakes: dict[str, SafeText] = {}  # the first in the file of each theme
        self.reload()

    @property
    def names(self) -> list[str]:
        """The names that can be chosen, sorted."""
        return sorted(self._themes)

    def get(self, name: str) -> Theme | None:
        """Return the theme called `name`."""
        return self._themes.get(name)

    def mistakes(self, name: str) -> list[str]:
        """Return the first mistake in a file that would be the theme called `name`, if any."""
        return [self._mistakes[name]] if name in self._mistakes else []

    def why_not(self, name: str) -> SafeText:
        """Say why there is no theme called `name`."""
        if name in self._mistakes:
            return safe_line(f"theme {name} has a mistake: {self._mistakes[name]}")
        return safe_line(f"no theme is called {name}: {', '.join(self.names)}")

    def choose(self, name: str) -> Theme:
        """Return the theme called `name`, else the default one, else plain attributes."""
        return self._themes.get(name) or self._themes.get(DEFAULT_THEME) or PLAIN

    def has_changed(self) -> bool:
        """Whether a file appeared, went or was saved since the last `reload`: some stat calls."""
        return _stamp([*self._folders, *self._files]) != self._stamp

    def reload(self) -> list[SafeText]:
        """Read every file anew and return what is wrong; a theme with a mistake stays as it was."""
        files = self._files = _files(self._folders)
        self._stamp = _stamp([*self._folders, *files])
        sound: dict[str, Draft] = {}
        faulty: list[Draft] = []
        for path in files:
            try:
                draft = read_draft(read_located(path))
            except FileNotFoundError:
                continue
            if draft.problems:
                faulty.append(draft)
            else:
                sound[draft.name] = draft  # in the place of one in a folder before
        resolver = Resolver(sound, faulty, self._themes)
        for draft in faulty:
            resolver.base(draft)
        faulty += [draft for draft in sound.values() if resolver.theme(draft) is None]
        self.problems = [problem for draft in faulty for problem in draft.problems]
        self._mistakes = {draft.name: draft.problems[0] for draft in faulty}
        broken = {draft.located.path for draft in faulty}
        kept = {name: each for name, each in self._themes.items() if each.source in broken}
        self._themes = {**kept, **resolver.themes}
        return self.problems


def describe(themes: ThemeLibrary) -> list[SafeText]:
    """Return one line for each theme: its name and what it is."""
    return [
        safe_line(f"{name:<16} {theme.description}".rstrip())
        for name in themes.names
        if (theme := themes.get(name)) is not None
    ]


def _is_file(path: Path) -> bool:
    """Whether there is such a file; none is in a folder that may not be looked into."""
    try:
        return path.is_file()
    except OSError:
        return False


def _files(folders: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for folder in folders:
        try:
            found += sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})
        except OSError:
            continue
    return found[:_MOST_FILES]


def _stamp(files: Iterable[Path]) -> Stamp:
    stamps = []
    for path in files:
        try:
            status = path.stat()
        except OSError:
            continue
        stamps.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(stamps)
