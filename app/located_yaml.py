"""Read a small YAML file of settings or a theme, knowing the line of every key.

Problems are one line each: `file:line: what is wrong`, with the nearest key that would be accepted.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from app.sanitize import SafeText, safe_line

LARGEST_FILE = 256_000  # bytes

Key = tuple[str, ...]


class Located(Struct):
    """The content of one file: plain values, and the line of each key."""

    path: Path
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)  # path of keys → line, from 1
    problems: list[SafeText] = field(default_factory=list)
    source: list[str] = field(default_factory=list)  # the lines of the file

    def source_of(self, key: Key) -> str:
        """Return the line of the file that `key` stands on."""
        line = self.lines.get(key, 0)
        return self.source[line - 1] if 0 < line <= len(self.source) else ""

    def complain(self, key: Key, message: str) -> None:
        """Note that what stands under `key` is wrong."""
        line = next(
            (self.lines[key[:size]] for size in range(len(key), 0, -1) if key[:size] in self.lines),
            1,
        )
        self.problems.append(safe_line(f"{self.path}:{line}: {message}"))

    def only(self, accepted: Iterable[str], under: Key = ()) -> None:
        """Complain of every key under `under` that is not among `accepted`."""
        known = list(accepted)
        inner = self.mapping(under)
        for key in inner:
            if key not in known:
                self.complain((*under, key), unknown_key(key, known))

    def mapping(self, under: Key) -> Mapping[str, Any]:
        """Return the mapping under `under`; an empty one where there is none."""
        value: Any = self.data
        for key in under:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Return the message about a key that is not accepted."""
    accepted = list(known)
    near = get_close_matches(key, accepted, n=1)
    hint = f"Nearest: '{near[0]}'." if near else f"Accepted: {', '.join(accepted)}."
    return f"unknown key '{key}'. {hint}"


def read_located(path: Path) -> Located:
    """Return the mapping in the file at `path`; what cannot be read is among its problems.

    Raises:
        FileNotFoundError: there is no such file.
    """
    located = Located(path)
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        located.complain((), f"cannot be read: {reason}")
        return located
    if len(raw) > LARGEST_FILE:
        located.complain((), f"is larger than {LARGEST_FILE:,} bytes")
        return located
    _read_text(text, located)
    return located


def _read_text(text: str, located: Located) -> None:
    import yaml

    try:
        loader = _loader()(text)
        try:
            node = loader.get_single_node()
            data = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        last = max(1, len(text.splitlines()))  # the mark of an end stands after it
        located.lines[("",)] = 1 if mark is None else min(mark.line + 1, last)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "malformed"
        located.complain(("",), f"is not YAML: {reason}")
        return
    except RecursionError:
        located.complain((), "is nested too deeply")
        return
    except ValueError as error:
        located.complain((), f"is not YAML: {error}")
        return
    if node is None:
        return
    if not isinstance(data, dict):
        located.complain((), "must be a mapping, as in `name: value`")
        return
    _note_lines(node, (), located)
    located.source = text.splitlines()
    located.data = {str(key): value for key, value in data.items()}


@cache
def _loader() -> Any:
    """Return a loader that reads in C and composes in Python: ten times as fast as Python alone.

    The composer in C ends the process on lists that are nested thousands deep; the one in Python
    raises RecursionError.
    """
    import yaml
    from yaml.composer import Composer

    if not hasattr(yaml, "CSafeLoader"):
        return yaml.SafeLoader

    class Loader(Composer, yaml.CSafeLoader):
        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            Composer.__init__(self)

    return Loader


def _note_lines(node: Any, under: Key, located: Located) -> None:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return
    for key_node, value_node in node.value:
        key = (*under, str(key_node.value))
        if key in located.lines:
            first = located.lines[key]
            located.lines[key] = key_node.start_mark.line + 1
            located.complain(key, f"'{key[-1]}' is given twice, first on line {first}")
        located.lines[key] = key_node.start_mark.line + 1
        if len(key) < 8:  # noqa: PLR2004 - deeper than any file of ours; aliases may loop
            _note_lines(value_node, key, located)
