"""The rows of a store as the checker sees them: read with plain SQL, with nothing of the engine's.

Instants are microseconds since 1970, UTC.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple


class Job(NamedTuple):
    jobid: int
    name: str
    single_instance: bool
    sessionid: int | None


class Revision(NamedTuple):
    jobid: int
    began_at: int
    ended_at: int | None
    expires_at: int | None
    recurring: int | None
    fields: tuple[str, ...]  # minute, hour, day, month, wday
    timezone: str
    dst_gap: str
    dst_overlap: str
    anchor_at: int | None = None  # a recurring one counts from here; None: from began_at


class Cursor(NamedTuple):
    jobid: int
    owner: str
    began_at: int
    accounted_until: int
    ended_at: int | None = None  # its engine was forgotten


class Stretch(NamedTuple):
    jobid: int
    owner: str
    verdict: str
    reason: str | None
    first: int
    last: int
    number: int  # of its instants
    job_instanceid: int | None


class Hold(NamedTuple):
    jobid: int | None
    owner: str
    reason: str
    since: int
    until: int | None


class Session(NamedTuple):
    sessionid: int
    key: str
    status: str
    started: int
    ended: int | None
    beat_at: int


class Instance(NamedTuple):
    job_instanceid: int
    jobid: int
    owner: str
    sessionid: int | None
    status: str
    cause: str
    started: int
    completed: int | None
    due_at: int | None
    late: bool
    fence: int
    ending: str | None


class Save(NamedTuple):
    """A row of the state data, or of its history; `data` None: cleared."""

    jobid: int
    job_instanceid: int | None
    saved_at: int
    data: str | None


@dataclass
class History:
    """Everything that a store tells of the past."""

    jobs: list[Job] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)  # by id
    states: list[Save] = field(default_factory=list)
    saves: list[Save] = field(default_factory=list)  # oldest first

    def copy(self) -> "History":
        return History(*(list(getattr(self, name)) for name in self.__dataclass_fields__))


def load(store: Path) -> History:
    """Read a SQLite store, in one snapshot."""
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        connection.execute("BEGIN")
        return _load(connection)
    finally:
        connection.close()


def _load(connection: sqlite3.Connection) -> History:
    def rows(sql: str) -> Iterable[Any]:
        return connection.execute(sql)

    return History(
        jobs=[
            Job(jobid, name, bool(single), sessionid)
            for jobid, name, single, sessionid in rows(
                "SELECT jobid, name, single_instance, sessionid FROM jobs"
            )
        ],
        revisions=[
            Revision(
                row[0],
                at(row[1]),
                maybe(row[2]),
                maybe(row[3]),
                row[4],
                tuple(row[5:10]),
                row[10],
                row[11],
                row[12],
                maybe(row[13]),
            )
            for row in rows(
                "SELECT jobid, began_at, ended_at, expires_at, recurring, minute, hour, day, month,"
                " wday, timezone, dst_gap, dst_overlap, anchor_at FROM schedule_revisions"
                " ORDER BY jobid, began_at, revisionid"
            )
        ],
        cursors=[
            Cursor(row[0], row[1], at(row[2]), at(row[3]), maybe(row[4]))
            for row in rows(
                "SELECT jobid, engine_key, began_at, accounted_until, ended_at FROM schedule_cursor"
            )
        ],
        stretches=[
            Stretch(row[0], row[1], row[2], row[3], at(row[4]), at(row[5]), row[6], row[7])
            for row in rows(
                "SELECT jobid, engine_key, verdict, reason, first_due, last_due, count,"
                " job_instanceid FROM verdicts ORDER BY jobid, first_due"
            )
        ],
        holds=[
            Hold(row[0], row[1], row[2], at(row[3]), maybe(row[4]))
            for row in rows("SELECT jobid, engine_key, reason, since, until FROM job_holds")
        ],
        sessions=[
            Session(row[0], row[1], row[2], at(row[3]), maybe(row[4]), at(row[5]))
            for row in rows(
                "SELECT sessionid, instancekey, sessionstatus, started, ended, beat_at"
                " FROM sessions ORDER BY sessionid"
            )
        ],
        instances=[
            Instance(
                row[0],
                row[1],
                row[2],
                row[3],
                row[4],
                row[5],
                started=at(row[6]),
                completed=maybe(row[7]),
                due_at=maybe(row[8]),
                late=bool(row[9]),
                fence=row[10],
                ending=row[11],
            )
            for row in rows(
                "SELECT job_instanceid, jobid, engine_key, sessionid, jobstatus, cause, started,"
                " completed, due_at, late, fence, ending FROM job_instance ORDER BY job_instanceid"
            )
        ],
        states=[
            Save(row[0], row[1], at(row[2]), row[3])
            for row in rows("SELECT jobid, job_instanceid, saved_at, data FROM job_state_data")
        ],
        saves=[
            Save(row[0], row[1], at(row[2]), row[3])
            for row in rows(
                "SELECT jobid, job_instanceid, saved_at, data FROM job_state_history"
                " ORDER BY stateid"
            )
        ],
    )


def at(text: str) -> int:
    """Return `2026-03-01 12:00:00.000000` as an instant."""
    return _minute(text[:16]) + int(text[17:19]) * 1_000_000 + int(text[20:26] or 0)


def maybe(text: str | None) -> int | None:
    return None if text is None else at(text)


@lru_cache(maxsize=200_000)
def _minute(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000
