"""Jobs that write witness files, and what the files tell.

A witness line is one append of less than a page, so that a kill leaves it whole or not at all:
`B instance boottime wall pid` when the code begins, `E` and the same when it is about to return,
`S instance n` after state data were saved, and `G instance n` for what it found of them.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from engine.domain.job import Definition, Execution
from engine.domain.schedule import RecurringSchedule

_PYTHON = """
import os
import time

def witness(*words):
    line = " ".join(str(word) for word in words) + "\\n"
    fd = os.open({path!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(fd, line.encode())
    os.close(fd)

def times():
    return time.clock_gettime(time.CLOCK_BOOTTIME), time.time(), os.getpid()

def run():
    me = job_info()
    number = me["job_instanceid"]
    witness("B", number, *times())
    state = job_get_state_data() or {{}}
    seen = state.get("n", 0)
    witness("G", number, seen)
    job_sleep({seconds})
    job_save_state_data({{"n": seen + 1}})
    witness("S", number, seen + 1)
    witness("E", number, *times())
    if number % 3 == 0:
        raise ValueError("every third run fails, and keeps its state data")
"""

_SHELL = """
echo "B $TOCSIN_INSTANCE $(cut -d' ' -f1 /proc/uptime) $(date +%s) $$" >> {path}
sleep {seconds}
echo "E $TOCSIN_INSTANCE $(cut -d' ' -f1 /proc/uptime) $(date +%s) $$" >> {path}
"""


def definitions(folder: Path) -> list[Definition]:
    """Return the jobs of a storm: all kinds, short and long, with state data."""
    found = []
    for number in range(16):
        path = folder / f"job-{number}.witness"
        seconds = (0, 0.05, 0.4, 2.5)[number % 4]
        kind = ("process", "process", "pool", "shell")[number // 4]
        if kind == "shell":
            execution = Execution(lang="shell", code=_SHELL.format(path=path, seconds=seconds))
        else:
            code = _PYTHON.format(path=str(path), seconds=seconds)
            execution = Execution(code=code, isolation="pool" if kind == "pool" else "process")
        found.append(
            Definition(
                f"job-{number}",
                RecurringSchedule(1 + number % 3),
                execution=execution,
                single_instance=number % 2 == 0,
                run_skipped=number % 5 != 0,
            )
        )
    return found


@dataclass(slots=True)
class Witness:
    """What one job's file tells."""

    begun: list[int] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    saved: dict[int, int] = field(default_factory=dict)
    found: dict[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Witness":
        """Read a witness file."""
        witness = cls()
        for line in path.read_text().splitlines() if path.exists() else []:
            mark, number, *rest = line.split()
            match mark:
                case "B":
                    witness.begun.append(int(number))
                case "E":
                    witness.ended.add(int(number))
                case "S":
                    witness.saved[int(number)] = int(rest[0])
                case "G":
                    witness.found[int(number)] = int(rest[0])
                case _:
                    raise ValueError(line)
        return witness

    @property
    def doubled(self) -> list[int]:
        """The instances whose code began more than once."""
        return [number for number, times in Counter(self.begun).items() if times > 1]
