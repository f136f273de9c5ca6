"""The stores of each kind."""

from tests.support.stores import (
    postgres_address,
    postgres_shared,
    postgres_url,
    sqlite_template,
    store_url,
)

__all__ = ["postgres_address", "postgres_shared", "postgres_url", "sqlite_template", "store_url"]
