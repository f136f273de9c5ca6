"""Change numbers on PostgreSQL: drawn from a sequence, read up to the lowest still being written.

Writers do not wait for each other, so a lower number may be committed after a higher one. A writer
therefore takes a shared advisory lock, held to its end, that names a number below the one it then
draws. A reader looks at the sequence first and at those locks second: no number up to the lowest
lock, or up to the sequence where there is no lock, can appear any more. PostgreSQL shows a commit
before it releases its locks.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Executable, text

_CLASS = 0x746F6373  # "tocs": the first half of every advisory lock of ours
_WRAP = 2**31  # the second half is a signed 32-bit number

_DRAW = (
    "WITH held AS MATERIALIZED ("
    f" SELECT pg_advisory_xact_lock_shared({_CLASS}, (last_value %% {_WRAP})::int) AS lock"
    " FROM change_numbers)"
    " SELECT nextval('change_numbers'), pg_current_xact_id()::text, held.lock::text,"
    " ARRAY(SELECT nextval('job_instance_job_instanceid_seq')"
    " FROM generate_series(1, %(many)s::int)) FROM held"
)
_LAST = text("SELECT last_value FROM change_numbers")
_HELD = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    f" AND classid = {_CLASS}"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class _Asks(Protocol):
    """What is needed of a transaction, which itself draws its number here."""

    def value(self, statement: Executable) -> Any: ...

    def rows(self, statement: Executable) -> Sequence[Any]: ...

    def driver_row(self, sql: str, values: Mapping[str, Any]) -> Any: ...


def draw(tx: _Asks, ids: int = 0) -> tuple[int, str, list[int]]:
    """Return this transaction's change number and its own number, which `pg_xact_status` knows.

    Along come so many new instance ids, rising.
    """
    row = tx.driver_row(_DRAW, {"many": ids})
    return int(row[0]), str(row[1]), sorted(row[3])


def being_written(tx: _Asks) -> tuple[int, list[int]]:
    """Return the last number drawn, and those above which transactions are being written."""
    last = int(tx.value(_LAST))
    held = [last - (last - int(row[0])) % _WRAP for row in tx.rows(_HELD)]
    return last, sorted(held)


def settled(tx: _Asks) -> int:
    """Return the number up to which everything is committed and seen by the next statement."""
    last, held = being_written(tx)
    return min([last, *held])
