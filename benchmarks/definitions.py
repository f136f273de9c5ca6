"""10,000 jobs from YAML into an empty store: read, check, plan and apply, then load them again.

    python -m benchmarks.definitions [--jobs 10000] [--rounds 5]

Each job has its own code, groups, tags and options; a file holds 100 jobs. Medians of the rounds.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from engine.clock import SystemClock
from engine.definitions.applying import Loader, load
from engine.definitions.exporting import export
from engine.definitions.reader import read
from engine.persistence.database import Database

_JOBS_PER_FILE = 100
_JOB = """\
---
name: job-{number}
version: "1.0"
desc: Warn when file system {number} fills up
schedule: "{minute} {hour} * * *"
timezone: Europe/Prague
groups: [housekeeping, group-{group}]
tags: {{team: ops, tier: "{group}"}}
options: {{warn_at: 0.9, mount: /data/{number}}}
timeout: 60
code: |
  import shutil


  def run():
      usage = shutil.disk_usage(get_option("mount"))
      if usage.used / usage.total > get_option("warn_at"):
          job_warning("DISK-{number}", "fills up")
"""


def write_definitions(folder: Path, jobs: int, version: str = "1.0") -> int:
    """Write that many jobs and return the number of bytes."""
    size = 0
    for first in range(0, jobs, _JOBS_PER_FILE):
        text = "".join(
            _JOB.format(number=n, minute=n % 60, hour=n // 60 % 24, group=n % 40)
            for n in range(first, min(first + _JOBS_PER_FILE, jobs))
        ).replace('version: "1.0"', f'version: "{version}"')
        (folder / f"jobs-{first:06d}.yaml").write_text(text)
        size += len(text)
    return size


def measure(jobs: int) -> dict[str, float]:
    """Return the seconds of each step of one round."""
    took: dict[str, float] = {}
    loader = Loader("benchmark", "here")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "jobs"
        folder.mkdir()
        write_definitions(folder, jobs)
        database = Database.open(Path(name) / "store" / "tocsin.db")
        for step, version in (("first", "1.0"), ("again", "1.0"), ("changed", "2.0")):
            write_definitions(folder, jobs, version)
            began = time.perf_counter()
            reading = read([folder])
            took[f"{step}: read and check"] = time.perf_counter() - began
            began = time.perf_counter()
            load(database, reading, loader, SystemClock())
            took[f"{step}: plan and apply"] = time.perf_counter() - began
        began = time.perf_counter()
        for definition in reading.definitions:
            export(definition)
        took["export all"] = time.perf_counter() - began
        database.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rounds = [measure(arguments.jobs) for _ in range(arguments.rounds)]
    print(f"{arguments.jobs:,} jobs, median of {arguments.rounds} rounds")
    for step in rounds[0]:
        print(f"  {step:<26} {statistics.median(each[step] for each in rounds):7.2f} s")
    for step in ("first", "again", "changed"):
        totals = [
            sum(value for name, value in each.items() if name.startswith(step)) for each in rounds
        ]
        print(f"  {step + ', in all':<26} {statistics.median(totals):7.2f} s")


if __name__ == "__main__":
    main()
