"""What all tables share: metadata, the types of keys and names, indexes on some rows only."""

from sqlalchemy import BigInteger, Connection, Index, Integer, MetaData, String, event, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = BigInteger().with_variant(
    Integer, "sqlite"
)  # SQLite counts rows only in an INTEGER PRIMARY KEY

Name = String(160).with_variant(String(160, collation="C"), "postgresql")  # sorts as Python does


def where(condition: str) -> dict[str, dict[str, object]]:
    """Return the options of an index on the rows where `condition` holds."""
    return {"sqlite": {"where": text(condition)}, "postgresql": {"where": text(condition)}}


def one_where(name: str, column: str, condition: str) -> Index:
    """Return an index that allows one row of each `column` where `condition` holds."""
    return Index(name, column, unique=True, info=where(condition))


# Of a table whose rows' numbers are given once. SQLite gives the highest again when its row is
# gone, and who still has it in sight would mean another row.
NUMBERED_ONCE = {"sqlite": {"autoincrement": True}}


@event.listens_for(metadata, "before_create")
def _complete_tables(target: MetaData, connection: Connection, **_: object) -> None:
    """Give tables and indexes the options of the database in which they are made.

    Given to `Table` and `Index` themselves they would load both dialects into every program that
    only reads: a fifth of the time that a listing takes.
    """
    dialect = connection.dialect.name
    for table in target.tables.values():
        for option, value in table.info.get(dialect, {}).items():
            table.dialect_options[dialect][option] = value
        for index in table.indexes:
            for option, value in index.info.get(dialect, {}).items():
                index.dialect_options[dialect][option] = value
