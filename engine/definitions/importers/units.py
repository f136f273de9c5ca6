"""systemd's unit files: sections of `Key=value`, with drop-ins and the lines they stand on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from engine.definitions.files import LARGEST_FILE, UnreadableError, read_text

# The times of a timer are one list in systemd: an empty one of any kind clears all of them.
_TIMES: Final = {
    *("OnCalendar", "OnActiveSec", "OnBootSec", "OnStartupSec"),
    *("OnUnitActiveSec", "OnUnitInactiveSec"),
}


class Entry(Struct, frozen=True):
    """One setting."""

    section: str
    key: str
    value: str
    line: int
    file: str  # its name


class Unit(Struct):
    """One unit with its drop-ins; a later setting wins, and an empty one clears a list."""

    name: str  # with its suffix
    entries: list[Entry] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def stem(self) -> str:
        """The name without `.timer` or `.service`."""
        return self.name.rpartition(".")[0]

    def all(self, section: str, *keys: str) -> list[Entry]:
        """Return the settings of a list in their order, those after the last empty one."""
        found: list[Entry] = []
        for entry in self.entries:
            if entry.section != section:
                continue
            if not entry.value:
                cleared = _TIMES if entry.key in _TIMES else {entry.key}
                found = [each for each in found if each.key not in cleared]
            elif entry.key in keys:
                found.append(entry)
        return found

    def last(self, section: str, key: str) -> Entry | None:
        """Return the setting that holds, None if it is not set or empty."""
        found = self.all(section, key)
        return found[-1] if found else None


def read_unit(path: Path) -> Unit:
    """Read a unit file and its drop-ins (`NAME.d/*.conf`).

    What cannot be read is in `problems`.
    """
    unit = Unit(path.name)
    folder = path.with_name(f"{path.name}.d")
    for file in (path, *sorted(folder.glob("*.conf"))):
        try:
            text = read_text(file.resolve(), LARGEST_FILE)
        except UnreadableError as error:
            unit.problems.append((1, f"{file.name} {error}"))
            continue
        unit.entries.extend(_entries(text, file.name, unit.problems))
    return unit


def unit_of_text(name: str, text: str) -> Unit:
    """Return the unit that `text` amounts to."""
    unit = Unit(name)
    unit.entries.extend(_entries(text, name, unit.problems))
    return unit


def _entries(text: str, file: str, problems: list[tuple[int, str]]) -> Iterator[Entry]:
    section = ""
    for number, line in _logical_lines(text):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" in line:
            key, _, value = line.partition("=")
            yield Entry(section, key.strip(), value.strip(), number, file)
        else:
            problems.append((number, f"{file}: not understood: {line}"))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers: without comments, those that end in a backslash joined."""
    begun, joined = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith(("#", ";")) or (not stripped and not joined):
            continue
        begun = begun or number
        if stripped.endswith("\\"):
            joined += stripped[:-1].rstrip() + " "
            continue
        yield begun, (joined + stripped).strip()
        begun, joined = 0, ""
    if joined:
        yield begun, joined.strip()
