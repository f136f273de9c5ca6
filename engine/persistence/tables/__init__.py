"""Every table. The seed's names of tables and columns are kept, so that people can read them.

`change_seq` on a row is the number of the last transaction that changed it (see `changes`): readers
ask for what has a higher number than they have seen, and need no events to be up to date.
"""

from engine.persistence.tables.base import metadata
from engine.persistence.tables.instances import job_errors, job_instance
from engine.persistence.tables.jobs import (
    group_jobs,
    groups,
    job_lib,
    job_state_data,
    job_state_history,
    job_tags,
    jobs,
)
from engine.persistence.tables.operations import alerts, audit_events, requests, sessions
from engine.persistence.tables.schedules import (
    job_holds,
    prunings,
    schedule_cursor,
    schedule_revisions,
    verdicts,
)
from engine.persistence.tables.store import change_numbers, removals, store_info

__all__ = [
    "alerts",
    "audit_events",
    "change_numbers",
    "group_jobs",
    "groups",
    "job_errors",
    "job_holds",
    "job_instance",
    "job_lib",
    "job_state_data",
    "job_state_history",
    "job_tags",
    "jobs",
    "metadata",
    "prunings",
    "removals",
    "requests",
    "schedule_cursor",
    "schedule_revisions",
    "sessions",
    "store_info",
    "verdicts",
]
