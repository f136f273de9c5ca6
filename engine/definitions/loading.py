"""What loading definitions will do to the store: a plan, made without writing anything."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from engine.definitions.reader import Reading
from engine.domain import options
from engine.domain.group import DEFAULT_GROUP
from engine.domain.job import Definition, Execution, Job

# Parts of a definition by the name that its file gives them.
_KEYS = {
    "description": "desc",
    "run_skipped": "run-skipped",
    "single_instance": "single-instance",
    "expiry_date": "expiry-date",
}
_PLACES = ("source", "source_line")


class Outcome(StrEnum):
    """What becomes of a job."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    RETIRED = "retired"


class Stored(Struct, frozen=True):
    """A job in the store, and its definition as it was last loaded."""

    job: Job
    definition: Definition


class Item(Struct, frozen=True):
    """One job of a plan."""

    name: str
    outcome: Outcome
    definition: Definition | None = None  # None: retired
    stored: Stored | None = None  # None: new
    changes: tuple[str, ...] = ()  # keys of the definition that changed
    returns: bool = False  # it was retired, and its definition is back
    overridden: tuple[str, ...] = ()  # what operators changed and this load keeps
    restored: tuple[str, ...] = ()  # what operators changed and this load takes back
    moved: bool = False  # nothing changed but its place in the file


class LoadPlan(Struct, frozen=True):
    """What a load does, job by job in the order of the files, the retired ones last."""

    items: tuple[Item, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)  # of define-group
    warnings: tuple[str, ...] = ()
    override: bool = False

    def names(self, outcome: Outcome) -> list[str]:
        """Return the names of the jobs with that outcome."""
        return [item.name for item in self.items if item.outcome is outcome]

    def count(self, outcome: Outcome) -> int:
        """Return how many jobs have that outcome."""
        return sum(item.outcome is outcome for item in self.items)

    @property
    def new(self) -> list[str]:
        """Names of jobs that the store does not have yet."""
        return self.names(Outcome.NEW)

    @property
    def changed(self) -> list[str]:
        """Names of jobs whose definition changed, came back, or is restored."""
        return self.names(Outcome.CHANGED)

    @property
    def unchanged(self) -> list[str]:
        """Names of jobs that stay as they are."""
        return self.names(Outcome.UNCHANGED)

    @property
    def retired(self) -> list[str]:
        """Names of jobs that are gone from the files."""
        return self.names(Outcome.RETIRED)


def plan(
    reading: Reading | Sequence[Definition],
    stored: Iterable[Stored],
    *,
    override: bool = False,
    prune: bool = False,
    owned: Sequence[Path] = (),
) -> LoadPlan:
    """Return what loading `reading` does to a store that holds `stored`.

    Args:
        reading: what the files say.
        stored: every job of the store, retired ones too.
        override: take back what operators changed.
        prune: retire every job that came from a file and is in none of these.
        owned: folders (absolute) that the store follows: a job whose file lies in one, and that is
            no longer there, is retired.
    """
    if not isinstance(reading, Reading):
        reading = Reading(tuple(reading))
    by_name = {each.job.name: each for each in stored}
    items = [
        _item(definition, by_name.get(definition.name), override=override)
        for definition in reading.definitions
    ]
    wanted = {definition.name for definition in reading.definitions}
    items.extend(
        Item(name, Outcome.RETIRED, stored=each)
        for name, each in sorted(by_name.items())
        if name not in wanted and each.job.retired_at is None and _is_gone(each.job, prune, owned)
    )
    return LoadPlan(tuple(items), reading.groups, reading.warnings, override)


def bare(reading: Reading, folders: Iterable[Path]) -> list[Path]:
    """Return the folders in which no definition was found."""
    sources = [Path(definition.source) for definition in reading.definitions if definition.source]
    return [
        folder for folder in folders if not any(source.is_relative_to(folder) for source in sources)
    ]


def emptied(reading: Reading, stored: Iterable[Stored], folders: Iterable[Path]) -> dict[Path, int]:
    """Return the bare folders that living jobs came from, with the number of those.

    A folder that lost all is rather a wrong name, a disk that is not mounted, a copy that has not
    come yet.
    """
    wanted = {definition.name for definition in reading.definitions}
    left = [
        Path(each.job.source)
        for each in stored
        if each.job.source and each.job.retired_at is None and each.job.name not in wanted
    ]
    found = {
        folder: sum(source.is_relative_to(folder) for source in left)
        for folder in bare(reading, folders)
    }
    return {folder: count for folder, count in found.items() if count}


def _is_gone(job: Job, prune: bool, owned: Sequence[Path]) -> bool:
    if not job.source:
        return False  # it was made by other means than a file
    if prune:
        return True
    source = Path(job.source)
    return any(source.is_relative_to(folder) for folder in owned)


def _item(definition: Definition, stored: Stored | None, *, override: bool) -> Item:
    if stored is None:
        return Item(definition.name, Outcome.NEW, definition)
    before, job = stored.definition, stored.job
    operators = tuple(sorted(job.overridden | _regrouped(stored)))
    same_place = replace(definition, **{place: getattr(before, place) for place in _PLACES})
    changes = () if _is_alike(same_place, before) else _changes(before, definition)
    returns = job.retired_at is not None
    restored = operators if override else ()
    is_changed = bool(changes or returns or restored)
    return Item(
        definition.name,
        Outcome.CHANGED if is_changed else Outcome.UNCHANGED,
        definition,
        stored,
        changes=changes,
        returns=returns,
        overridden=() if override else operators,
        restored=restored,
        moved=not is_changed and same_place != definition,
    )


def _regrouped(stored: Stored) -> frozenset[str]:
    """Return `groups` if operators changed them, unmarked in a store of an older version."""
    as_loaded = {DEFAULT_GROUP, *stored.definition.groups} == {DEFAULT_GROUP, *stored.job.groups}
    return frozenset() if as_loaded else frozenset({"groups"})


def _is_alike(one: Definition, other: Definition) -> bool:
    return one == other and options.are_same(one.options, other.options)


def _changes(before: Definition, after: Definition) -> tuple[str, ...]:
    changed = [
        _KEYS.get(name, name)
        for name in Definition.__struct_fields__
        if name not in {"execution", *_PLACES} and not _has_same(name, before, after)
    ]
    changed.extend(
        {"code_path": "code"}.get(name, name)
        for name in Execution.__struct_fields__
        if getattr(before.execution, name) != getattr(after.execution, name)
    )
    return tuple(dict.fromkeys(changed))


def _has_same(name: str, before: Definition, after: Definition) -> bool:
    if name == "options":
        return options.are_same(before.options, after.options)
    return bool(getattr(before, name) == getattr(after, name))
