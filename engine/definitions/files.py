"""Find and read the files of definitions: regular ones only, opened once, never through a link."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from engine.definitions.problems import Problems

LARGEST_FILE: Final = 256 * 1024  # bytes of one definition file
LARGEST_CODE: Final = 1024 * 1024  # bytes of one file of code
LONGEST_PATH: Final = 4096  # characters
SUFFIXES: Final = (".yaml", ".yml")
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class UnreadableError(Exception):
    """A file that is not read; the text says why."""


class Found(Struct, frozen=True):
    """A definition file: how the user would name it, and where it is."""

    shown: str
    path: Path  # absolute


def find(paths: Iterable[str | Path], problems: Problems) -> list[Found]:
    """Return the definition files of `paths`, each once; of folders all below them, sorted.

    A folder gives its `*.yaml` and `*.yml`, but no hidden ones (`.name`). A path that is not there
    is a problem.
    """
    found: dict[Path, Found] = {}
    for given in paths:
        path = Path(given)
        try:
            is_folder = path.is_dir()
            exists = is_folder or os.path.lexists(path)
        except ValueError:  # a NUL in the path
            exists = False
        except OSError as error:  # a name that is too long, a folder that may not be entered
            problems.add(str(given), f"cannot be read: {error.strerror}")
            continue
        if not exists:
            problems.add(str(given), "there is no such file or folder")
            continue
        each = _in_folder(path, problems) if is_folder else [path]
        for file in each:
            absolute = file.parent.resolve() / file.name
            found.setdefault(absolute, Found(str(file), absolute))
    return list(found.values())


def _in_folder(folder: Path, problems: Problems) -> Iterator[Path]:
    """Walk in a sorted order; a folder's own files come before those of its sub-folders."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        problems.add(f"{folder}", f"cannot be listed: {error.strerror}")
        return
    folders: list[Path] = []
    for entry in listed:
        if entry.name.startswith("."):
            continue
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            folders.append(path)
        elif entry.is_symlink() and entry.is_dir():
            problems.warn(str(path), "a link to a folder; it is not followed")
        elif entry.name.endswith(SUFFIXES):
            yield path
    for each in folders:
        yield from _in_folder(each, problems)


def read_text(path: Path, most: int, warn: Callable[[str], None] = lambda _: None) -> str:
    """Return the text of a regular file of at most `most` bytes of UTF-8, read once.

    `warn` is told what is worth saying about a file that is read nevertheless.

    Raises:
        UnreadableError: it is a link, a device, a pipe, too large, no UTF-8, or cannot be opened.
    """
    data = _read(path, most, warn)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("is UTF-16; only UTF-8 is accepted")
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            f"is not UTF-8: byte 0x{data[error.start]:02x} on line {line}"
        ) from None


def _read(path: Path, most: int, warn: Callable[[str], None]) -> bytes:
    try:
        handle = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise UnreadableError(_why_not_opened(path, error)) from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(f"is {_kind(status.st_mode)}; only regular files are read")
        data = b"" if status.st_size > most else file.read(most + 1)
        if status.st_size > most or len(data) > most:
            size = max(status.st_size, len(data))
            raise UnreadableError(too_large(size, most))
        if status.st_mode & stat.S_IWOTH:
            warn("anybody on this machine may write it; `chmod o-w` keeps jobs yours")
        return data


def too_large(size: int, most: int) -> str:
    """Return what to say of a file of `size` bytes where `most` are accepted."""
    more = "; share its jobs out over several files of one folder" if most == LARGEST_FILE else ""
    return f"has {size:,} bytes; at most {most:,} are accepted{more}"


def _why_not_opened(path: Path, error: OSError | ValueError) -> str:
    if path.is_symlink():
        return "is a symbolic link; only regular files are read: name the file itself"
    if isinstance(error, OSError):
        return f"cannot be opened: {error.strerror}"
    return "cannot be opened: its name holds a NUL"


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"
