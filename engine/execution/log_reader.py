"""Read logs of any size: their end, one instance's part, what is added, what is sought.

A rotated log lies in files beside it, `NAME.log.1` the youngest. Places are bytes from the
beginning of the whole log, whatever of it is still there. Lines are bytes as they are in the file,
without their newline: whoever shows them makes them safe to show.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, count, islice
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from msgspec import Struct

from engine.execution.runtime.log_file import base_in

_BLOCK = 1 << 16
LONGEST_LINE = 1 << 20  # bytes; a longer one is read in pieces
POLL_SECONDS = 0.25
TAGGED = 64  # bytes, in which a line says whose it is


class Slice(Struct, frozen=True):
    """The part of a log that belongs to one instance."""

    lines: Iterator[bytes]
    is_whole: bool  # False: rotation has removed its beginning


def generations(path: Path) -> list[Path]:
    """Return the files of a log that are there, the youngest first."""
    found = [path] if path.exists() else []
    for number in count(1):
        older = path.with_name(f"{path.name}.{number}")
        if not older.exists():
            return found
        found.append(older)
    return found


class Part(Struct, frozen=True):
    """One file of a log."""

    path: Path
    base: int  # at which place of the log it begins
    identity: tuple[int, int]  # device and inode: its name changes when the log is rotated


def parts(path: Path) -> list[Part]:
    """Return the files of a log of which each goes on where the one before it ends, oldest first.

    Where a file was taken away by hand, or does not say where it begins, what is older is left out.
    """
    found: list[Part] = []
    for file in generations(path):
        with suppress(OSError):
            seen = file.stat(follow_symlinks=False)
            part = Part(file, base_of(file), (seen.st_dev, seen.st_ino))
            if found and part.identity == found[-1].identity:
                continue  # it is being rotated
            if not S_ISREG(seen.st_mode) or (found and part.base + seen.st_size != found[-1].base):
                break
            found.append(part)
    return found[::-1]


def tail(path: Path, lines: int) -> list[bytes]:
    """Return the last `lines` lines of a log, oldest first, across rotated files."""
    back = (line for file in generations(path) for line in _backwards(file))
    return list(islice(back, lines))[::-1]


def slice_of(path: Path, job_instanceid: int, start: int | None, end: int | None = None) -> Slice:
    """Return the lines of one instance, from the places that were recorded for it.

    `start` None: it has written nothing. `end` None: it still goes on. Lines of other instances
    that ran at the same time are left out.
    """
    if start is None:
        return Slice(iter(()), is_whole=True)
    tag = tag_of(job_instanceid)
    files = [(file, base_of(file)) for file in generations(path)][::-1]
    younger = [
        (file, base) for file, base in files if end is None or base < end
    ]  # oldest first, up to where it ended
    first = max((n for n, (_, base) in enumerate(younger) if base <= start), default=None)
    if first is None:
        return Slice(_tagged(younger, start, end, tag), is_whole=False)
    whole = _begins_at(*younger[first], start, tag)
    return Slice(_tagged(younger[first:], start, end, tag), is_whole=whole)


def tag_of(job_instanceid: int) -> bytes:
    """Return what each line of an instance has among its first bytes."""
    return b" JI %d: " % job_instanceid


def base_of(path: Path) -> int:
    """Return at which place of its log a file begins."""
    with suppress(OSError), path.open("rb") as file:
        return base_in(file.read(80))
    return 0


def opened(path: Path) -> BinaryIO | None:
    """Open a file of a log; None: there is none that can be read."""
    try:
        return path.open("rb")
    except OSError:
        return None


def follow(path: Path, wait: Callable[[float], bool], *, last: int = 10) -> Iterator[bytes]:
    """Yield the `last` lines of a log and then each that is added, whatever is rotated meanwhile.

    `wait(seconds)` waits for that long or until somebody wants it to end, and says whether to: a
    test or an event's own `wait` will do. A log that does not exist yet is waited for.
    """
    file = opened(path)
    rest = b""
    try:
        if file is None:
            yield from tail(path, last)
        else:  # up to here first: what is added while whoever reads shows them comes after them
            end = file.seek(0, os.SEEK_END)
            yield from _last_before(file, end, _older(path, file), last)
            file.seek(end)
        while True:
            if file is None:
                file = opened(path)
            elif _was_emptied(file):
                yield from filter(None, [rest])
                rest = b""
                file.seek(0)
            younger = _younger(path, file)  # asked first: what is read then is all there will be
            while file is not None and (data := file.read(_BLOCK)):
                rest, lines = _split(rest + data)
                yield from lines
            if younger is not None and file is not None:
                yield from filter(None, [rest])
                file.close()
                file, rest = younger, b""
            elif wait(POLL_SECONDS):
                return
    finally:
        if file is not None:
            file.close()


def search_back(
    path: Path, needle: bytes, *, ignore_case: bool = True
) -> Iterator[tuple[Path, int, bytes]]:
    """Yield the lines that hold `needle`, the last one first: its file, its byte offset, itself."""
    sought = needle.lower() if ignore_case else needle
    for file in generations(path):
        for offset, line in _placed_backwards(file):
            if sought in (line.lower() if ignore_case else line):
                yield file, offset, line


def _backwards(path: Path) -> Iterator[bytes]:
    for _, line in _placed_backwards(path):
        yield line


def _placed_backwards(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of one file from its end, each with its byte offset."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        yield from _placed_before(file, file.seek(0, os.SEEK_END))


def _placed_before(file: BinaryIO, place: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines before a byte of a file, the last one first, each with its byte offset."""
    pending = b""  # what was read and not yielded: its first line may begin further up
    while place > 0:
        size = min(_BLOCK, place)
        place -= size
        file.seek(place)
        data = file.read(size) + pending
        cut = data.find(b"\n") + 1 if place else 0
        if place and not cut and len(data) < LONGEST_LINE:
            pending = data
            continue
        pending, whole = data[:cut], data[cut:]
        yield from reversed(_placed(whole, place + cut))


def _last_before(file: BinaryIO, end: int, older: list[Path], lines: int) -> list[bytes]:
    """Return the last lines before byte `end` of a file, oldest first, across `older` ones."""
    own = (line for _, line in _placed_before(file, end))
    before = (line for each in older for line in _backwards(each))
    return list(islice(chain(own, before), lines))[::-1]


def _older(path: Path, file: BinaryIO) -> list[Path]:
    """Return the files of a log that were rotated before this one, the youngest first."""
    ours = os.fstat(file.fileno())
    files = generations(path)
    for number, each in enumerate(files):
        with suppress(OSError):
            if os.path.samestat(each.stat(), ours):
                return files[number + 1 :]
    return []


def _placed(data: bytes, at: int) -> list[tuple[int, bytes]]:
    """Return the lines of a piece that begins at byte `at`, each with its own offset."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    placed = []
    for line in lines:
        placed.append((at, line))
        at += len(line) + 1
    return placed


def _begins_at(path: Path, base: int, start: int, tag: bytes) -> bool:
    """Whether a line with this tag is at this place."""
    with suppress(OSError), path.open("rb") as file:
        file.seek(start - base)
        return tag in file.read(TAGGED)
    return False


def _tagged(
    files: list[tuple[Path, int]], start: int, end: int | None, tag: bytes
) -> Iterator[bytes]:
    """Yield the lines with this tag that lie between two places."""
    for path, base in files:
        with suppress(FileNotFoundError), path.open("rb") as file:
            place = file.seek(max(start - base, 0))
            while (end is None or base + place < end) and (line := file.readline(LONGEST_LINE)):
                place += len(line)
                if tag in line[:TAGGED]:
                    yield line.rstrip(b"\n")


def _was_emptied(file: BinaryIO) -> bool:
    """Whether somebody has cut what was read: with `> NAME.log`, say."""
    return os.fstat(file.fileno()).st_size < file.tell()


def _split(data: bytes) -> tuple[bytes, list[bytes]]:
    """Return an unfinished line, and whole ones before it; one that is too long comes in pieces."""
    *lines, rest = data.split(b"\n")
    if len(rest) >= LONGEST_LINE:
        return b"", [*lines, rest]
    return rest, lines


def _younger(path: Path, file: BinaryIO | None) -> BinaryIO | None:
    """Return the file that follows a rotated one; None: it was not rotated."""
    if file is None:
        return None
    ours = os.fstat(file.fileno())
    files = generations(path)
    for number, each in enumerate(files):
        with suppress(OSError):
            if os.path.samestat(each.stat(), ours):
                return opened(files[number - 1]) if number else None
    return opened(files[-1]) if files else None
