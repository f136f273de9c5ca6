"""The definitions that an engine loads when it starts, and follows when it watches."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.config import Settings
from engine.control import current_actor, open_system
from engine.control.definitions import Reading, read_definitions
from engine.errors import DefinitionError, StoreError

if TYPE_CHECKING:
    from engine.control.definitions import LoadReport

_TRIES = 3
_LOOKS_BETWEEN_TRIES = 10


def home_paths(settings: Settings) -> list[Path]:
    """Return where an engine finds definitions that was not told others; empty: nowhere."""
    return [settings.jobs_dir] if settings.jobs_dir.is_dir() else []


def load_home(settings: Settings) -> Sequence[str]:
    """Load the definitions of the home for an engine that a console hosts.

    Returns what is wrong with them: then nothing was loaded, and an alert says so.

    Raises:
        StoreError: the store cannot be used.
    """
    try:
        Sources(settings, home_paths(settings), watch=False).first_load()
    except DefinitionError as error:
        return error.problems
    return ()


class Sources:
    """Folders and files of definitions, and all that they refer to."""

    def __init__(self, settings: Settings, paths: Sequence[Path], *, watch: bool) -> None:
        self.paths = tuple(paths)
        self._settings = settings
        self.is_watched = watch
        self._files: tuple[Path, ...] = ()  # that the last load read, code elsewhere included
        self._seen = ""  # at the last load
        self._looked = ""  # at the last look
        self._looks_until_next_try = 0  # of what the store did not take; 0: it took the last load
        self.store_has_jobs = False  # known once definitions were refused

    def first_load(self) -> "LoadReport | None":
        """Load as an engine does that starts: what it does not follow, it does not tell of.

        Another engine that is alive may follow that. Raises what `load` raises.
        """
        system = open_system(self._settings)
        try:
            own = self._settings.instance_key
            if all(each.engine_key == own for each in system.living.engines()):
                system.definitions.note_followed(self.paths)
        finally:
            system.close()
        return self.load()

    def load(self) -> "LoadReport | None":
        """Bring the store in line; None: there is nothing to load from.

        The files are looked at before they are read, so that what changes meanwhile is seen next
        time. Which files those are is known only afterwards: where there are others now, once more.

        Raises:
            DefinitionError: a definition is wrong; nothing was written.
            StoreError: the store cannot be used.
        """
        if not self.paths:
            return None
        told: LoadReport | None = None
        self._looks_until_next_try = 0
        for _ in range(_TRIES if self.is_watched else 1):
            self._seen = self._fingerprint()
            try:
                reading, report = self._read_and_write()
            except StoreError:
                self._looks_until_next_try = _LOOKS_BETWEEN_TRIES
                raise
            if told is None or report.changes_anything:
                told = report
            if reading.files == self._files:
                break
            self._files = reading.files
        return told

    def have_changed(self) -> bool:
        """Whether a watched file is not as it was at the last load, and stayed so since a look ago.

        An editor that saves by renaming takes the file away for a moment: that retires no job.
        What the store could not take counts again at each tenth look, until it has.
        """
        if not self.is_watched:
            return False
        if self._looks_until_next_try:
            self._looks_until_next_try -= 1
            return not self._looks_until_next_try
        before, self._looked = self._looked, self._fingerprint()
        return self._looked == before != self._seen

    def _read_and_write(self) -> "tuple[Reading, LoadReport]":
        try:
            reading = read_definitions(self.paths, self._settings.timezone)
            return reading, self._write(reading)
        except DefinitionError as error:
            self._note_refused(error)
            raise

    def _write(self, reading: Reading) -> "LoadReport":
        system = open_system(self._settings)
        try:
            folders = [path for path in reading.roots if path.is_dir()]
            return system.definitions.load(reading, current_actor(), owned=folders)
        finally:
            system.close()

    def _note_refused(self, error: DefinitionError) -> None:
        system = open_system(self._settings)
        try:
            self.store_has_jobs = system.definitions.note_refused(error, self.paths)
        finally:
            system.close()

    def _fingerprint(self) -> str:
        if not self.is_watched:
            return ""
        from engine.definitions.watching import snapshot

        return snapshot(self.paths, self._files)
