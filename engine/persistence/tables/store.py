"""Tables of the store itself: facts about it, its change numbers, and what was deleted."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Sequence, String, Table

from engine.persistence.tables.base import Key, metadata
from engine.persistence.types import UtcInstant

# One row: facts about the store itself. The two counters are SQLite's; PostgreSQL has sequences for
# both, so that writers need not wait for each other.
store_info = Table(
    "store_info",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("storeid", String(36), nullable=False),
    Column("created", UtcInstant, nullable=False),
    Column("change_seq", BigInteger, nullable=False),
    Column("last_job_instanceid", BigInteger, nullable=False),
    Column("retention_days", Float),
)

change_numbers = Sequence("change_numbers", metadata=metadata)

# What was deleted, so that readers who go by change numbers learn of it.
removals = Table(
    "removals",
    metadata,
    Column("removalid", Key, primary_key=True, autoincrement=True),
    Column("object_type", String(20), nullable=False),  # job, group
    Column("objectid", BigInteger, nullable=False),
    Column("name", String(160), nullable=False),
    Column("change_seq", BigInteger, nullable=False),
    Index("ix_removals_change_seq", "change_seq"),
)
