"""A checksum of every file below a folder: what was added, changed or removed since the last time.

State data hold how far a run came, and the checksums so far are in a database: after a crash, a
cancel or a restart of the machine the next run goes on after the last file that was saved.
"""

import hashlib
import os
import sqlite3
import stat
import time
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from jobapi import (
    get_option,
    job_get_state_data,
    job_progress,
    job_save_info,
    job_save_state_data,
    job_sleep,
    job_warning,
    log,
)


def run():
    folder = Path(get_option("root")).resolve()
    if not folder.is_dir() or not any(folder.iterdir()):
        raise SystemExit(f"{folder} is no folder, or empty: is it mounted? What is known stays")
    root = text_of(folder)
    database = open_database()
    state = job_get_state_data() or {}
    if state.get("root") == root:
        log(f"goes on after {state['after']!r} ({state['files']} files were done)")
    else:
        database.execute("DELETE FROM found")
        database.commit()
        state = {"root": root, "after": "", "files": 0, "bytes": 0, "unreadable": 0}
    expected = database.execute("SELECT count(*) FROM kept WHERE root = ?", (root,)).fetchone()[0]
    walk(root, database, state, expected)
    report = compare(database, root)
    accept(database, root)
    database.close()
    log(f"{state['files']} files, {size(state['bytes'])}")
    job_save_info(
        {"root": root, **{key: state[key] for key in ("files", "bytes", "unreadable")}, **report}
    )


def open_database():
    database = sqlite3.connect(keep_folder() / "inventory.db")
    database.executescript(
        """
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS kept (root TEXT, path TEXT, sum TEXT, PRIMARY KEY (root, path));
        CREATE TABLE IF NOT EXISTS found (path TEXT PRIMARY KEY, sum TEXT);
        """
    )
    return database


def walk(root, database, state, expected):
    """Add every file after `state["after"]`, in order, saving how far it came every two seconds."""
    saved = time.monotonic()
    for path in files_after(path_of(root), state["after"] and path_of(state["after"])):
        checksum, length = checksum_of(path)
        state["after"] = text_of(path)
        database.execute("INSERT OR REPLACE INTO found VALUES (?, ?)", (state["after"], checksum))
        state["files"] += 1
        state["bytes"] += length
        state["unreadable"] += not checksum
        if time.monotonic() - saved >= 2 or state["files"] % 500 == 0:
            database.commit()  # first the rows, then the word that they are there
            job_save_state_data(state)
            saved = time.monotonic()
            if expected:
                job_progress(min(state["files"] / expected, 1.0), state["after"])
            if not job_sleep(0):
                raise SystemExit("asked to stop; the next run goes on from here")
    database.commit()


def files_after(root, after):
    """Yield the ordinary files below `root` in the order of their paths, those after `after`."""
    mark = parts(after) if after else []
    waiting = [root]
    while waiting:
        path = waiting.pop()
        here = parts(path)
        try:
            status = path.lstat()
            # A folder that lies wholly before the mark is not even listed.
            if stat.S_ISDIR(status.st_mode) and here >= mark[: len(here)]:
                waiting.extend(sorted(path.iterdir(), key=parts, reverse=True))
            elif stat.S_ISREG(status.st_mode) and here > mark:
                yield path
        except OSError as error:
            log(f"{text_of(path)}: {error.strerror}", level="WARN")


def parts(path):
    """Return what sorts paths in the order of the walk: a folder's files right after its name."""
    return os.fsencode(path).split(b"/")


def checksum_of(path):
    """Return the checksum and length of a file; an empty checksum if it cannot be read."""
    digest, length = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                length += len(block)
    except OSError:
        return "", 0
    return digest.hexdigest(), length


def text_of(path):
    """Return a path as text that a database takes; bytes that are no text become %80 and so on."""
    return quote_from_bytes(os.fsencode(path), safe="/ !#$&'()*+,:;=?@[]~")


def path_of(text):
    return Path(os.fsdecode(unquote_to_bytes(text)))


def compare(database, root):
    """Return how many files were added, changed and removed; warn, and name the first of them."""
    is_first = not database.execute("SELECT 1 FROM kept WHERE root = ?", (root,)).fetchone()
    queries = {
        "added": "SELECT path FROM found WHERE path NOT IN (SELECT path FROM kept WHERE root = ?)",
        "changed": "SELECT path FROM found JOIN kept USING (path) "
        "WHERE kept.root = ? AND found.sum <> kept.sum AND found.sum <> '' AND kept.sum <> ''",
        "removed": "SELECT path FROM kept WHERE root = ? AND path NOT IN (SELECT path FROM found)",
    }
    report = {}
    for what, query in queries.items():
        paths = sorted(row[0] for row in database.execute(query, (root,)))
        report[what] = len(paths)
        if paths and not is_first:
            for path in paths[:50]:
                log(f"{what}: {path}")
            job_warning(
                f"FILES-{what.upper()}", f"{len(paths)} files below {root}", info=paths[:50]
            )
    return {"first time": is_first, **report}


def accept(database, root):
    """Make what was found what the next run compares with."""
    with database:
        database.execute("DELETE FROM kept WHERE root = ?", (root,))
        database.execute("INSERT INTO kept SELECT ?, path, sum FROM found", (root,))
        database.execute("DELETE FROM found")
