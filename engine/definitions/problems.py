"""The list of everything wrong, gathered over all files before anything is written."""

import re

from msgspec import Struct, field

from engine.definitions.nodes import Node
from engine.errors import DefinitionError

# More than anybody reads; a file of nothing but mistakes must not become a report of megabytes.
_MOST = 1_000
_AFTER_ALL_LINES = 10**9
# One mistake made in a thousand jobs is one thing to mend: above so many of a kind only the first
# places of it are listed, and the last.
_ALL_OF_A_KIND = 5
_FIRST_OF_A_KIND = 3
_VARYING = re.compile(r"job '[^']*'|\d+")

_Line = tuple[int, int, int, str]  # file, line, column, and what is said


class _Kind(Struct):
    """The problems that differ in no more than the job's name or a number."""

    first: list[_Line] = field(default_factory=list)
    count: int = 0
    last: _Line = (0, 0, 0, "")

    def take(self, line: _Line) -> None:
        self.count += 1
        self.last = max(self.last, line)
        if len(self.first) < _ALL_OF_A_KIND:
            self.first.append(line)

    @property
    def folded(self) -> bool:
        return self.count > _ALL_OF_A_KIND

    def lines(self) -> list[_Line]:
        if not self.folded:
            return self.first
        left_out = self.count - _FIRST_OF_A_KIND - 1
        *place, text = self.last
        last = (place[0], place[1], place[2], f"{text} ({left_out:,} more like it above this one)")
        return [*self.first[:_FIRST_OF_A_KIND], last]


class Problems(Struct):
    """Problems and warnings as lines `file:line:col: text`."""

    warnings: list[str] = field(default_factory=list)
    count: int = 0
    _kinds: dict[str, _Kind] = field(default_factory=dict)
    _files: int = 0

    def of_file(self, name: str, text: str = "") -> "FileProblems":
        """Begin the next file; its problems come after those of the files before it."""
        self._files += 1
        return FileProblems(name, self, self._files, text)

    def add(self, where: str, text: str, *, file: int = 0, line: int = 0, column: int = 0) -> None:
        """Note that `text` is wrong at `where`; the numbers tell only where it is listed."""
        self.count += 1
        name = _VARYING.sub("#", text)
        if name not in self._kinds and len(self._kinds) >= _MOST:
            return
        kind = self._kinds.setdefault(name, _Kind())
        kind.take((file, line, column, f"{printable(where)}: {printable(text)}"))

    def warn(self, where: str, text: str) -> None:
        """Note something worth saying that refuses nothing, once."""
        line = f"{printable(where)}: {printable(text)}"
        if line not in self.warnings and len(self.warnings) < _MOST:
            self.warnings.append(line)

    def raise_if_any(self) -> None:
        """Refuse everything if anything is wrong.

        Raises:
            DefinitionError: with one line for each problem, in the order of the files; of many of
                one kind the first places and the last.
        """
        if not self.count:
            return
        kinds = list(self._kinds.values())
        found = sorted((each for kind in kinds for each in kind.lines()), key=lambda each: each[:3])
        lines = [each[-1] for each in found]
        listed = sum(kind.count for kind in kinds)
        if self.count > listed:
            lines.append(f"... and {self.count - listed} more problems")
        if any(kind.folded for kind in kinds):
            lines.append(f"{self.count:,} problems in all")
        raise DefinitionError(lines)


class FileProblems(Struct):
    """The problems of one file."""

    name: str  # as the user wrote the path
    problems: Problems
    number: int
    text: str = ""  # the whole file

    def indentation(self, line: int, code: str) -> int:
        """Return by how much `code`, one line of a block, is indented on `line` (1-based)."""
        written = self.text.split("\n", line)[line - 1 : line]
        return len(written[0]) - len(code) if written and written[0].endswith(code) else 0

    def at(self, node: Node, text: str) -> None:
        """Note a problem where `node` begins."""
        self.at_place(node.line, node.column, text)

    def at_place(self, line: int, column: int, text: str) -> None:
        """Note a problem at a line and a column, both 1-based."""
        self.problems.add(
            f"{self.name}:{line}:{column}", text, file=self.number, line=line, column=column
        )

    def in_code(self, path: str, line: int, column: int, text: str) -> None:
        """Note a problem in a file of code that this file names."""
        where = f"{path}:{line}:{column}"
        self.problems.add(where, text, file=self.number, line=_AFTER_ALL_LINES)


def printable(text: str) -> str:
    """Return `text` on one line, with what a terminal would obey made visible."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def shown(text: str, most: int = 60) -> str:
    """Return `text` in quotes, cut to `most` characters, for a message."""
    return f"'{text}'" if len(text) <= most else f"'{text[:most]}…' ({len(text)} characters)"
