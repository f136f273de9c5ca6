"""Processes that are dead and not collected, and those that hold the most memory."""

import os
from pathlib import Path

from jobapi import get_option, job_save_info, job_warning, log


def run():
    processes = [each for each in map(read, Path("/proc").glob("[0-9]*")) if each]
    by_pid = {each["pid"]: each for each in processes}
    zombies = [each for each in processes if each["state"] == "Z"]
    changes = Changes()
    for each in zombies:
        parent = by_pid.get(each["parent"], {"name": "nobody"})
        text = f"{each['pid']} {each['name']}, child of {each['parent']} {parent['name']}"
        log(f"zombie {text}")
        topic = f"zombie {each['pid']} {each['started']}"
        changes.is_news(topic, "seen")
        if (
            changes.was(topic) == "seen"
        ):  # it was one at the last run too: its parent does not collect it
            job_warning("ZOMBIE", text)
            changes.is_news(topic, "told")
        elif changes.was(topic) == "told":
            changes.is_news(topic, "told")
    hogs = sorted(processes, key=lambda each: -each["memory"])[: get_option("show")]
    total = machine_memory()
    for each in hogs:
        share = each["memory"] / total
        log(f"{each['pid']:>8} {each['name']:<20} {size(each['memory']):>10}  {share:.1%}")
        topic = f"hog {each['pid']} {each['started']}"
        level = "hog" if share >= get_option("warn_share") else "ok"
        if level == "hog" and changes.was(topic) != "hog":
            text = (
                f"{each['name']} ({each['pid']}) holds {size(each['memory'])}, {share:.0%} of all"
            )
            job_warning("MEMORY-HOG", text)
        changes.is_news(topic, level)
    changes.close()
    job_save_info(
        {
            "processes": len(processes),
            "zombies": [f"{each['pid']} {each['name']}" for each in zombies],
            "largest": {f"{each['pid']} {each['name']}": size(each["memory"]) for each in hogs},
        }
    )


def read(process):
    """Return one process from /proc/PID/stat; None if it is gone."""
    try:
        text = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    name = text[text.index("(") + 1 : text.rindex(")")]  # it may hold spaces and brackets
    rest = text[text.rindex(")") + 2 :].split()
    return {
        "pid": int(process.name),
        "name": name,
        "state": rest[0],
        "parent": int(rest[1]),
        "started": int(rest[19]),
        "memory": int(rest[21]) * os.sysconf("SC_PAGE_SIZE"),
    }


def machine_memory():
    return int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) * 1024
