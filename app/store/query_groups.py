"""What a filter can ask of groups."""

from app.store.query_fields import YES_NO, Field, Row, Vocabulary, flag, table


def _haystack(row: Row) -> str:
    return f"{row.name}\n{row.description}".lower()


GROUPS = Vocabulary(
    "group",
    table(
        Field("name", "text", "name of the group", lambda row, _: row.name),
        Field(
            "enabled",
            "words",
            "the group's switch",
            words=YES_NO,
            test=flag(lambda row: row.enabled),
        ),
    ),
    _haystack,
    other_words={"en": "enabled", "group": "name"},
)
