"""Column types: instants as UTC with microseconds, and plain data as JSON text."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator

from engine.clock import Instant, from_datetime, to_datetime


class UtcInstant(TypeDecorator[Instant]):
    """An `Instant` stored as a UTC timestamp that people can read: TEXT on SQLite, TIMESTAMPTZ on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Instant | None, dialect: Dialect) -> datetime | None:
        """Turn microseconds into the database's own timestamp."""
        if value is None:
            return None
        moment = to_datetime(value)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> Instant | None:
        """Turn the database's timestamp into microseconds."""
        del dialect
        if value is None:
            return None
        return from_datetime(value if value.tzinfo else value.replace(tzinfo=UTC))


class Json(TypeDecorator[Any]):
    """Plain data (no objects, no NaN) as JSON text, the same on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Turn plain data into JSON text; None is stored as NULL."""
        del dialect
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Turn JSON text into plain data."""
        del dialect
        return None if value is None else json.loads(value)
