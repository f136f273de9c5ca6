"""What an import made: definitions, what is worth knowing, and what could not be carried over."""

from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from engine.clock import Instant
from engine.definitions.exporting import export
from engine.definitions.reader import read_definitions_text
from engine.domain.job import Definition
from engine.errors import DefinitionError


class SourceRule(Protocol):
    """When the source itself would run the job; shares no code with the engine's planner."""

    def instants(self, after: Instant, until: Instant) -> Iterator[Instant]:
        """Yield the instants of `after < instant <= until`, ascending, each once."""
        ...

    def reason(self, instant: Instant) -> str:
        """Return why source and definition may differ at `instant`; "" where they should not."""
        ...


class ImportedJob(Struct, frozen=True):
    """One definition, and where it came from."""

    definition: Definition
    line: int  # in its source, 1-based
    text: str  # as the source has it
    rule: SourceRule | None = None  # None: the source runs it at no time that can be foretold
    source: str = ""  # name of the file


class ImportResult(Struct):
    """Everything in the source is in one of these three."""

    jobs: list[ImportedJob] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)  # carried over, but know this
    not_carried: list[tuple[int, str]] = field(default_factory=list)

    @property
    def definitions(self) -> list[Definition]:
        """The definitions alone."""
        return [job.definition for job in self.jobs]

    def add(self, job: ImportedJob) -> None:
        """Take a job, if its definition can be loaded; else say why not.

        A user that this machine does not have is no reason: the definition may be for another one.
        """
        execution = replace(job.definition.execution, user=None)
        try:
            read_definitions_text(export(replace(job.definition, execution=execution)))
        except DefinitionError as error:
            why = error.problems[0].partition(": ")[2]
            self.refuse(job.line, f"{job.source}: {job.text}: {why}")
        else:
            self.jobs.append(job)

    def note(self, line: int, text: str) -> None:
        """Say something about what was carried over."""
        self.notes.append((line, text))

    def refuse(self, line: int, text: str) -> None:
        """Say what could not be carried over, and why."""
        self.not_carried.append((line, text))
