"""A Python job as code: library objects and its own text, run in one namespace."""

from __future__ import annotations

import os
import sys

from .conditions import StartError, folder_of

TYPE_CHECKING = False
if not TYPE_CHECKING:
    import jobapi
else:
    from types import CodeType
    from typing import Any

    from .lib import jobapi

MODULE = "__job__"  # `__name__` inside; not `__main__`: a file's own call of run() stays quiet
_HEAD, _TAIL = 40_000, 20_000  # characters that are kept of an exception's text and traceback
TEXTS = 500  # compiled texts that are kept: many jobs may share one
_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_API = {name: getattr(jobapi, name) for name in jobapi.__all__}
_Module = type(sys)
_compiled: dict[str, CodeType] = {}


class Program:
    """The code of one job's revision. `load` once, then `run` as often as wanted."""

    def __init__(self, facts: dict[str, Any]) -> None:
        """Compile everything.

        Raises:
            StartError: the code does not compile.
        """
        self.path: str = facts["code_path"] or f"<job {facts['name']}>"
        self.folder = folder_of(facts)
        self.is_loaded = False
        self._module = _Module(MODULE)
        self._texts: dict[str, str] = {}
        self._parts = [self._part(code, self._beside(name)) for name, code in facts["library"]]
        self._parts.append(self._part(facts["code"], self.path))

    def _beside(self, name: str) -> str:
        return os.path.join(self.folder, name) if self.folder else name

    def _part(self, text: str, path: str) -> CodeType:
        self._texts[path] = text
        code = _compiled.get(text)
        if code is not None:
            return code if code.co_filename == path else _moved(code, path)
        try:
            code = compile(text, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise StartError(*_told_compilation(error, path, text)) from None
        if len(_compiled) >= TEXTS:
            _compiled.clear()
        _compiled[text] = code
        return code

    def load(self) -> None:
        """Run the library objects and the job's own text, which define `run`.

        Raises:
            StartError: they define no function `run`.
            BaseException: whatever the code raises.
        """
        namespace = self._module.__dict__
        namespace.update(_API)
        namespace["__file__"] = self.path
        sys.modules[MODULE] = self._module
        for part in self._parts:
            exec(part, namespace)
        if not callable(namespace.get("run")):
            text = "the code defines no function run()"
            raise StartError(text, name="JOB-PROGRAM-ERROR")
        self.is_loaded = True

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
        elif hasattr(result, "gi_frame") or hasattr(result, "ag_frame"):
            message = "run() is a generator (it has a `yield`), so nothing of it would run"
            raise TypeError(message)

    def told(self, error: BaseException) -> list[str]:
        """Return an exception as name, description and traceback, with the job's frames only."""
        name = error.code if isinstance(error, jobapi.JobApiError) else type(error).__name__
        try:
            description = str(error)
            text = self._traceback(error)
        except (
            Exception
        ) as second:  # the job's own __str__ may raise, and a module may be out of reach
            description = text = f"its text cannot be had: {type(second).__name__}"
        return [_clean(_shortened(each)) for each in (name, description, text)]

    def _traceback(self, error: BaseException) -> str:
        import linecache
        import traceback

        for path, text in self._texts.items():
            linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
        told = traceback.TracebackException(type(error), error, error.__traceback__)
        _trim(told)
        return "".join(told.format())


def _trim(told: Any) -> None:
    """Drop our frames, wherever they stand, from an exception and its causes."""
    seen = [told]
    for each in seen:
        frames = [frame for frame in each.stack if not frame.filename.startswith(_OURS)]
        each.stack[:] = frames
        seen += [
            other
            for other in (
                each.__cause__,
                each.__context__,
                *(getattr(each, "exceptions", None) or ()),
            )
            if other is not None and other not in seen
        ]


def _told_compilation(error: BaseException, path: str, text: str) -> tuple[str, str]:
    """Return why a text does not compile, as one line and in full."""
    line = getattr(error, "lineno", None)
    message = getattr(error, "msg", None) or str(error)
    place = f"{path}:{line}" if line else path
    full = f"{place}: {type(error).__name__}: {message}"
    if line and 0 < line <= len(lines := text.splitlines()):
        full += f"\n    {lines[line - 1].strip()}"
    return _clean(f"{place}: {type(error).__name__}: {message}"), _clean(full)


def start_failure(error: StartError) -> list[str]:
    """Return why a run could not start, as name, description and details."""
    return [error.name, _clean(str(error)), _clean(error.details)]


def _moved(code: CodeType, path: str) -> CodeType:
    """Return the same code as if it had been read from another file."""
    constants = tuple(
        _moved(each, path) if hasattr(each, "co_code") else each for each in code.co_consts
    )
    return code.replace(co_filename=path, co_consts=constants)


def _shortened(text: str) -> str:
    """Return a text that people can read and a store can hold: its beginning and its end."""
    left_out = len(text) - _HEAD - _TAIL
    if left_out <= 0:
        return text
    return f"{text[:_HEAD]}\n[... {left_out} characters left out ...]\n{text[-_TAIL:]}"


def _clean(text: str) -> str:
    """Replace what no database takes: halves of characters, and NUL."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
