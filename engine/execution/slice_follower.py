"""Read on in the part of a log that belongs to one instance: each line once, and only what is new.

What was read is known by its file, whatever name a rotation gives to it, and by its place there.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, pairwise
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from engine.execution.log_reader import LONGEST_LINE, TAGGED, Slice, opened, tag_of
from engine.execution.runtime.log_file import base_in

_FREE_NAMES = 1  # at most, in a log that is being rotated


class _File(Struct, frozen=True):
    """One open file of a log."""

    file: BinaryIO
    base: int  # at which place of the log it begins
    identity: tuple[int, int]  # device and inode

    def size(self) -> int:
        return os.fstat(self.file.fileno()).st_size


class SliceFollower:
    """Gives what an instance has added to its log since the last look."""

    def __init__(self, path: Path, job_instanceid: int, start: int) -> None:
        """Take the place in the whole log that was recorded for the first line."""
        self._path = path
        self._tag = tag_of(job_instanceid)
        self._start = start
        self._read: _File | None = None  # the last one that was read; it is closed
        self._offset = 0  # in it, up to where
        self._is_missed = False  # there was no log

    @contextmanager
    def added(self, *, has_ended: bool) -> Iterator[Slice]:
        """Give what was added; it is to be read before the block ends.

        It is not whole where rotation has removed what was not read. A line that is still being
        written is left for the next time, unless it `has_ended`.
        """
        with ExitStack() as stack:
            files = self._opened(stack)
            if self._read is None:
                files, offset, is_whole = self._from_start(files)
            else:
                files, offset, is_whole = self._from(files, self._read)
            yield Slice(self._lines(files, offset, has_ended=has_ended), is_whole)

    def _opened(self, stack: ExitStack) -> list[_File]:
        """Open the youngest file and those before it, back to where the reading goes on.

        Names only ever become older, so that going back none is missed, though one may come twice.
        """
        files: list[_File] = []
        free = 0
        for number in count():
            name = f"{self._path.name}.{number}" if number else self._path.name
            file = opened(self._path.with_name(name))
            if file is None:
                free += 1
                if free > _FREE_NAMES:
                    break
                continue
            stack.enter_context(file)
            seen = os.fstat(file.fileno())
            base = base_in(os.pread(file.fileno(), 80, 0))
            found = _File(file, base, (seen.st_dev, seen.st_ino))
            is_read = self._read is not None and _is_same(found, self._read)
            if files and base >= files[-1].base and not is_read:
                continue  # it was rotated meanwhile: it is there already, or is for the next look
            files.append(found)
            if is_read or (self._read is None and base <= self._start):
                break
        return files[::-1]

    def _from_start(self, files: list[_File]) -> tuple[list[_File], int, bool]:
        """Return the files to read, from where in the first one, and whether all is there."""
        if not files:
            is_told, self._is_missed = self._is_missed, True
            return [], 0, is_told
        if files[0].base > self._start:
            return files, 0, False
        offset = self._start - files[0].base
        if offset > files[0].size():  # somebody has emptied it
            return files, 0, False
        is_there = self._tag in os.pread(files[0].file.fileno(), TAGGED, offset)
        return files, offset, is_there and _are_joined(files)

    def _from(self, files: list[_File], read: _File) -> tuple[list[_File], int, bool]:
        if not files:
            return [], 0, True  # it is not there for a moment, or for ever
        if _is_same(files[0], read):
            is_emptied = files[0].size() < self._offset
            return files, 0 if is_emptied else self._offset, _are_joined(files)
        younger = [each for each in files if each.base > read.base]
        if not younger:
            return files[-1:], 0, True  # somebody took it away, and it was begun anew
        return younger, 0, younger[0].base <= read.base + self._offset and _are_joined(younger)

    def _lines(self, files: list[_File], offset: int, *, has_ended: bool) -> Iterator[bytes]:
        for number, each in enumerate(files, 1):
            self._read, self._offset = each, each.file.seek(offset)
            offset = 0
            is_growing = number == len(files) and not has_ended
            while line := each.file.readline(LONGEST_LINE):
                is_part = not line.endswith(b"\n") and len(line) < LONGEST_LINE
                if is_part and is_growing:
                    break
                self._offset += len(line)
                if self._tag in line[:TAGGED]:
                    yield line.rstrip(b"\n")


def _is_same(one: _File, other: _File) -> bool:
    """Whether it is the same file: a new one may have the inode of an old one."""
    return one.identity == other.identity and one.base == other.base


def _are_joined(files: list[_File]) -> bool:
    """Whether each file goes on where the one before it ends, or before."""
    return all(younger.base <= older.base + older.size() for older, younger in pairwise(files))
