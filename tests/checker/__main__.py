"""`python -m tests.checker STORE WITNESS_DIR`: check a store against its jobs' own witness.

Prints what was checked and every violation by invariant; exits with 1 if there is one.
"""

# ruff: noqa: T201 - it is a command that prints

import argparse
import sys
import time
from pathlib import Path

from tests.checker.check import check
from tests.checker.rows import load
from tests.checker.witness import Witness, read_all

_SHOWN = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.checker")
    parser.add_argument("store", type=Path, help="a SQLite store")
    parser.add_argument("witness", type=Path, nargs="?", help="a folder with *.witness files")
    options = parser.parse_args()
    began = time.perf_counter()
    history = load(options.store)
    witness = Witness() if options.witness is None else read_all(options.witness)
    read = time.perf_counter() - began
    result = check(history, witness)
    rate = result.due / max(result.seconds, 1e-9)
    print(f"due instants   {result.due}")
    print(f"instances      {result.instances}")
    print(f"sessions       {len(history.sessions)}")
    print(f"witnessed      {result.begun}")
    print(f"read           {read:.2f} s")
    print(f"checked        {result.seconds:.2f} s ({rate:,.0f} due instants a second)")
    print(f"violations     {len(result.violations)}")
    for invariant, number in result.kinds.most_common():
        print(f"  {number:6} {invariant}")
        for one in [each for each in result.violations if each.invariant == invariant][:_SHOWN]:
            print(f"         {one.job}: {one.text}")
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
