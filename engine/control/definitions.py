"""Definitions: load files into the store, and write a job back as a file."""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.control.actor import Actor
from engine.control.context import Context
from engine.definitions import applying, exporting, loading, reader, template
from engine.definitions.applying import Loader
from engine.definitions.loading import Item, LoadPlan, Outcome, plan
from engine.definitions.reader import Reading
from engine.domain.group import DEFAULT_GROUP
from engine.errors import DefinitionError
from engine.persistence import alerts, jobs, wake

_REFUSED, _TYPE = "DEFINITION-ERROR", "definitions"

__all__ = [
    "Definitions",
    "LoadReport",
    "Reading",
    "check_without_store",
    "read_definitions",
]


class LoadReport(Struct, frozen=True):
    """What a load did to each job, or would do."""

    plan: LoadPlan
    checked_only: bool

    @property
    def changes_anything(self) -> bool:
        """Whether any job is new, changed or retired by it."""
        return any(item.outcome is not Outcome.UNCHANGED for item in self.plan.items)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return [_item_json(item) for item in self.plan.items]


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "name": item.name,
        "outcome": str(item.outcome),
        "changes": list(item.changes),
        "overridden": list(item.overridden),
        "restored": list(item.restored),
        "source": item.definition.source if item.definition else None,
        "source_line": item.definition.source_line if item.definition else None,
    }


def read_definitions(paths: Iterable[str | Path], timezone: str = "") -> Reading:
    """Read and check files and folders, without any store.

    Args:
        paths: files, and folders with all below them.
        timezone: IANA name for jobs that name none; "" is the machine's.

    Raises:
        DefinitionError: anything at all is wrong anywhere; `problems` has a line for each.
    """
    return reader.read(paths, timezone=timezone)


def _about(path: Path) -> str:
    """Return what the alert about definitions in `path` is about."""
    return str(path.resolve())[:255]


def check_without_store(reading: Reading) -> LoadReport:
    """Return what loading into an empty store would do."""
    return LoadReport(plan(reading, ()), checked_only=True)


def _refuse_to_empty(reading: Reading, *, prune: bool) -> None:
    """Refuse to retire every job because a folder is empty: a wrong name, a disk not mounted."""
    if prune and not reading.definitions:
        where = ", ".join(str(root) for root in reading.roots)
        problem = (
            f"{where}: there is no definition here, so pruning would retire every job; "
            "nothing was changed. `tocsin job delete` takes jobs away one by one."
        )
        raise DefinitionError([problem])


class Definitions:
    """The service of definitions."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def check(self, reading: Reading, *, override: bool = False, prune: bool = False) -> LoadReport:
        """Return what `load` would do, without writing anything."""
        _refuse_to_empty(reading, prune=prune)
        made = applying.check(self._context.database, reading, override=override, prune=prune)
        return LoadReport(made, checked_only=True)

    def load(
        self,
        reading: Reading,
        actor: Actor,
        *,
        override: bool = False,
        prune: bool = False,
        owned: Sequence[Path] = (),
    ) -> LoadReport:
        """Bring the store in line with `reading`, as one transaction, and wake the engine.

        Args:
            reading: what the files say.
            actor: who loads.
            override: take back what operators changed.
            prune: retire every job that came from a file and is in none of these.
            owned: folders that the store follows: a job whose file in one is gone is retired.

        Raises:
            DefinitionError: it would retire every job, because nothing was read: there at all, or
                in one of the `owned` folders.
        """
        _refuse_to_empty(reading, prune=prune)
        made = applying.load(
            self._context.database,
            reading,
            Loader(actor.who, actor.source),
            self._context.clock,
            override=override,
            prune=prune,
            owned=owned,
        )
        self.note_loaded(self._put_right(reading))
        wake.wake(self._context.database)
        return LoadReport(made, checked_only=False)

    def _put_right(self, reading: Reading) -> list[Path]:
        """Return what is as it should be now: not a folder where nothing is and jobs came from."""
        wrong: Mapping[Path, int] = {}
        folders = [root for root in reading.roots if root.is_dir()]  # a file may well be emptied
        if loading.bare(reading, folders):
            with self._context.read() as tx:
                wrong = loading.emptied(reading, applying.stored_jobs(tx), folders)
        return [root for root in reading.roots if root not in wrong]

    def note_refused(self, error: DefinitionError, paths: Sequence[Path]) -> bool:
        """Raise an ongoing alert for each of `paths`: definitions are wrong, nothing was loaded.

        Each is cleared for itself, by whatever load has that path.

        Returns whether the store has jobs to go on with.
        """
        more = len(error.problems) - 1
        reason = error.message + (f" (and {more} more)" if more > 0 else "")
        again = shlex.join(["tocsin", "load", *(str(path.resolve()) for path in paths)])
        reason += f"; nothing was loaded: `{again}` tells all, or loads it"
        with self._context.database.begin() as tx:
            now = self._context.clock.now()
            for path in paths:
                alerts.raise_alert(tx, _REFUSED, _TYPE, _about(path), reason, now)
            return bool(jobs.names(tx))

    def note_loaded(self, paths: Iterable[Path]) -> None:
        """Clear that alert where it stands: the definitions in `paths` are right again."""
        with self._context.database.begin() as tx:
            now = self._context.clock.now()
            for path in paths:
                alerts.clear_alert(tx, _REFUSED, _TYPE, _about(path), now)

    def note_followed(self, paths: Sequence[Path]) -> None:
        """Clear that alert of every path but `paths`: those are all that engines load from now."""
        followed = {_about(path) for path in paths}
        with self._context.database.begin() as tx:
            now = self._context.clock.now()
            for each in alerts.current(tx):
                if each.alert == _REFUSED and each.object_name not in followed:
                    alerts.clear_alert(tx, _REFUSED, _TYPE, each.object_name, now)

    def export(self, name: str, *, shown: Callable[[Any], Any] = lambda data: data) -> str:
        """Return a job as a definition that loads to the same job, operators' changes included.

        `shown` turns its options and its environment into those that may be seen.

        Raises:
            NotFoundError: no job has this name.
        """
        with self._context.read() as tx:
            job = jobs.get(tx, name)
            definition = jobs.definition(tx, job.jobid)
        named = [name for name in definition.groups if name in job.groups]  # in its order
        named += [name for name in job.groups if name not in (DEFAULT_GROUP, *named)]
        as_it_is = replace(
            definition,
            groups=tuple(named),
            schedule=job.schedule,
            expiry_date=job.expiry_date,
            active=job.active,
            options=shown(job.options),
            execution=replace(definition.execution, env=shown(definition.execution.env)),
        )
        return exporting.export(as_it_is)

    @staticmethod
    def template(name: str) -> str:
        """Return a commented definition of a job called `name`.

        Raises:
            DefinitionError: `name` is no name of a job.
        """
        return template.template(name)
