"""Rows of jobs to be filtered where no console follows them: with their last runs, if asked for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.client.rows import job_row
from app.store.model import JobRow, Run
from app.store.query import Query
from app.store.query_jobs import OF_RUNS
from app.store.series import KEPT_RUNS, with_runs
from engine.clock import SECOND
from engine.control.job_view import JobView

if TYPE_CHECKING:  # a command that lists jobs does not pay for the other services
    from engine.control import System


def rows_for(query: Query, views: Iterable[JobView], system: "System") -> list[JobRow]:
    """Return a row for each view, in order, that holds what the filter asks for.

    Raises:
        StoreError: the store is out of reach.
    """
    rows = [job_row(view) for view in views]
    if not query.fields & OF_RUNS:
        return rows
    ran = system.instances.last_of_jobs([row.jobid for row in rows], KEPT_RUNS)
    runs = {
        jobid: tuple(
            Run(each.jobstatus, (each.completed - each.started) / SECOND)
            for each in several
            if each.completed is not None
        )
        for jobid, several in ran.items()
    }
    return [with_runs(row, runs.get(row.jobid, ())) for row in rows]
