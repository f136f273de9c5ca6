"""What was deleted: a row that is gone cannot carry a change number, so its removal does."""

from typing import Literal

from msgspec import Struct
from sqlalchemy import insert, select

from engine.persistence.tables import removals
from engine.persistence.transaction import Transaction

ObjectType = Literal["job", "group"]


class Removal(Struct, frozen=True):
    """One deleted job or group."""

    object_type: ObjectType
    objectid: int
    name: str
    change_seq: int


def add(tx: Transaction, object_type: ObjectType, objectid: int, name: str) -> None:
    """Record that an object was deleted in this transaction."""
    values = {"object_type": object_type, "objectid": objectid, "name": name}
    tx.execute(insert(removals), {**values, "change_seq": tx.seq})


def since(tx: Transaction, seq: int) -> list[Removal]:
    """Return what was deleted by transactions after `seq`."""
    columns = removals.c
    query = select(columns.object_type, columns.objectid, columns.name, columns.change_seq)
    return [Removal(*row) for row in tx.rows(query.where(columns.change_seq > seq))]
