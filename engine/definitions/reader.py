"""Files and folders → checked definitions, or every problem of every file at once."""

import traceback
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from msgspec import Struct, field

from engine.definitions.documents import read_documents
from engine.definitions.files import (
    LARGEST_FILE,
    Found,
    UnreadableError,
    find,
    read_text,
    too_large,
)
from engine.definitions.job_reader import JobReader
from engine.definitions.problems import FileProblems, Problems
from engine.domain.job import Definition
from engine.zones import machine_timezone


class Reading(Struct, frozen=True):
    """What the files say, all of it checked."""

    definitions: tuple[Definition, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)  # of define-group: name to description
    warnings: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()  # the files and folders that were asked for, absolute
    files: tuple[Path, ...] = ()  # every file that was read, code and library included


def read(paths: Iterable[str | Path], *, timezone: str = "") -> Reading:
    """Read every definition in `paths` (files, and folders with all below them).

    Args:
        paths: what to read; relative paths start at the current folder.
        timezone: IANA name for jobs that name none; "" is the machine's.

    Raises:
        DefinitionError: anything at all is wrong anywhere; `problems` has a line for each.
    """
    given = list(paths)
    collector = _Collector(timezone or machine_timezone())
    for file in find(given, collector.problems):
        collector.read_file(file)
    return collector.finish(given)


def read_paths(paths: Iterable[str | Path], *, timezone: str = "") -> list[Definition]:
    """Return the definitions of `read`."""
    return list(read(paths, timezone=timezone).definitions)


def read_definitions_text(
    text: str, *, name: str = "text", folder: Path | None = None, timezone: str = ""
) -> Reading:
    """Read definitions from a text that is in no file.

    Args:
        text: YAML, one or several documents.
        name: what problems call it.
        folder: where relative names of code start from; None: code and library must be in the text.
        timezone: IANA name for jobs that name none; "" is the machine's.

    Raises:
        DefinitionError: anything at all is wrong.
    """
    collector = _Collector(timezone or machine_timezone())
    problems = collector.problems.of_file(name, text)
    size = len(text.encode("utf-8", "replace"))
    if size > LARGEST_FILE:
        problems.at_place(1, 1, too_large(size, LARGEST_FILE))
    else:
        collector.read_text(text, problems, folder / name if folder else None)
    return collector.finish([])


class _Collector:
    def __init__(self, timezone: str) -> None:
        self.problems = Problems()
        self._timezone = timezone
        self._definitions: list[Definition] = []
        self._first: dict[str, tuple[str, int]] = {}  # name of a job: where it was first defined
        self._groups: dict[str, str] = {}
        self._files: list[Path] = []

    def read_file(self, file: Found) -> None:
        try:
            warn = partial(self.problems.warn, file.shown)
            text = read_text(file.path, LARGEST_FILE, warn)
        except UnreadableError as error:
            self.problems.of_file(file.shown).at_place(1, 1, str(error))
            return
        self._files.append(file.path)
        self.read_text(text, self.problems.of_file(file.shown, text), file.path)

    def read_text(self, text: str, problems: FileProblems, path: Path | None) -> None:
        if _has_bad_character(text, problems):
            return
        reader = JobReader(path, problems, self._timezone)
        try:
            for document in read_documents(text, problems):
                definition = reader.read(document)
                if definition is not None:
                    self._take(definition, problems)
        except Exception as error:  # noqa: BLE001 - one file never keeps the jobs of a store from running
            problems.at_place(1, 1, _fault(error))
        self._files.extend(reader.context.code.files)
        self._take_groups(reader.groups, problems)

    def finish(self, paths: list[str | Path]) -> Reading:
        self.problems.raise_if_any()
        return Reading(
            definitions=tuple(self._definitions),
            groups=self._groups,
            warnings=tuple(self.problems.warnings),
            roots=tuple(Path(path).resolve() for path in paths),
            files=tuple(dict.fromkeys(self._files)),
        )

    def _take(self, definition: Definition, problems: FileProblems) -> None:
        first = self._first.setdefault(definition.name, (problems.name, definition.source_line))
        if first != (problems.name, definition.source_line):
            problems.at_place(
                definition.source_line,
                1,
                f"job '{definition.name}' is defined twice; first at {first[0]}:{first[1]}",
            )
        self._definitions.append(definition)

    def _take_groups(self, groups: Mapping[str, str], problems: FileProblems) -> None:
        for name, description in groups.items():
            if self._groups.setdefault(name, description) != description:
                problems.at_place(1, 1, f"group '{name}' is described otherwise in another file")


def _fault(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"a fault of tocsin, {type(error).__name__}: {error} "
        f"({Path(where.filename).name}:{where.lineno}); report it with this file"
    )


def _has_bad_character(text: str, problems: FileProblems) -> bool:
    """Note the first character that has no place in a file of text: NUL, escape, half a pair."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.isprintable():
            continue
        for column, char in enumerate(line, 1):
            if (
                (char < " " and char not in "\t\r")
                or "\x7f" <= char <= "\x9f"
                or "\ud800" <= char <= "\udfff"
            ):
                problems.at_place(
                    number, column, f"found the character U+{ord(char):04X}; it is not accepted"
                )
                return True
    return False
