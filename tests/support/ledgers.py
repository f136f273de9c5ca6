"""Whatever a test did: each store in which an engine lived adds up when the test is over.

`tests/conftest.py` sees to it for every SQLite file below a test's folder, `tests.support.postgres`
and `tests.support.stores` for every database on a server. Where no engine ever opened a session
nothing was promised; sessions that a test writes by hand say so in place of a boot's id.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from engine.clock import Instant
from engine.config import Settings
from engine.control.context import Context
from engine.control.system import System
from engine.domain.schedule.zones import HORIZON
from engine.persistence import sessions
from engine.persistence.database import Database
from engine.testing.clock import ManualClock
from tests.support.accounting import ledger_problems, unaccounted

MARKER = "spoils_the_ledger"
HAND_MADE = "written by a test"
_LIVED = f"SELECT count(*) FROM sessions WHERE boot_id <> '{HAND_MADE}'"


def is_spoiled_on_purpose(item: pytest.Item) -> bool:
    """Whether a test writes a wrong record on purpose; its marker has to say which one."""
    marker = item.get_closest_marker(MARKER)
    if marker is not None and not (marker.args and str(marker.args[0]).strip()):
        raise pytest.UsageError(f"{item.nodeid}: {MARKER} wants to know what is spoiled and why")
    return marker is not None


def problems_below(folder: Path) -> list[str]:
    """Return what does not add up in the SQLite stores below `folder`."""
    found = (path for path in sorted(folder.rglob("*.db")) if _lived_in_file(path))
    return [f"{path.name}: {each}" for path in found for each in _problems(f"sqlite:///{path}")]


def problems_at(server: URL) -> list[str]:
    """Return what does not add up in the store at a database of a server."""
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with closing(psycopg.connect(address)) as connection:
            row = connection.execute(_LIVED).fetchone()
    except psycopg.Error:  # it is no store, or gone
        return []
    return list(_problems(server)) if row is not None and row[0] else []


def _lived_in_file(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute(_LIVED).fetchone()[0])
    except sqlite3.Error:  # it is no store, or one that the test damaged
        return False


def _problems(url: URL | str) -> Iterator[str]:
    """Account for one store as of the last sign of life in it: time may be a test's own."""
    with closing(Database.open(url, migrate=False)) as database:
        clock = ManualClock(_last_sign(database))
        settings = Settings(Path("/nonexistent"), str(url))
        yield from unaccounted(database)
        yield from ledger_problems(System(Context(settings, database, clock)))


def _last_sign(database: Database) -> Instant:
    with database.read() as tx:
        every = sessions.between(tx, 0, HORIZON)
    return max(max(each.beat_at, each.ended or 0) for each in every)
