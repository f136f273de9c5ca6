"""How a job's code is run: lang, code, library, isolation, timeout, env, cwd, limits and so on."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from msgspec import Struct

from engine.definitions.code import CodeReader, Source, check_python
from engine.definitions.files import LONGEST_PATH
from engine.definitions.nodes import Node, Text
from engine.definitions.problems import FileProblems
from engine.definitions.values import Values, found
from engine.domain.job import LEAST_FILES, Execution, Isolation, Language, LibraryObject, Limits

_LONGEST_TIMEOUT: Final = 10_000_000  # seconds
_LANGUAGES: Final = ("python", "shell")
_ISOLATIONS: Final = ("process", "pool")
_LIMITS: Final = {"cpu": _LONGEST_TIMEOUT, "files": 1_048_576, "processes": 4_194_304}
_LEAST: Final = {"files": LEAST_FILES}
_CODE: Final = "a file beside this one, or the text itself, indented below `code: |`"
_NO_LIBRARY: Final = (
    "'library' needs `lang: python`; a shell script reads a file itself, as in `. ./notify.sh`"
)


class FileContext(Struct, frozen=True):
    """What the readings of one file share."""

    folder: Path | None  # of the file; None: the text is in no file
    problems: FileProblems
    values: Values
    code: CodeReader


def read_execution(
    fields: Mapping[str, Node], document: Node, context: FileContext, *, named: str
) -> Execution:
    """Return how the job is run, every default filled in; it works in the file's folder."""
    values = context.values
    lang = values.one_of(fields["lang"], "lang", _LANGUAGES) if "lang" in fields else "python"
    isolation = "process"
    if "isolation" in fields:
        isolation = values.one_of(fields["isolation"], "isolation", _ISOLATIONS)
        _check_pool(fields, isolation, context)
    code, library = _code(fields, document, context, lang=lang, named=named)
    timeout, env = fields.get("timeout"), fields.get("env")
    return Execution(
        lang=cast(Language, lang),
        code=code.text if code else "",
        code_path=str(code.path) if code and code.path else None,
        library=library,
        isolation=cast(Isolation, isolation),
        interpreter=_interpreter(fields.get("interpreter"), context),
        timeout=values.positive(timeout, "timeout", _LONGEST_TIMEOUT, "seconds")
        if timeout
        else None,
        env=values.env(env, "env") if env else {},
        cwd=_cwd(fields.get("cwd"), context),
        user=_user(fields.get("user"), context),
        limits=_limits(fields.get("limits"), values),
    )


def _code(
    fields: Mapping[str, Node], document: Node, context: FileContext, *, lang: str, named: str
) -> tuple[Source | None, tuple[LibraryObject, ...]]:
    library: list[LibraryObject] = []
    sources: list[Source] = []
    if "library" in fields and lang == "shell":
        context.problems.at(fields["library"], _NO_LIBRARY)
    elif "library" in fields:
        library, sources = context.code.library(fields["library"], context.values)
    if "code" not in fields:
        context.problems.at(document, f"{named} has no `code`: {_CODE}")
        return None, tuple(library)
    code = context.code.read(fields["code"], "code")
    # Code for another Python is that Python's to judge.
    if code is not None and lang == "python" and "interpreter" not in fields:
        check_python(code, sources, context.problems, named=named)
    return code, tuple(library)


def _check_pool(fields: Mapping[str, Node], isolation: str, context: FileContext) -> None:
    """A worker of the pool serves many jobs: it has no interpreter, user or limits of its own."""
    if isolation != "pool":
        return
    for key in ("interpreter", "user", "limits"):
        if key in fields:
            context.problems.at(fields[key], f"'{key}' needs `isolation: process`")
    lang = fields.get("lang")
    if isinstance(lang, Text) and lang.value == "shell":
        context.problems.at(lang, "a shell job needs `isolation: process`")


def _interpreter(node: Node | None, context: FileContext) -> str | None:
    if node is None:
        return None
    text = context.values.text(node, "interpreter", LONGEST_PATH)
    if "/" not in text:
        context.problems.at(
            node, f"'interpreter' must be a path, as in /usr/bin/python3; found {found(node)}"
        )
    return _absolute(text, context)


def _cwd(node: Node | None, context: FileContext) -> str | None:
    if node is None:
        return str(context.folder) if context.folder else None
    text = context.values.text(node, "cwd", LONGEST_PATH)
    if not text.strip():
        context.problems.at(node, "'cwd' must be a folder; found an empty text")
    return _absolute(text, context)


def _absolute(path: str, context: FileContext) -> str:
    return os.path.normpath(context.folder / path) if context.folder else path


def _user(node: Node | None, context: FileContext) -> str | None:
    if node is None:
        return None
    user = context.values.text(node, "user", 80)
    try:
        pwd.getpwnam(user)
    except (KeyError, ValueError):
        context.problems.at(node, f"this machine has no user {user!r}")
    return user


def _limits(node: Node | None, values: Values) -> Limits:
    if node is None:
        return Limits()
    fields = values.fields(node, "limits", ("memory", *_LIMITS))
    numbers = {
        key: values.whole(fields[key], f"limits.{key}", _LEAST.get(key, 1), most)
        for key, most in _LIMITS.items()
        if key in fields
    }
    memory = fields.get("memory")
    return Limits(memory=values.size(memory, "limits.memory") if memory else None, **numbers)
