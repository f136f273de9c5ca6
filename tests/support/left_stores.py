"""What a test left in its folder: every store in which an engine lived has to add up."""

import sqlite3
from contextlib import closing
from pathlib import Path

from engine.persistence.database import Database
from tests.support.accounting import unaccounted


def problems_in(folder: Path) -> list[str]:
    """Return what is unexplained, doubled or never due in the SQLite stores below `folder`."""
    problems: list[str] = []
    for path in sorted(folder.rglob("*.db")):
        if _was_lived_in(path):
            with closing(Database.open(f"sqlite:///{path}")) as database:
                problems += [f"{path.name}: {each}" for each in unaccounted(database)]
    return problems


def _was_lived_in(path: Path) -> bool:
    """Whether an engine opened a session there; a store that a test damaged tells nothing."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("SELECT count(*) FROM sessions").fetchone()[0])
    except sqlite3.Error:
        return False
