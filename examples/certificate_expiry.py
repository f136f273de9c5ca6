"""Certificate files that expire soon, or have expired."""

import os
from datetime import UTC, datetime
from pathlib import Path

from jobapi import get_option, job_progress, job_save_info, job_sleep, job_warning, log

SUFFIXES = (".pem", ".crt", ".cer", ".cert", ".der")
LARGEST = 4 * 1024 * 1024


def run():
    now = datetime.now(UTC)
    files = sorted(set(find(get_option("paths"))))
    seen, soon, unreadable, none, first = set(), {}, [], 0, None
    for number, path in enumerate(files):
        if number % 50 == 0:
            job_progress(number / len(files), str(path))
            if not job_sleep(0):
                raise SystemExit("asked to stop")
        try:
            found = look_into(path)
        except (OSError, ValueError, IndexError) as error:
            unreadable.append(f"{path}: {error}")
            continue
        none += not found
        for subject, expires in found:
            if (subject, expires) in seen:  # the same one, under another name
                continue
            seen.add((subject, expires))
            first = min(first, (expires, subject)) if first else (expires, subject)
            days = (expires - now).days
            if days <= get_option("warn_days"):
                soon[f"{subject} ({path})"] = days
    tell(soon)
    for line in unreadable:
        log(line, level="WARN")
    log(f"{len(seen)} certificates in {len(files)} files, {none} of them with none")
    job_save_info(
        {
            "files": len(files),
            "certificates": len(seen),
            "first to expire": first and f"{first[1]} in {(first[0] - now).days} days",
            "days left": dict(sorted(soon.items(), key=lambda item: item[1])),
            "unreadable": unreadable[:20],
        }
    )


def find(paths):
    """Yield the certificate files in the folders and files of `paths` that are there."""
    for path in paths:
        if Path(path).is_file():
            yield Path(path).resolve()
        elif not Path(path).is_dir():
            log(f"{path} is not on this machine")
        for folder, _, names in os.walk(path):
            found = (Path(folder, name).resolve() for name in names if name.endswith(SUFFIXES))
            yield from (each for each in found if not is_skipped(each))


def is_skipped(path):
    return any(path.is_relative_to(skipped) for skipped in get_option("skip"))


def look_into(path):
    """Return the certificates of a file; none of one that is no ordinary file, or is too large."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        return []
    return certificates(path.read_bytes())


def tell(soon):
    """Warn of each certificate once for each of its last days, and not at every run."""
    changes = Changes()
    for subject, days in soon.items():
        text = (
            f"{subject} expired {-days} days ago"
            if days < 0
            else f"{subject} expires in {days} days"
        )
        log(text, level="WARN")
        level = "expired" if days < 0 else f"{days} days"
        if changes.was(subject) != level:
            job_warning("CERTIFICATE-EXPIRES", text, info={"days left": days})
        changes.is_news(subject, level)
    changes.close()
