"""State data as a tree of lines: keys, types, sizes; only what is expanded is walked over."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from app.presentation.quantities import counted, size
from app.presentation.secrets import MASK, names_a_secret
from app.sanitize import SafeText, safe, safe_line

CHUNK = 200  # children of one node that are shown at once; more are folded into ranges
VALUE_LIMIT = 400  # characters of one value
LARGE = 256_000  # bytes of state data that deserve a warning: they are written at every save

Path = tuple[str | int, ...]


class StateLine(Struct, frozen=True):
    """One node of the tree."""

    path: Path  # keys and indexes from the root; the range's bounds end that of a range of children
    depth: int
    key: SafeText
    kind: SafeText  # "mapping", "list", "text", "number", "yes/no", "null"
    value: SafeText  # of a leaf, or how much a branch holds
    is_branch: bool
    is_expanded: bool
    is_masked: bool = False
    is_range: bool = False  # stands for some of its parent's children


def tree_lines(
    data: Mapping[str, Any] | None, expanded: frozenset[Path], *, reveal: bool = False
) -> list[StateLine]:
    """Return the lines of `data` with the nodes in `expanded` open; `reveal` shows secrets."""
    return list(_children(data or {}, (), 0, expanded, reveal=reveal))


def _children(
    node: Any, path: Path, depth: int, expanded: frozenset[Path], *, reveal: bool
) -> Iterator[StateLine]:
    items = _items(node)
    if len(items) <= CHUNK:
        for key, value in items:
            yield from _node(key, value, path, depth, expanded, reveal=reveal)
        return
    for first in range(0, len(items), CHUNK):
        last = min(first + CHUNK, len(items)) - 1
        here: Path = (*path, f"{first}..{last}")
        is_open = here in expanded
        yield StateLine(
            here,
            depth,
            SafeText(f"[{first} .. {last}]"),
            SafeText("range"),
            SafeText(counted(last - first + 1, "item")),
            is_branch=True,
            is_expanded=is_open,
            is_range=True,
        )
        if is_open:
            for key, value in items[first : last + 1]:
                yield from _node(key, value, path, depth + 1, expanded, reveal=reveal)


def _node(
    key: str | int,
    value: Any,
    path: Path,
    depth: int,
    expanded: frozenset[Path],
    *,
    reveal: bool,
) -> Iterator[StateLine]:
    here: Path = (*path, key)
    label = SafeText(f"[{key}]") if isinstance(key, int) else safe_line(key, VALUE_LIMIT)
    if not reveal and names_a_secret(key) and value not in (None, ""):
        kind = kind_of(value)
        yield StateLine(
            here, depth, label, kind, MASK, is_branch=False, is_expanded=False, is_masked=True
        )
        return
    branch = isinstance(value, Mapping | list | tuple) and len(value) > 0
    is_open = branch and here in expanded
    yield StateLine(here, depth, label, kind_of(value), value_text(value), branch, is_open)
    if is_open:
        yield from _children(value, here, depth + 1, expanded, reveal=reveal)


def _items(node: Any) -> Sequence[tuple[str | int, Any]]:
    if isinstance(node, Mapping):
        return [(str(key), value) for key, value in node.items()]
    return list(enumerate(node))


def kind_of(value: Any) -> SafeText:
    """Return the type of a value in a word."""
    if isinstance(value, Mapping):
        return SafeText("mapping")
    if isinstance(value, list | tuple):
        return SafeText("list")
    if isinstance(value, bool):
        return SafeText("yes/no")
    if isinstance(value, int | float):
        return SafeText("number")
    if value is None:
        return SafeText("null")
    return SafeText("text" if isinstance(value, str) else safe(type(value).__name__))


def value_text(value: Any) -> SafeText:
    """Return a value in one line: `{12 keys}`, `[3 items]`, or the value itself."""
    if isinstance(value, Mapping):
        return SafeText(f"{{{counted(len(value), 'key')}}}" if value else "{}")
    if isinstance(value, list | tuple):
        return SafeText(f"[{counted(len(value), 'item')}]" if value else "[]")
    if isinstance(value, bool):
        return SafeText("true" if value else "false")
    if value is None:
        return SafeText("null")
    return safe_line(value if isinstance(value, str) else str(value), VALUE_LIMIT)


def value_at(data: Any, path: Path) -> Any:
    """Return what stands at `path`.

    Raises:
        LookupError: nothing does any more.
    """
    for key in path:
        if isinstance(key, int):
            data = data[key] if isinstance(data, list | tuple) else _nothing(path)
        else:
            data = data[key] if isinstance(data, Mapping) else _nothing(path)
    return data


def _nothing(path: Path) -> Any:
    raise LookupError(path)


def path_text(path: Path) -> SafeText:
    """Return "pages[3].url": the path as it is shown on the path bar and copied."""
    parts: list[str] = []
    for key in path:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif key.isidentifier():
            parts.append(f".{safe(key)}" if parts else safe(key))
        else:
            parts.append(f"[{safe(json.dumps(key, ensure_ascii=False))}]")
    return SafeText("".join(parts))


def stored_size(data: Any) -> int:
    """Return the bytes that `data` take in the store, as JSON."""
    return len(json.dumps(data, separators=(",", ":"), default=str).encode())


def size_text(data: Any, octets: int | None = None) -> SafeText:
    """Return "3 keys, 1.2 kB", with a warning where every save writes too much.

    `octets` are those that the data take, where somebody counted them.
    """
    if data is None:
        return SafeText("no state data")
    octets = stored_size(data) if octets is None else octets
    warning = ", large: every save writes it all" if octets > LARGE else ""
    return SafeText(f"{counted(len(data), 'key')}, {size(octets)}{warning}")
