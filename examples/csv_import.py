"""Import CSV files from an inbox into a database, every row once, whatever happens in between.

Rows are written 200 at a time; then state data say how many are in. A row's key is the checksum of
its file and its number: rows that were written just before a crash are not written twice, and a
file of a name that was there before is a new file. One that cannot be read is set aside.
"""

import codecs
import csv
import hashlib
import itertools
import json
import random
import sqlite3

from jobapi import (
    get_option,
    job_error,
    job_get_state_data,
    job_progress,
    job_save_info,
    job_save_state_data,
    job_sleep,
    log,
)

BATCH = 200


def run():
    inbox, done, refused = (keep_folder() / name for name in ("inbox", "done", "refused"))
    if not inbox.exists():
        inbox.mkdir()
        write_sample(inbox / "sample.csv", get_option("sample_rows"))
    done.mkdir(exist_ok=True)
    refused.mkdir(exist_ok=True)
    database = sqlite3.connect(keep_folder() / "imported.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS imported (file TEXT, checksum TEXT, number INTEGER, data TEXT,"
        " PRIMARY KEY (checksum, number))"
    )
    imported = {}
    for path in sorted(inbox.glob("*.csv")):
        if path.is_symlink() or not path.is_file():
            log(f"{path.name} is no ordinary file; it stays where it is", level="WARN")
            continue
        try:
            checksum = checksum_of(path)
            imported[path.name] = import_file(path, checksum, database)
        except (ValueError, csv.Error, OSError) as error:  # a ValueError: it is not UTF-8
            job_error("CSV-REFUSED", f"{path.name} is set aside in {refused}: {error}")
            path.rename(free_name(refused, path))
        else:
            path.rename(free_name(done, path))
        job_save_state_data({})
    total = database.execute("SELECT count(*) FROM imported").fetchone()[0]
    database.close()
    log(f"{sum(imported.values())} rows from {len(imported)} files; {total} in all")
    job_save_info({"files": imported, "rows in all": total, "inbox": str(inbox)})


def checksum_of(path):
    """Return the checksum of a file that is UTF-8 to its end; a ValueError says where it is not."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            decoder.decode(block)
    decoder.decode(b"", final=True)
    return digest.hexdigest()


def free_name(folder, path):
    """Return where in `folder` the file can go without replacing an earlier one of its name."""
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}.{number}{path.suffix}"
    return target


def import_file(path, checksum, database):
    """Import the rows that are not in yet, and return how many rows the file has."""
    length = path.stat().st_size
    state = job_get_state_data() or {}
    first = state["rows"] if state.get("checksum") == checksum else 0
    if first:
        log(f"{path.name}: goes on after row {first}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = enumerate(csv.DictReader(file), 1)
        rows = itertools.islice(rows, first, None)
        number = first
        while batch := list(itertools.islice(rows, BATCH)):
            with database:
                database.executemany(
                    "INSERT OR IGNORE INTO imported VALUES (?, ?, ?, ?)",
                    [(path.name, checksum, number, json.dumps(row)) for number, row in batch],
                )
            number = batch[-1][0]
            job_save_state_data({"file": path.name, "checksum": checksum, "rows": number})
            job_progress(min(file.buffer.tell() / length, 1.0), f"{path.name}: row {number}")
            if not job_sleep(get_option("pause")):
                raise SystemExit(
                    f"asked to stop after row {number}; the next run goes on from there"
                )
    return number


def write_sample(path, rows):
    """Write a file of orders, so that there is something to import at first."""
    source = random.Random(4)
    unfinished = path.with_suffix(".new")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order", "customer", "amount", "note"])
        for number in range(1, rows + 1):
            note = source.choice(["", "urgent", "two\nlines", 'he said "now"'])
            writer.writerow(
                [number, f"c{source.randrange(500):03}", source.randrange(1, 99_999) / 100, note]
            )
    unfinished.rename(path)
