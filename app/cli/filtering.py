"""`job list FILTER…`: the filter language of the console, over the views of the system API."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from app.client.rows import job_row
from app.store.query import parse
from engine.clock import Instant, to_datetime
from engine.control.job_view import JobView


def matching(views: Iterable[JobView], text: str, now: Instant) -> list[JobView]:
    """Return the jobs that `text` lets through; times of day are in the machine's zone.

    Raises:
        UsageError: a term is wrong; the message says which and what is accepted.
    """
    zone: tzinfo = to_datetime(now).astimezone().tzinfo or UTC
    matcher = parse(text, zone=zone).checked().matcher(now)
    return [view for view in views if matcher is None or matcher(job_row(view))]
