"""A Python job as code: library objects and the job's own text, compiled and run in one namespace."""

from __future__ import annotations

import linecache
import os
import sys
import traceback
import types
from typing import Any

import jobapi

from .conditions import StartError

MODULE = "__job__"  # what `__name__` is inside; not `__main__`, so that a file's own call of run() stays quiet
_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Program:
    """The code of one job's revision. `load` once, then `run` as often as wanted."""

    def __init__(self, program: dict[str, Any]) -> None:
        """Compile everything.

        Raises:
            StartError: the code does not compile.
        """
        self.name: str = program["name"]
        self.path: str = program["code_path"] or f"<job {self.name}>"
        self._parts = [
            *(_compiled(code, self._library_path(program, name)) for name, code in program["library"]),
            _compiled(program["code"], self.path),
        ]
        self._module = types.ModuleType(MODULE)

    def _library_path(self, program: dict[str, Any], name: str) -> str:
        return name if os.path.isabs(name) or not program["folder"] else os.path.join(program["folder"], name)

    def load(self) -> None:
        """Run the library objects and the job's own text, which define `run`.

        Raises:
            StartError: they define no function `run`.
            BaseException: whatever the code raises.
        """
        namespace = self._module.__dict__
        namespace.update({name: getattr(jobapi, name) for name in jobapi.__all__})
        namespace["__file__"] = self.path
        sys.modules[MODULE] = self._module
        for part in self._parts:
            exec(part, namespace)
        if not callable(namespace.get("run")):
            text = "JOB-PROGRAM-ERROR: the code defines no function run()"
            raise StartError(text)

    def run(self) -> None:
        """Run the job once.

        Raises:
            BaseException: whatever the code raises.
        """
        sys.modules[MODULE] = self._module
        result = self._module.__dict__["run"]()
        if hasattr(result, "__await__"):
            import asyncio

            asyncio.run(result)


def _compiled(code: str, path: str) -> types.CodeType:
    linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    try:
        return compile(code, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
        raise StartError(text) from None


def told(error: BaseException) -> list[str]:
    """Return an exception as name, description and traceback, with the job's own frames only."""
    name = getattr(error, "code", None) if isinstance(error, jobapi.JobApiError) else None
    step = error.__traceback__
    while step is not None and step.tb_frame.f_code.co_filename.startswith(_OURS):
        step = step.tb_next
    try:
        description = str(error)
        text = "".join(traceback.format_exception(type(error), error, step))
    except Exception as second:  # the job's own __str__ may raise
        description = text = f"{type(error).__name__} (its text cannot be had: {type(second).__name__})"
    return [_clean(each) for each in (name or type(error).__name__, description, text)]


def _clean(text: str) -> str:
    """Replace what no database takes: halves of characters."""
    return text.encode("utf-8", "backslashreplace").decode()
