"""All definitions as they were last loaded, in two queries whatever their number."""

from collections.abc import Iterable

from sqlalchemy import select

from engine.domain.job import Definition, LibraryObject
from engine.persistence.bulk import collector_paused
from engine.persistence.job_rows import definition_from_plain
from engine.persistence.tables import job_lib, jobs
from engine.persistence.transaction import Transaction

_DEFINITIONS = select(jobs.c.jobid, jobs.c.definition, jobs.c.code)
_LIBRARY = select(job_lib.c.jobid, job_lib.c.name, job_lib.c.code).order_by(
    job_lib.c.jobid, job_lib.c.load_order
)


def all_definitions(tx: Transaction) -> dict[int, Definition]:
    """Return the definition of every job by its id, without what operators changed."""
    with collector_paused():
        library = _libraries(tx.rows(_LIBRARY))
        return {
            jobid: definition_from_plain(plain, code, library.get(jobid, ()))
            for jobid, plain, code in tx.rows(_DEFINITIONS)
        }


def _libraries(rows: Iterable[tuple[int, str, str]]) -> dict[int, tuple[LibraryObject, ...]]:
    found: dict[int, list[LibraryObject]] = {}
    for jobid, name, code in rows:
        found.setdefault(jobid, []).append(LibraryObject(name, code))
    return {jobid: tuple(objects) for jobid, objects in found.items()}
