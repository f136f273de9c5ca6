"""A job's code and library objects: where their text comes from, and whether Python can compile it.

Nothing is ever executed here. Python code is parsed, must define `run()`, and is compiled without
being run.
"""

import ast
import os
import re
import warnings
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from msgspec import Struct

from engine.definitions.files import LARGEST_CODE, LONGEST_PATH, UnreadableError, read_text
from engine.definitions.nodes import BLOCK_STYLES, Fields, Items, Node, Text
from engine.definitions.problems import FileProblems, shown
from engine.definitions.values import Values
from engine.domain.job import LibraryObject

_CODE_SUFFIXES: Final = (".py", ".sh")
_NOT_PYTHON: Final = re.compile(r"#!(?!.*python)")
_SHELL_HINT: Final = "its first line names another program: a shell script needs `lang: shell`"


class Source(Struct, frozen=True):
    """A text of code, and where it stands for a message about its line n."""

    text: str
    path: Path | None  # of the file it was read from; None: it stands in the definition
    node: Text


class Fault(Struct, frozen=True):
    """What keeps Python code from being compiled, or from being a job."""

    text: str
    line: int = 1
    column: int = 1


class Judgement(Struct, frozen=True):
    """What Python says of a text of code."""

    fault: Fault | None = None
    defines_run: bool = False  # whether its top level binds the name `run`, in whatever way


class CodeReader:
    """Reads the code that one definition file names."""

    def __init__(self, folder: Path | None, problems: FileProblems) -> None:
        self._folder = folder
        self._problems = problems
        self.files: list[Path] = []  # every file of code that was read

    def read(self, node: Node, key: str) -> Source | None:
        """Return the code at `node`: that of the file it names, or the text itself."""
        if not isinstance(node, Text) or not node.value.strip():
            text = f"'{key}' must be a text: a file beside this one, or the code itself"
            if isinstance(node, Text):
                text += f", indented below `{key}: |`; found nothing"
            self._problems.at(node, text)
            return None
        path = None if node.style in BLOCK_STYLES else self._path(node.value)
        if path is None:
            if "\0" in node.value:
                self._problems.at(node, f"'{key}' holds a NUL")
            return Source(node.value, None, node)
        try:
            warn = partial(self._problems.problems.warn, str(path))
            text = read_text(path, LARGEST_CODE, warn)
        except UnreadableError as error:
            self._problems.at(node, f"'{key}' names {shown(node.value)}, which {error}")
            return None
        self.files.append(path)
        if not text.strip():
            self._problems.at(node, f"'{key}' names {shown(node.value)}, which is empty")
        elif "\0" in text:
            self._problems.at(node, f"'{key}' names {shown(node.value)}, which holds a NUL")
        return Source(text, path, node)

    def library(self, node: Node, values: Values) -> tuple[list[LibraryObject], list[Source]]:
        """Return the library objects in order: paths, or mappings of `name` and `code`."""
        objects: list[LibraryObject] = []
        sources: list[Source] = []
        if not isinstance(node, Items):
            self._problems.at(
                node, "'library' must be a list of files, as in library: [lib/notify.py]"
            )
            return objects, sources
        for item in node.items:
            name, source = self._library_object(item, values)
            if source is None:
                continue
            if any(name == each.name for each in objects):
                self._problems.at(item, f"library object {shown(name)} is listed twice")
            objects.append(LibraryObject(name, source.text))
            sources.append(source)
        return objects, sources

    def _library_object(self, item: Node, values: Values) -> tuple[str, Source | None]:
        if not isinstance(item, Fields):
            name = values.text(item, "library", LONGEST_PATH)
            if name and self._path(name) is None:
                self._problems.at(item, f"library object {shown(name)} is no file beside this one")
                return name, None
            return name, self.read(item, "library")
        fields = values.fields(item, "library", ("name", "code"))
        missing = [key for key in ("name", "code") if key not in fields]
        if missing:
            self._problems.at(item, f"this library object has no '{missing[0]}'")
            return "", None
        name = values.text(fields["name"], "name", LONGEST_PATH)
        code = fields["code"]
        if not isinstance(code, Text) or "\0" in code.value:
            self._problems.at(code, "'code' of a library object must be its text")
            return name, None
        return name, Source(code.value, None, code)

    def _path(self, value: str) -> Path | None:
        """Return the absolute path that a one-line value names, None if it is the code itself."""
        line = value.strip()
        if not line.isprintable() or len(line) > LONGEST_PATH or self._folder is None:
            return None
        if line.endswith(_CODE_SUFFIXES) and not any(char.isspace() for char in line):
            return Path(os.path.normpath(self._folder / line))
        try:
            path = self._folder / line
            return Path(os.path.normpath(path)) if path.is_file() else None
        except OSError:  # a name too long for a file
            return None


def check_python(
    code: Source, library: list[Source], problems: FileProblems, *, named: str
) -> None:
    """Note what keeps a Python job from running: code that does not compile, or no `run()`."""
    found = [judge(source.text) for source in library]
    for judgement, source in zip(found, library, strict=True):
        _note(judgement.fault, source, problems)
    judgement = judge(code.text)
    if judgement.fault is not None:
        _note(judgement.fault, code, problems)
    elif not judgement.defines_run and not any(each.defines_run for each in found):
        text = f"{named} defines no function run(); it is what the engine calls"
        _note(Fault(text), code, problems)


def _note(fault: Fault | None, source: Source, problems: FileProblems) -> None:
    if fault is None:
        return
    if source.path is not None:
        path = _shown_path(source.path, problems)
        problems.in_code(path, fault.line, fault.column, fault.text)
    elif source.node.style in BLOCK_STYLES[:1]:
        line = source.node.line + fault.line
        code = "".join(source.text.split("\n", fault.line)[fault.line - 1 : fault.line])
        problems.at_place(line, fault.column + problems.indentation(line, code), fault.text)
    else:
        problems.at_place(source.node.line, source.node.column, f"{fault.text} (line {fault.line})")


def _shown_path(path: Path, problems: FileProblems) -> str:
    """Name a file of code the way the user named the definition: relative if that was."""
    definition = Path(problems.name)
    if definition.is_absolute():
        return str(path)
    return os.path.relpath(path)


@lru_cache(maxsize=64)
def judge(text: str) -> Judgement:
    """Return whether Python can compile `text`, and whether it defines `run()`. It is not run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            compile(tree, "<job>", "exec", dont_inherit=True)
            defines_run = any(_binds_run(node) for node in _top_level(tree.body))
    except SyntaxError as error:
        line, column = error.lineno or 1, max(error.offset or 1, 1)
        hint = f"; {_SHELL_HINT}" if _NOT_PYTHON.match(text) else ""
        return Judgement(Fault(f"Python cannot compile this: {error.msg}{hint}", line, column))
    except (ValueError, OverflowError) as error:
        return Judgement(Fault(f"Python cannot compile this: {error}"))
    except (RecursionError, MemoryError):
        return Judgement(Fault("Python cannot compile this: it is nested too deeply"))
    return Judgement(defines_run=defines_run)


def _top_level(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of the module's own scope, those in `if`, `try` and loops too."""
    found: list[ast.stmt] = []
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        waiting.extend(each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt))
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            waiting.extend(part.body)
    return found


def _binds_run(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == "run"
    if isinstance(node, ast.Import | ast.ImportFrom):
        return any((alias.asname or alias.name) in {"run", "*"} for alias in node.names)
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return any(
        isinstance(each, ast.Name) and each.id == "run"
        for target in targets
        for each in ast.walk(target)
    )
