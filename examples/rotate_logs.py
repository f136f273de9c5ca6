"""Rotate tocsin's large logs, compress what was rotated a day ago, and delete what is too old.

A job's log is NAME.log, and the engine moves it to NAME.log.1 and so on when it is large. This does
it earlier, in the same way and under the same lock, and moves older generations into logs/archive,
compressed and named by their day.
"""

import fcntl
import gzip
import os
import re
import shutil
import time
from pathlib import Path

from jobapi import get_option, job_progress, job_save_info, job_warning, log

GENERATION = re.compile(r"(?P<log>.+\.log)\.(?P<number>\d+)\Z")
HIGHEST = 10


def run():
    folder = Path(os.environ.get("TOCSIN_HOME", "")) / "logs"
    if not os.environ.get("TOCSIN_HOME") or not folder.is_dir():
        job_warning("NO-LOGS", f"there is no folder {folder}")
        return
    archive = folder / "archive"
    archive.mkdir(mode=0o750, exist_ok=True)
    rotated = [path.name for path in sorted(folder.glob("*.log")) if rotate(path)]
    before = after = moved = 0
    generations = sorted(path for path in folder.iterdir() if GENERATION.match(path.name))
    for number, path in enumerate(generations):
        job_progress(number / len(generations), path.name)
        sizes = compress(path, archive)
        if sizes:
            before, after, moved = before + sizes[0], after + sizes[1], moved + 1
    deleted = delete_old(archive)
    shrunk = f"{size(before)} to {size(after)}"
    log(f"rotated {len(rotated)}, compressed {moved} ({shrunk}), deleted {deleted}")
    report = {"rotated": rotated, "compressed": moved, "shrunk": shrunk, "deleted": deleted}
    job_save_info(report)


def rotate(path):
    """Move a log that is large to its first generation, unless somebody else just did."""
    if path.is_symlink() or path.stat().st_size < get_option("rotate_bytes"):
        return False
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not is_same(file.fileno(), path):
            return False
        for number in range(HIGHEST - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                older.rename(path.with_name(f"{path.name}.{number + 1}"))
        path.rename(path.with_name(f"{path.name}.1"))
    return True


def compress(path, archive):
    """Compress a generation that is old enough; return both sizes, None if it is too young."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if time.time() - status.st_mtime < get_option("compress_hours") * 3600:
                return None
            day = time.strftime("%Y-%m-%d", time.gmtime(status.st_mtime))
            name = f"{GENERATION.match(path.name)['log']}.{day}.{status.st_ino}.gz"
            unfinished = archive / f"{name}.new"
            with gzip.open(unfinished, "wb") as packed:
                shutil.copyfileobj(file, packed)
            unfinished.rename(archive / name)
            remove(file.fileno(), path)
    except FileNotFoundError:  # it became another generation meanwhile: next time
        return None
    return status.st_size, (archive / name).stat().st_size


def remove(descriptor, path):
    """Remove the file that was read, also if the engine gave it a higher number meanwhile."""
    base = GENERATION.match(path.name)["log"]
    for number in range(1, HIGHEST + 1):
        candidate = path.with_name(f"{base}.{number}")
        if is_same(descriptor, candidate):
            candidate.unlink()
            return


def is_same(descriptor, path):
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    here = os.fstat(descriptor)
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def delete_old(archive):
    """Delete archived logs that are older than is wanted, and what a crash left unfinished."""
    deleted = 0
    for path in archive.iterdir():
        age = time.time() - path.lstat().st_mtime
        if age > get_option("keep_days") * 86_400 or (path.suffix == ".new" and age > 3600):
            path.unlink()
            deleted += 1
    return deleted
