"""The list of everything wrong, gathered over all files before anything is written."""

from dataclasses import dataclass, field

from engine.definitions.nodes import Node
from engine.errors import DefinitionError

# More than anybody reads; a file of nothing but mistakes must not become a report of megabytes.
_MOST = 1_000
_AFTER_ALL_LINES = 10**9


@dataclass(slots=True)
class Problems:
    """Problems and warnings as lines `file:line:col: text`."""

    warnings: list[str] = field(default_factory=list)
    count: int = 0
    _found: list[tuple[int, int, int, str]] = field(default_factory=list)
    _files: int = 0

    def of_file(self, name: str, text: str = "") -> "FileProblems":
        """Begin the next file; its problems come after those of the files before it."""
        self._files += 1
        return FileProblems(name, self, self._files, text)

    def add(self, where: str, text: str, *, file: int = 0, line: int = 0, column: int = 0) -> None:
        """Note that `text` is wrong at `where`; the numbers tell only where it is listed."""
        self.count += 1
        if len(self._found) < _MOST:
            self._found.append((file, line, column, f"{printable(where)}: {printable(text)}"))

    def warn(self, where: str, text: str) -> None:
        """Note something worth saying that refuses nothing, once."""
        line = f"{printable(where)}: {printable(text)}"
        if line not in self.warnings and len(self.warnings) < _MOST:
            self.warnings.append(line)

    def raise_if_any(self) -> None:
        """Refuse everything if anything is wrong.

        Raises:
            DefinitionError: with one line for each problem, in the order of the files.
        """
        if not self.count:
            return
        lines = [each[-1] for each in sorted(self._found, key=lambda each: each[:3])]
        if self.count > len(lines):
            lines.append(f"... and {self.count - len(lines)} more problems")
        raise DefinitionError(lines)


@dataclass(slots=True)
class FileProblems:
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
