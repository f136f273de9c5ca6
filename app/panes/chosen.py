"""The rows of a table that an action means: those that are marked, or the one under the cursor."""

from app.actions.scene import Selection
from app.store.model import InstanceRow, JobRow
from app.store.store import ConsoleStore
from app.store.view import TableView


def chosen_jobs(view: TableView[int, JobRow]) -> Selection:
    """Return the marked jobs or the one under the cursor."""
    rows = tuple(view.live[key] for key in view.targets())
    is_gone = bool(view.keys) and not rows
    return Selection(jobs=rows, hidden=len(view.hidden_marks()), is_gone=is_gone)


def job_at_cursor(view: TableView[int, JobRow]) -> Selection:
    """Return the job under the cursor, whatever is marked: the one that is opened."""
    row = view.chosen
    return Selection(is_gone=bool(view.keys)) if row is None else Selection(jobs=(row,))


def chosen_runs(view: TableView[int, InstanceRow], store: ConsoleStore) -> Selection:
    """Return the marked instances or the one under the cursor, and their jobs."""
    rows = tuple(view.live[key] for key in view.targets())
    jobs = dict.fromkeys(row.jobid for row in rows)
    return Selection(
        jobs=tuple(store.jobs[jobid] for jobid in jobs if jobid in store.jobs),
        instances=rows,
        hidden=len(view.hidden_marks()),
        is_gone=bool(view.keys) and not rows,
    )


def run_at_cursor(view: TableView[int, InstanceRow], store: ConsoleStore) -> Selection:
    """Return the instance under the cursor, whatever is marked, and its job."""
    row = view.chosen
    if row is None:
        return Selection(is_gone=bool(view.keys))
    job = store.jobs.get(row.jobid)
    return Selection(jobs=() if job is None else (job,), instances=(row,))
