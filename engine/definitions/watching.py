"""Notice that definition files changed, without reading them: by place, size and times."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.definitions.files import SUFFIXES

_WATCHED = (*SUFFIXES, ".py", ".sh")


def snapshot(paths: Iterable[str | Path], also: Iterable[Path] = ()) -> str:
    """Return a fingerprint of all definition and code files below `paths`, and of the files `also`.

    It moves when one appears, goes, or is written (path, inode, size, time of change). A path that
    is not there is part of it too. `also` is `Reading.files`: code that lies elsewhere.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted({str(each) for each in _files(paths)} | {str(each) for each in also}):
        digest.update(f"{path}\0{_stamp(path)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _stamp(path: str) -> str:
    try:
        status = os.lstat(path)
    except OSError:
        return "absent"
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _files(paths: Iterable[str | Path]) -> Iterator[str]:
    for path in paths:
        absolute = Path(path).absolute()
        if absolute.is_dir():
            yield from _below(str(absolute))
        else:
            yield str(absolute)


def _below(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            listed = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError:
        yield folder
        return
    for entry in listed:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        elif entry.name.endswith(_WATCHED):
            yield entry.path
