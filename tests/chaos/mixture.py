"""Jobs of all kinds, drawn from a seed, that write down what they do.

Beside the witness lines that `tests.checker.witness` reads, a run ticks: `instance boottime` every
few hundredths of a second into a file of its own kind. A run that is killed has no last line, but
it has a last tick, so that two runs side by side are seen whatever ended them. There `instance
boottime n` says that state data are about to be saved as n: the answer may come too late to be
written.
"""

import random
import shlex
from pathlib import Path

from engine.domain.job import Definition, Execution, Isolation
from engine.domain.schedule import RecurringSchedule

TICK_SECONDS = 0.05
_KINDS = ("process", "pool", "shell")
_DURATIONS = (0.0, 0.05, 0.3, 0.3, 1.0, 2.5)

_PYTHON = """
import os
import time

STATE = {state!r}

def put(path, line):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(descriptor, line.encode())
    os.close(descriptor)

def now():
    return time.clock_gettime(time.CLOCK_BOOTTIME)

def witness(mark, number, *rest):
    words = [mark, number, f"{{now():.6f}}", f"{{time.time():.6f}}", os.getpid(), *rest]
    put({witness!r}, " ".join(str(word) for word in words) + "\\n")

def run():
    number = job_info()["job_instanceid"]
    witness("B", number)
    seen = (job_get_state_data() or {{}}).get("n", 0) if STATE else 0
    if STATE:
        witness("G", number, seen)
    end = now() + {seconds}
    while now() < end:
        put({ticks!r}, f"{{number}} {{now():.6f}}\\n")
        time.sleep({tick})
    if STATE:
        put({ticks!r}, f"{{number}} {{now():.6f}} {{seen + 1}}\\n")
        job_save_state_data({{"n": seen + 1}})
        witness("S", number, seen + 1)
    witness("E", number)
    if STATE and number % 3 == 0:
        raise ValueError("a third of the runs fail, and keep their state data")
"""

_SHELL = """
read up rest < /proc/uptime
echo "B $TOCSIN_INSTANCE $up $(date +%s.%N) $$" >> {witness}
count=0
while [ $count -lt {ticks_wanted} ]; do
  read up rest < /proc/uptime
  echo "$TOCSIN_INSTANCE $up" >> {ticks}
  sleep {tick}
  count=$((count + 1))
done
read up rest < /proc/uptime
echo "E $TOCSIN_INSTANCE $up $(date +%s.%N) $$" >> {witness}
"""


def mixture(folder: Path, number: int, chance: random.Random) -> list[Definition]:
    """Return `number` jobs; state data are kept by those that run on one engine at a time."""
    return [_definition(folder, f"job-{index}", index, chance) for index in range(number)]


def _definition(folder: Path, name: str, index: int, chance: random.Random) -> Definition:
    kind = _KINDS[index % len(_KINDS)]
    single = chance.random() < 0.6
    return Definition(
        name,
        RecurringSchedule(chance.randint(1, 5)),
        execution=_execution(folder, name, kind, chance.choice(_DURATIONS), has_state=single),
        single_instance=single,
        run_skipped=chance.random() < 0.5,
    )


def _execution(folder: Path, name: str, kind: str, seconds: float, *, has_state: bool) -> Execution:
    witness, ticks = folder / f"{name}.witness", folder / f"{name}.ticks"
    if kind == "shell":
        code = _SHELL.format(
            witness=shlex.quote(str(witness)),
            ticks=shlex.quote(str(ticks)),
            ticks_wanted=round(seconds / TICK_SECONDS),
            tick=TICK_SECONDS,
        )
        return Execution(lang="shell", code=code, cwd="/")
    code = _PYTHON.format(
        witness=str(witness), ticks=str(ticks), seconds=seconds, state=has_state, tick=TICK_SECONDS
    )
    isolation: Isolation = "pool" if kind == "pool" else "process"
    return Execution(code=code, isolation=isolation, cwd="/")
