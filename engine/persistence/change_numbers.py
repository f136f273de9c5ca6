"""Change numbers on PostgreSQL: drawn from a sequence, read up to the lowest still being written.

Writers do not wait for each other, so a lower number may be committed after a higher one. A writer
therefore takes a shared advisory lock, held to its end, that names a number below the one it then
draws. A reader looks at the sequence first and at those locks second: no number up to the lowest
lock, or up to the sequence where there is no lock, can appear any more. PostgreSQL shows a commit
before it releases its locks.
"""

from sqlalchemy import text

from engine.persistence.transaction import Transaction

_CLASS = 0x746F6373  # "tocs": the first half of every advisory lock of ours
_WRAP = 2**31  # the second half is a signed 32-bit number

_DRAW = text(
    "WITH held AS MATERIALIZED ("
    f" SELECT pg_advisory_xact_lock_shared({_CLASS}, (last_value % {_WRAP})::int) AS lock"
    " FROM change_numbers)"
    " SELECT nextval('change_numbers'), pg_current_xact_id()::text, held.lock::text FROM held"
)
_LAST = text("SELECT last_value FROM change_numbers")
_HELD = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    f" AND classid = {_CLASS}"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def draw(tx: Transaction) -> tuple[int, str]:
    """Return this transaction's change number and its own number, which `pg_xact_status` knows."""
    row = tx.row(_DRAW)
    return int(row[0]), str(row[1])


def being_written(tx: Transaction) -> tuple[int, list[int]]:
    """Return the last number drawn, and those above which transactions are being written."""
    last = int(tx.value(_LAST))
    held = [last - (last - int(row[0])) % _WRAP for row in tx.rows(_HELD)]
    return last, sorted(held)


def settled(tx: Transaction) -> int:
    """Return the number up to which everything is committed and seen by the next statement."""
    last, held = being_written(tx)
    return min([last, *held])
