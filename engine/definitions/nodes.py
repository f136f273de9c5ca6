"""What a YAML document holds before anything is made of it, with its places in the file."""

from dataclasses import dataclass
from typing import Final

# Block scalars ("|" and ">") begin on the line after their header; the others where they stand.
BLOCK_STYLES: Final = ("|", ">")


@dataclass(slots=True)
class Text:
    """A scalar as written. `style` is None where it has no quotes, so that YAML types it."""

    line: int  # 1-based
    column: int  # 1-based
    value: str
    style: str | None = None


@dataclass(slots=True)
class Items:
    """A list."""

    line: int
    column: int
    items: "list[Node]"


@dataclass(slots=True)
class Fields:
    """A mapping. Its keys are texts, each of them once."""

    line: int
    column: int
    entries: "list[tuple[Text, Node]]"


Node = Text | Items | Fields
