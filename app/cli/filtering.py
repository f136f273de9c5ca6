"""`job list FILTER…`: the filter language of the console, over the views of the system API."""

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from app.client.job_rows import rows_for
from app.store.query import parse
from app.store.query_jobs import OF_RUNS
from engine.clock import to_datetime
from engine.control.job_view import JobView

if TYPE_CHECKING:  # a command that lists jobs does not pay for the other services
    from engine.control import System


def matching(views: list[JobView], text: str, system: "System") -> list[JobView]:
    """Return the jobs that `text` lets through; times of day are in the machine's zone.

    Raises:
        UsageError: a term is wrong; the message says which and what is accepted.
    """
    now = system.now()
    zone: tzinfo = to_datetime(now).astimezone().tzinfo or UTC
    query = parse(text, zone=zone).checked()
    for each in (query.without(OF_RUNS), query):  # runs are read of few jobs, where others tell
        if (matcher := each.matcher(now)) is not None:
            rows = rows_for(each, views, system)
            views = [view for view, row in zip(views, rows, strict=True) if matcher(row)]
    return views
