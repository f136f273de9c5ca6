"""The entries of a list to choose from: which match what is typed, how they break into lines."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from app.cells import wrap_words
from app.sanitize import safe


class Entry(Struct, frozen=True):
    """One entry. `reason` says why it is impossible; it stays in the list."""

    text: str
    run: Callable[[], None]
    key: str = ""  # shown before it
    more: str = ""  # shown after it, dimmed
    reason: str = ""
    note: str = ""  # told below the list while the cursor is on it
    words: str = ""  # searched beside `text`
    is_heading: bool = False
    is_safest: bool = False  # the cursor begins on it, wherever it stands
    said: str = ""  # the part of `more` and `reason` that has room beside it; "": they are cut
    is_rest: bool = False  # a line of what had no room beside the entry above it

    def is_same(self, other: "Entry") -> bool:
        """Whether both are the same entry, maybe with another reason."""
        mine, others = (self.key, self.text, self.words), (other.key, other.text, other.words)
        return not self.is_heading and mine == others


_LEAST_MORE = 20  # cells: with less beside the entry, what explains it goes below it
WIDEST_TEXT = 24  # cells that the texts of a list are padded to, so that what follows lines up


def nothing() -> None:
    """Do nothing, as a heading does."""


def heading(text: str) -> Entry:
    """Return a line that is no entry."""
    return Entry(text, nothing, is_heading=True)


def matching(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Return the entries that contain all words of `typed`, else those that spell it."""
    words = typed.lower().split()
    if not words:
        return list(entries)
    choices = [entry for entry in entries if not entry.is_heading]
    found = [entry for entry in choices if _matches(entry, words)]
    return found or [entry for entry in choices if _spells(entry, "".join(words))]


def broken(entry: Entry, indent: int, text_width: int, width: int) -> list[Entry]:
    """Return an entry and the lines of what has no room beside it, in `width` cells."""
    told = f"{entry.more} ({entry.reason})" if entry.reason else entry.more
    beside = indent + max(text_width, len(entry.text)) + 2
    if entry.is_heading or len(told) <= width - beside:
        return [entry]
    has_room = width - beside >= _LEAST_MORE
    at = beside if has_room else indent
    parts: list[str] = [*wrap_words(safe(told), max(1, width - at))]
    said = parts.pop(0) if has_room else " "
    under = " " * (at - 1)  # a line begins with a blank
    rest = [Entry(under + part, nothing, is_heading=True, is_rest=True) for part in parts]
    return [replace(entry, said=said), *rest]


def _matches(entry: Entry, words: Sequence[str]) -> bool:
    text = f"{entry.key} {entry.text} {entry.more} {entry.words}".lower()
    return all(word in text for word in words)


def _spells(entry: Entry, letters: str) -> bool:
    """Whether the title has these letters in this order, others between them."""
    title = iter(entry.text.lower())
    return all(letter in title for letter in letters)
