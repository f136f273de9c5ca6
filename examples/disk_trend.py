"""How full every local file system is, how fast it fills, and when it will be full at that rate."""

import os
import re
import time
from pathlib import Path

from jobapi import get_option, job_progress, job_save_info, job_warning, log

# File systems that hold nothing of their own, or belong to another machine.
NOT_LOCAL = {
    *("autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "cifs", "configfs", "debugfs", "devpts"),
    *("devtmpfs", "efivarfs", "fuse.sshfs", "fusectl", "hugetlbfs", "mqueue", "nfs", "nfs4"),
    *("proc", "pstore", "ramfs", "rpc_pipefs", "securityfs", "smb3", "squashfs", "sysfs"),
    *("tracefs", "nsfs", "9p"),
}  # fmt: skip
DAY = 86_400


def run():
    now = time.time()
    history = recall("history", {})
    changes = Changes()
    mounts = local_mounts()
    report = {}
    for number, mount in enumerate(mounts):
        job_progress(number / len(mounts), mount)
        facts = look_at(mount)
        if facts is None:
            continue
        samples = [*history.get(mount, []), [now, facts["used"]]]
        history[mount] = thinned(samples, now)
        facts["full_in_days"] = days_until_full(history[mount], facts["total"])
        report[mount] = say(mount, facts, changes)
    keep("history", {mount: samples for mount, samples in history.items() if mount in report})
    changes.close()
    job_save_info({"file systems": len(report), "by mount point": report})


def local_mounts():
    """Return the mount points of local file systems, one for each device."""
    found = {}
    with Path("/proc/self/mounts").open(encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            _, mount, kind, *_ = line.split()
            mount = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), mount)
            try:
                if kind not in NOT_LOCAL and not mount.startswith("/sys/") and Path(mount).is_dir():
                    found.setdefault(Path(mount).stat().st_dev, mount)
            except OSError as error:
                log(f"{mount}: {error.strerror}", level="WARN")
    return sorted(found.values())


def look_at(mount):
    """Return bytes and inodes of a file system; None if it cannot be asked or has no size."""
    try:
        status = os.statvfs(mount)
    except OSError as error:
        log(f"{mount}: {error.strerror}", level="WARN")
        return None
    total = status.f_blocks * status.f_frsize
    if not total:
        return None
    usable = total - (status.f_bfree - status.f_bavail) * status.f_frsize  # less root's reserve
    used = total - status.f_bfree * status.f_frsize
    inodes = 1 - status.f_ffree / status.f_files if status.f_files else 0.0
    return {
        "used": used,
        "total": usable,
        "share": round(used / usable, 4) if usable else 1.0,
        "inodes": round(inodes, 4),
    }


def thinned(samples, now):
    """Keep all samples of the last hour, one in ten minutes of two weeks, and no older ones."""
    kept = []
    for at, used in samples:
        if now - at > 14 * DAY:
            continue
        if now - at > 3600 and kept and at - kept[-1][0] < 600:
            continue
        kept.append([at, used])
    return kept


def days_until_full(samples, total):
    """Return the days until a line through the samples reaches the top; None if it never does."""
    window = samples[-1][0] - samples[0][0]
    if len(samples) < 3 or window < get_option("least_minutes", 10) * 60:
        return None
    middle = sum(at for at, _ in samples) / len(samples)
    level = sum(used for _, used in samples) / len(samples)
    spread = sum((at - middle) ** 2 for at, _ in samples)
    slope = sum((at - middle) * (used - level) for at, used in samples) / spread if spread else 0
    if slope <= 0:
        return None
    return round(max(total - samples[-1][1], 0) / slope / DAY, 2)


def say(mount, facts, changes):
    """Log one file system, and warn when it becomes too full, not each time that it still is."""
    share, days = facts["share"], facts["full_in_days"]
    trend = "" if days is None else f", full in {days:g} days at this rate"
    text = f"{mount}: {size(facts['used'])} of {size(facts['total'])} ({share:.0%}){trend}"
    log(text)
    level = "ok"
    if share >= get_option("warn_at") or facts["inodes"] >= get_option("warn_at"):
        level = "full"
    elif days is not None and days <= get_option("warn_days"):
        level = "filling"
    if level != "ok" and changes.was(mount) != level:
        job_warning("DISK-FILLING", text, info={"mount": mount, **facts})
    changes.is_news(mount, level)
    return {**facts, "level": level}
