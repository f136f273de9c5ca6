"""Give the number of a row that is gone to no other: SQLite would, of the one made last."""

import re

from alembic import op
from sqlalchemy import Connection, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_COUNTING = {"jobs": "jobid", "groups": "groupid", "sessions": "sessionid"}
_MADE = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
_INDEXES = text(
    "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL"
)
_GIVEN = text(
    "UPDATE sqlite_sequence SET seq = max(seq, coalesce("
    "(SELECT max(objectid) FROM removals WHERE object_type = :kind), 0)) WHERE name = :name"
)


def upgrade() -> None:
    """Make each table anew, with a count of its own; references are checked at the end."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for name, key in _COUNTING.items():
            _make_anew(connection, name, key)


def downgrade() -> None:
    """A store is not made older."""
    raise NotImplementedError


def _make_anew(connection: Connection, name: str, key: str) -> None:
    made = connection.execute(_MADE, {"name": name}).scalar_one()
    indexes = connection.execute(_INDEXES, {"name": name}).scalars().all()
    columns = re.sub(rf",\s*CONSTRAINT pk_{name} PRIMARY KEY \({key}\)", "", made.partition("(")[2])
    columns, counting = re.subn(
        rf"\b{key} INTEGER NOT NULL", rf"{key} INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", columns
    )
    if counting != 1:
        raise RuntimeError(f"table {name} was not made by this program: {made}")
    connection.exec_driver_sql(f"CREATE TABLE new_{name} ({columns}")
    connection.exec_driver_sql(f"INSERT INTO new_{name} SELECT * FROM {name}")
    connection.exec_driver_sql(f"DROP TABLE {name}")
    connection.exec_driver_sql(f"ALTER TABLE new_{name} RENAME TO {name}")
    connection.execute(_GIVEN, {"name": name, "kind": name.removesuffix("s")})
    for index in indexes:
        connection.exec_driver_sql(index)
