"""What one save of state data changed against the one before it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from app.presentation.secrets import MASK, names_a_secret
from app.presentation.state_tree import Path, path_text, value_text
from app.sanitize import SafeText


class Kind(StrEnum):
    """What happened to a value. The values are the signs of the lines."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"


class Difference(Struct, frozen=True):
    """One place where two versions differ."""

    kind: Kind
    path: Path
    before: Any = None
    after: Any = None

    def line(self, *, reveal: bool = False) -> SafeText:
        """Return "~ cursor: 12 -> 13"; values under a secret's key are masked unless `reveal`."""
        name = path_text(self.path)
        if not reveal and any(names_a_secret(key) for key in self.path):
            return SafeText(f"{self.kind} {name}: {MASK}")
        if self.kind is Kind.CHANGED:
            return SafeText(f"~ {name}: {value_text(self.before)} -> {value_text(self.after)}")
        value = self.after if self.kind is Kind.ADDED else self.before
        return SafeText(f"{self.kind} {name}: {value_text(value)}")

    def spoken(self, *, reveal: bool = False) -> SafeText:
        """Return "changed cursor: 12 -> 13": a word where `line` has a sign."""
        return SafeText(f"{self.kind.name.lower()} {self.line(reveal=reveal)[2:]}")


def differences(before: Any, after: Any) -> list[Difference]:
    """Return every difference, in the order of the newer version, removals where they stood.

    None is "no state data": everything was added, or cleared. Lists that grew or shrank at an end
    or in one place show what came and went, not every index that moved.
    """
    return list(_differ(() if before is None else before, () if after is None else after, ()))


def _differ(before: Any, after: Any, path: Path) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _differ_in_keys(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _differ_in_items(before, after, path)
    elif before == () and isinstance(after, Mapping):
        yield from _differ_in_keys({}, after, path)
    elif after == () and isinstance(before, Mapping):
        yield from _differ_in_keys(before, {}, path)
    elif not _same(before, after):
        yield Difference(Kind.CHANGED, path, before, after)


def _same(before: Any, after: Any) -> bool:
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def _differ_in_keys(
    before: Mapping[str, Any], after: Mapping[str, Any], path: Path
) -> Iterator[Difference]:
    for key, value in before.items():
        if key not in after:
            yield Difference(Kind.REMOVED, (*path, key), before=value)
    for key, value in after.items():
        here: Path = (*path, key)
        if key not in before:
            yield Difference(Kind.ADDED, here, after=value)
        else:
            yield from _differ(before[key], value, here)


def _differ_in_items(before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    start = 0
    while start < min(len(before), len(after)) and _equal(before[start], after[start]):
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and _equal(before[-1 - end], after[-1 - end]):
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    common = min(len(old), len(new)) if len(old) == len(new) or (old and new) else 0
    for index in range(common):
        yield from _differ(old[index], new[index], (*path, start + index))
    for index in range(common, len(old)):
        yield Difference(Kind.REMOVED, (*path, start + index), before=old[index])
    for index in range(common, len(new)):
        yield Difference(Kind.ADDED, (*path, start + index), after=new[index])


def _equal(before: Any, after: Any) -> bool:
    return next(_differ(before, after, ()), None) is None
