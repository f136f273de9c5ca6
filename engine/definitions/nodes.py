"""What a YAML document holds before anything is made of it, with its places in the file."""

from typing import Final

from msgspec import Struct

# Block scalars ("|" and ">") begin on the line after their header; the others where they stand.
BLOCK_STYLES: Final = ("|", ">")


class Text(Struct):
    """A scalar as written. `style` is None where it has no quotes, so that YAML types it."""

    line: int  # 1-based
    column: int  # 1-based
    value: str
    style: str | None = None


class Items(Struct):
    """A list."""

    line: int
    column: int
    items: "list[Node]"


class Fields(Struct):
    """A mapping. Its keys are texts, each of them once."""

    line: int
    column: int
    entries: "list[tuple[Text, Node]]"


Node = Text | Items | Fields
