"""Back up tocsin's own store, prove that the copy can be restored, and keep the last few."""

import os
import sqlite3
import time

from jobapi import get_option, job_info, job_progress, job_save_info, job_warning, log


def run():
    if os.environ.get("TOCSIN_DB", "").startswith("postgresql"):
        job_warning("NOT-SQLITE", "the store is in PostgreSQL: back it up with pg_dump")
        return
    moment = time.strftime("%Y-%m-%dT%H%M%SZ", time.gmtime())
    path = keep_folder() / f"tocsin-{moment}-{job_info()['job_instanceid']:010}.db"
    job_progress(0.1, "copies the store")
    tocsin("backup", str(path), seconds=get_option("seconds"))
    job_progress(0.6, "checks the copy")
    checked = check(path)
    job_progress(0.8, "opens the copy as a store")
    jobs = ask_tocsin("--db", f"sqlite:///{path}", "job", "list")
    if len(jobs) != checked["jobs"]:
        raise ValueError(f"{path} has {checked['jobs']} jobs, and tocsin finds {len(jobs)} in it")
    deleted = delete_old(get_option("keep"))
    length = path.stat().st_size
    log(f"{path}: {size(length)}, {checked['jobs']} jobs, {checked['instances']} instances")
    job_save_info({"file": str(path), "bytes": length, **checked, "deleted": deleted})


def check(path):
    """Return what the copy holds, after SQLite's own check of every page, index and reference."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise ValueError(f"{path} is damaged: {said}")
        if broken := database.execute("PRAGMA foreign_key_check").fetchall():
            raise ValueError(f"{path} has {len(broken)} rows that refer to nothing")
        jobs, instances = database.execute(
            "SELECT (SELECT count(*) FROM jobs WHERE retired_at IS NULL),"
            " (SELECT count(*) FROM job_instance)"
        ).fetchone()
    finally:
        database.close()
    return {"jobs": jobs, "instances": instances}


def delete_old(keep):
    """Delete all copies but the newest; the names sort by time."""
    copies = sorted(keep_folder().glob("tocsin-*.db"))
    for path in copies[:-keep]:
        for part in keep_folder().glob(f"{path.name}*"):
            part.unlink()
    return len(copies[:-keep])
