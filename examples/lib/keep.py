"""A small memory between runs, one folder per job below TOCSIN_HOME.

State data are for going on after a crash, and go when a run is complete. What a job wants to know
next time (a history, yesterday's list) is kept here, in files that are replaced as a whole.
"""

import json
import os
from pathlib import Path

from jobapi import job_info


def keep_folder():
    """Return this job's own folder; it is made on first use."""
    home = os.environ.get("TOCSIN_HOME") or Path.home() / ".local" / "state" / "tocsin"
    folder = Path(home) / "examples" / job_info()["name"]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def recall(name, default=None):
    """Return what was kept under `name`; `default` where there is nothing that can be read."""
    try:
        return json.loads((keep_folder() / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return default


def keep(name, value):
    """Keep plain data under `name`: the file is replaced whole, and on disk before this returns."""
    path = keep_folder() / f"{name}.json"
    unfinished = path.with_suffix(".new")
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


class Changes:
    """Tells what is news: a state that is another one than last time. `close` keeps the states."""

    def __init__(self):
        self._before = recall("states", {})
        self._now = {}

    def is_news(self, topic, state):
        """Note the state of `topic`; True if it was another one at the last run (not at first)."""
        self._now[topic] = state
        return topic in self._before and self._before[topic] != state

    def was(self, topic):
        """Return the state at the last run, None if there was none."""
        return self._before.get(topic)

    def close(self):
        """Keep the states for the next run."""
        keep("states", self._now)
