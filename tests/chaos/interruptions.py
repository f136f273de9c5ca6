"""What comes between two statements of a simulated engine: a peer, a cut, a lost reply, death.

Transactions of different engines meet on a server at the bounds of their statements. So at any of
them, by chance, another engine does its work first, the connection breaks, a COMMIT is kept but its
answer lost, or the engine is killed.
"""

import random
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from engine.persistence.database import Database

_LOCK_MILLISECONDS = 20  # a peer that comes in between must not wait for who waits for it


class KilledError(BaseException):
    """The engine's process is gone: nothing catches it but who killed it."""


class Interruptions:
    """Comes in between, while `is_on`, with a seed's choices."""

    def __init__(self, chance: random.Random, come_between: Callable[[Database], None]) -> None:
        self._chance = chance
        self._come_between = come_between
        self.is_on = False
        self.told: list[str] = []

    def watch(self, database: Database) -> None:
        """Come in between the statements of a store's connections from now on."""
        engine = database._engine  # where all statements pass

        def connected(driver: Any, _record: Any) -> None:
            driver.execute(f"SET lock_timeout = {_LOCK_MILLISECONDS}")

        def before(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if self.is_on:
                self._interrupt(database, connection.connection.driver_connection, statement)

        event.listen(engine, "connect", connected)
        event.listen(engine, "before_cursor_execute", before)

    def _interrupt(self, database: Database, driver: Any, statement: str) -> None:
        lot = self._chance.random()
        is_commit = statement == "COMMIT"
        if is_commit and lot < 0.01:
            self.told.append("COMMIT is kept, its answer lost")
            driver.execute("COMMIT")
            driver.close()
        elif is_commit and lot < 0.015:
            self.told.append("killed after COMMIT")
            driver.execute("COMMIT")
            raise KilledError
        elif lot < 0.02:
            self.told.append(f"a peer comes before {statement[:60]!r}")
            self.is_on = False
            try:
                self._come_between(database)
            finally:
                self.is_on = True
        elif lot < 0.022:
            self.told.append(f"connection breaks before {statement[:60]!r}")
            driver.close()
        elif lot < 0.0225:
            self.told.append(f"killed before {statement[:60]!r}")
            raise KilledError
