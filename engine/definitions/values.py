"""Typed readings of one value each: they note what is wrong with it, and return what they can.

What they return after noting a problem is never used: a file with a problem is refused whole.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from engine.definitions import scalars
from engine.definitions.nodes import Fields, Items, Node, Text
from engine.definitions.problems import FileProblems, shown

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,160}\Z")
_LARGEST_NUMBER: Final = 2**63 - 1
_LONGEST_KEY: Final = 128
_UNITS: Final = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE: Final = re.compile(r"([0-9]{1,15})\s?([KMGT]?)(?:i?B)?\Z")
_ENV_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# Characters that turn the direction of the text around them: a name must read as it is stored.
_DIRECTION: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

_NO_CHARACTER: Final = 0xFFFE  # the last two code points of every plane
_UNSEEN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, surrogates, line separators


class Values:
    """The readings, with the problems of one file."""

    def __init__(self, problems: FileProblems) -> None:
        self._problems = problems

    @property
    def noted(self) -> int:
        """How many problems have been noted so far, in all files."""
        return self._problems.problems.count

    def wrong(self, node: Node, text: str) -> None:
        """Note a problem at `node`."""
        self._problems.at(node, text)

    def text(self, node: Node, key: str, most: int, *, lines: bool = False) -> str:
        """Return a text of at most `most` characters, on one line unless `lines`."""
        value = self._any_text(node, key)
        if len(value) > most:
            self.wrong(
                node, f"'{key}' has {len(value):,} characters; at most {most:,} are accepted"
            )
        if value.isascii() and value.isprintable():
            return value
        bad = next((char for char in value if _is_bad(char, lines)), None)
        if bad is not None:
            self.wrong(
                node, f"'{key}' holds the character U+{ord(bad):04X}; it is not accepted there"
            )
        return value

    def name(self, node: Node, what: str) -> str:
        """Return a name of a job or a group."""
        value = self._any_text(node, what)
        if isinstance(node, Text) and scalars.kind(node) == "str" and not NAME.match(value):
            self.wrong(
                node,
                f"{what} {shown(value)} is not accepted; only 1 to 160 letters a to z or A to Z, "
                "digits, _, -",
            )
        return value

    def flag(self, node: Node, key: str) -> bool:
        """Return true or false."""
        value = scalars.boolean(node) if isinstance(node, Text) else None
        if value is None:
            self._expected(node, key, "true or false, without quotes")
        return bool(value)

    def whole(self, node: Node, key: str, least: int, most: int, unit: str = "") -> int:
        """Return a whole number between `least` and `most`."""
        value = scalars.whole_number(node) if isinstance(node, Text) else None
        if value is None or not least <= value <= most:
            of = f" of {unit}" if unit else ""
            self._expected(node, key, f"a whole number{of} from {least:,} to {most:,}")
        return value or 0

    def positive(self, node: Node, key: str, most: float, unit: str) -> float:
        """Return a number of `unit` above 0 and up to `most`; a whole number stays an int."""
        value = scalars.number(node) if isinstance(node, Text) else None
        if value is None or not 0 < value <= most:
            self._expected(node, key, f"a number of {unit} above 0 and up to {most:,}")
        return value or 0

    def one_of(self, node: Node, key: str, accepted: Sequence[str]) -> str:
        """Return one of a few words."""
        value = node.value if isinstance(node, Text) else ""
        if value not in accepted:
            self._expected(node, key, " or ".join(accepted))
        return value

    def size(self, node: Node, key: str) -> int:
        """Return a number of bytes, given as a whole number or as 512M, 2G (powers of 1,024)."""
        match = _SIZE.match(node.value) if isinstance(node, Text) else None
        value = int(match[1]) * _UNITS[match[2]] if match else 0
        if not 0 < value <= _LARGEST_NUMBER:
            self._expected(node, key, 'a number of bytes, or a text such as "512M" or "2G"')
        return value

    def texts(self, node: Node, key: str, item: Callable[[Node], str]) -> tuple[str, ...]:
        """Return a list of different texts, each read by `item`."""
        if not isinstance(node, Items):
            example = node.value if isinstance(node, Text) and scalars.kind(node) == "str" else "a"
            self._expected(node, key, f"a list, as in {key}: [{example[:60]}]")
            return ()
        found: list[str] = []
        for each in node.items:
            value = item(each)
            if value in found:
                self.wrong(each, f"{shown(value)} is listed twice in '{key}'")
            found.append(value)
        return tuple(found)

    def text_map(self, node: Node, key: str, most: int, *, lines: bool = False) -> dict[str, str]:
        """Return a mapping of texts to texts."""
        return {
            self.text(name, key, 255): self.text(value, f"{key}.{name.value}", most, lines=lines)
            for name, value in self._entries(node, key)
        }

    def env(self, node: Node, key: str) -> dict[str, str]:
        """Return environment variables."""
        for name, _ in self._entries(node, key, quiet=True):
            if not _ENV_NAME.match(name.value):
                self.wrong(name, f"{shown(name.value)} is no name of an environment variable")
            elif name.value.startswith("TOCSIN_"):
                self.wrong(
                    name, f"'{name.value}' is set by tocsin itself: names TOCSIN_* are taken"
                )
        return self.text_map(node, key, 32_768, lines=True)

    def data(self, node: Node, key: str) -> dict[str, Any]:
        """Return a mapping of plain data: texts, numbers, true, false, null, lists and mappings."""
        return {
            self._data_key(name): self._plain(value) for name, value in self._entries(node, key)
        }

    def fields(self, node: Node, key: str, known: Sequence[str]) -> Mapping[str, Node]:
        """Return the entries of a mapping whose keys are known."""
        found = {name.value: (name, value) for name, value in self._entries(node, key)}
        for name, _ in found.values():
            if name.value not in known:
                self.wrong(
                    name, f"'{key}' has no key {shown(name.value)}; it has {', '.join(known)}"
                )
        return {name: value for name, (_, value) in found.items() if name in known}

    def _entries(self, node: Node, key: str, *, quiet: bool = False) -> Sequence[tuple[Text, Node]]:
        if isinstance(node, Fields):
            return node.entries
        if not quiet:
            self._expected(node, key, f"a mapping, as in {key}: {{name: value}}")
        return ()

    def _any_text(self, node: Node, key: str) -> str:
        if not isinstance(node, Text) or scalars.kind(node) == "null":
            self._expected(node, key, "a text")
            return ""
        if scalars.kind(node) != "str":
            self.wrong(node, f"'{key}' must be a text, and {scalars.trap(node, wants_text=True)}")
        return node.value

    def _data_key(self, name: Text) -> str:
        if scalars.kind(name) != "str":
            self.wrong(name, f"a key must be a text, and {scalars.trap(name, wants_text=True)}")
            return name.value
        return self.text(name, "a key", _LONGEST_KEY)

    def _plain(self, node: Node) -> Any:
        if isinstance(node, Items):
            return [self._plain(item) for item in node.items]
        if isinstance(node, Fields):
            return {self._data_key(name): self._plain(value) for name, value in node.entries}
        try:
            return scalars.plain_value(node)
        except scalars.TrapError as error:
            self.wrong(node, str(error))
            return None

    def _expected(self, node: Node, key: str, accepted: str) -> None:
        self.wrong(node, f"'{key}' must be {accepted}; found {found(node)}")


def found(node: Node) -> str:
    """Return what stands at `node`, for a message."""
    if isinstance(node, Text):
        return scalars.describe(node)
    return "a list" if isinstance(node, Items) else "a mapping"


def _is_bad(char: str, lines: bool) -> bool:
    if char in _DIRECTION:
        return True
    if ord(char) & _NO_CHARACTER == _NO_CHARACTER:
        return True
    return unicodedata.category(char) in _UNSEEN and not (lines and char in "\n\t")
