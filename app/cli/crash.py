"""The details of an unexpected error, in a file instead of on the terminal."""

import os
import platform
import re
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from app.cli.place import Place
from engine.clock import SystemClock, to_iso
from engine.errors import TocsinError

_PASSWORD = re.compile(
    r"(?P<before>://[^:/@\s]{0,200}:)\S{1,500}@"  # of a URL; it may itself have an @ in it
    r"|(?P<named>\b(?:ssl)?password=)[^\s&'\"]+"
)


def describe_crash(error: BaseException, arguments: Sequence[str]) -> str:
    """Write what happened to a file in the home's logs, and return one line that names it."""
    what = f"unexpected error: {type(error).__name__}: {_without_passwords(_first_line(error))}"
    try:
        written = _write(error, arguments)
    except OSError as failure:
        return f"{what} (the details could not be written: {failure.strerror})"
    return f"{what}. This is a fault of tocsin; the details are in {written}"


def _write(error: BaseException, arguments: Sequence[str]) -> Path:
    now = to_iso(SystemClock().now())
    details = "".join(traceback.format_exception(error))
    text = (
        f"{now}  tocsin {' '.join(arguments)}\n"
        f"Python {platform.python_version()} on {platform.platform()}\n\n{details}"
    )
    name = f"crash-{now.replace(':', '')}-{os.getpid()}.txt"
    for folder in (_log_dir(), Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(
                folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600
            )
        except OSError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_without_passwords(text))
        return folder / name
    raise OSError(0, "no folder to write to")


def _log_dir() -> Path | None:
    import sys

    arguments = sys.argv[1:]
    home = None
    for index, each in enumerate(arguments):
        if each == "--home" and index + 1 < len(arguments):
            home = arguments[index + 1]
        elif each.startswith("--home="):
            home = each.removeprefix("--home=")
    try:
        return Place(home=home).settings().log_dir
    except (TocsinError, OSError, RuntimeError):
        return None


def _without_passwords(text: str) -> str:
    """Return `text` without the password of any URL in it: such a file is sent to others."""
    return _PASSWORD.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    return f"{found['named']}***" if found["named"] else f"{found['before']}***@"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:500]
