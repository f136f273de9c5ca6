"""Figures of the command line: how long a command takes, as a whole process.

    python -m benchmarks.command_line [repetitions]

Wall-clock time of whole processes on a store of 1,000 jobs: minimum and median.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

JOBS = 1_000
COMMANDS = (
    ("--help",),
    ("version",),
    ("job", "list"),
    ("job", "list", "--json"),
    ("job", "list", "group:g1"),
    ("job", "show", "job-0001"),
    ("job", "disable", "job-0001"),
    ("overview",),
    ("status",),
)


def main(repetitions: int = 9) -> None:
    """Print one line a command."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        definitions = Path(folder) / "jobs"
        _write_definitions(definitions)
        print(f"load of {JOBS:,} jobs  {_time(home, 'load', str(definitions)):.3f} s")
        for command in COMMANDS:
            _time(home, *command)  # once for the caches of the machine
            taken = [_time(home, *command) for _ in range(repetitions)]
            print(
                f"{'tocsin ' + ' '.join(command):<32} min {min(taken):.3f} s  "
                f"median {statistics.median(taken):.3f} s"
            )


def _write_definitions(folder: Path) -> None:
    folder.mkdir()
    for part in range(JOBS // 100):
        documents = [
            f"name: job-{number:04}\ndesc: Job number {number}\n"
            f'schedule: "{number % 60} {number % 24} * * *"\ngroups: [g{number % 10}]\n'
            f"tags: {{team: t{number % 7}}}\ncode: |\n  def run():\n      pass\n"
            for number in range(part * 100, part * 100 + 100)
        ]
        (folder / f"jobs-{part}.yaml").write_text("---\n".join(documents))


def _time(home: Path, *command: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "app", *command],
        env={**os.environ, "TOCSIN_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
