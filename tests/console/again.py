"""Run the tests of the console again and again: in another order each time, beside other load.

    python -m tests.console.again [--times 100] [--seed N] [--workers 2] [--busy 0] [PATH ...]

Each pass is a test run of its own with its own seed, which the order and the generated examples
follow. A failure is told in full with the seed that repeats it; nothing is tried twice, and no pass
knows the examples that failed in another; compiled code is all that they share. Exit status 1: at
least one test failed in at least one pass.
"""

import argparse
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

PATHS = ("tests/console", "tests/app")
_BURN = "while True: pass"
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_PASSED = re.compile(r"(\d+) passed")


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep so many processors busy meanwhile."""
    burning = [subprocess.Popen([sys.executable, "-c", _BURN]) for _ in range(processes)]
    try:
        yield
    finally:
        for each in burning:
            each.kill()
            each.wait()


def run_once(seed: int, workers: int, paths: list[str], compiled: str) -> tuple[bool, int, str]:
    """Return whether a pass was clean, how many tests passed, and all that it printed.

    Compiled code is kept in the folder `compiled` even where the environment forbids to keep any:
    each worker of each pass would compile every test anew.
    """
    options = ["-q", "-p", "no:cacheprovider", "-n", str(workers), f"--randomly-seed={seed}"]
    with tempfile.TemporaryDirectory() as examples:
        apart = {
            "PYTHONHASHSEED": str(seed % 4_294_967_296),
            "HYPOTHESIS_STORAGE_DIRECTORY": examples,
            "PYTHONPYCACHEPREFIX": compiled,
            "PYTHONDONTWRITEBYTECODE": "",
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *paths],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **apart},
        )
    found = _PASSED.search(done.stdout)
    return done.returncode == 0, int(found[1]) if found else 0, done.stdout


def burned_by_children() -> float:
    """Return the processor time of the passes so far, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Run the passes and print what they came to."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=100)
    arguments.add_argument("--seed", type=int, help="of the first pass; default: drawn")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--busy", type=int, default=0, help="processes that burn time beside")
    arguments.add_argument("paths", nargs="*")
    given = arguments.parse_args()
    first = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    failures: Counter[str] = Counter()
    runs = tests = unclean = 0
    started = time.monotonic()
    try:
        with busy(given.busy), tempfile.TemporaryDirectory() as compiled:
            for number in range(given.times):
                begun, burned_before = time.monotonic(), burned_by_children()
                is_clean, passed, text = run_once(
                    first + number, given.workers, given.paths or [*PATHS], compiled
                )
                runs, tests, unclean = runs + 1, tests + passed, unclean + (not is_clean)
                seconds, burned = time.monotonic() - begun, burned_by_children() - burned_before
                verdict = f"{passed} passed" if is_clean else "FAILED"
                print(
                    f"run {runs:4}  seed {first + number}  {verdict}  {seconds:.0f} s, "
                    f"{burned:.0f} s of a processor",
                    flush=True,
                )
                if not is_clean:
                    failures.update(set(_FAILED.findall(text)) or {"the run itself"})
                    print(text, flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    minutes = (time.monotonic() - started) / 60
    print(
        f"{runs} runs from seed {first}: {tests:,} tests passed, {unclean} runs with failures, "
        f"{minutes:.0f} minutes"
    )
    for name, count in failures.most_common():
        print(f"  {count:4} x {name}")
    return 1 if unclean else 0


if __name__ == "__main__":
    sys.exit(main())
