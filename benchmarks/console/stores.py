"""What a console costs on a real store: to start, at rest, and in memory."""

import statistics
import sys
import tempfile
from pathlib import Path
from platform import python_version

from app.testing.terminal import Terminal, resident_megabytes
from benchmarks.console.stage import (
    console,
    console_on,
    engine_on,
    page_microseconds,
    show,
    store_with,
    tocsin,
)

_SETTLING_SECONDS = 15.0
_RESTS_AFTER = 75.0  # a reader without news rests longest after a minute
_RESTING_SECONDS = 60.0


def measure_start(jobs: int) -> None:
    """A real store with many jobs: from the command to the first rows."""
    with tempfile.TemporaryDirectory() as folder:
        home = store_with(jobs, Path(folder))
        taken = []
        for _ in range(7):
            terminal = Terminal(tocsin(home, "console", "--read-only"))
            arrived = terminal.wait_for(b"job-00000", 20.0)
            taken.append(float("nan") if arrived is None else arrived - terminal.started)
            terminal.close()
        show("the interpreter, whose build is a fifth of a start", _interpreter())
        figures = f"median {statistics.median(taken):.3f} s   min {min(taken):.3f} s"
        show(f"start to first rows, {jobs:,} jobs in a store", figures)


def _interpreter() -> str:
    """Return which Python this is: the system's own in `/usr`, or one built with other options."""
    return f"Python {python_version()} in {sys.base_prefix}"


def measure_quiet(jobs: int) -> None:
    """What is sent, and what is burned, when nothing changes."""
    costs = ", ".join(
        f"{page_microseconds(rest):.1f} µs after {rest} s" for rest in (0.0, 0.5, 1.0)
    )
    show("a page of memory touched again on this machine", costs)
    with console(jobs, 0) as terminal:
        show(f"nothing changes, {jobs:,} scripted jobs", _rest(terminal))
    with tempfile.TemporaryDirectory() as folder:
        home = store_with(jobs, Path(folder), "1 1 *")
        with engine_on(home), console_on(home) as terminal:
            show(f"nothing changes, attached, {jobs:,} idle jobs", _rest(terminal))
        with console_on(home) as terminal:
            show(f"nothing changes, hosting the engine of {jobs:,}", _rest(terminal))


def _rest(terminal: Terminal) -> str:
    """Look on while nothing happens. The clock in the header turns once in that time."""
    terminal.drain(_RESTS_AFTER)
    before, waited = terminal.cpu_seconds(), terminal.waits()
    sent = terminal.drain(_RESTING_SECONDS)
    cpu = (terminal.cpu_seconds() - before) / _RESTING_SECONDS
    waits = (terminal.waits() - waited) / _RESTING_SECONDS
    told = f"{sent:4d} B in that minute, for the clock"
    return f"{told}   {cpu:.2%} of a core   {waits:.1f} waits a second"


def measure_memory(jobs: int) -> None:
    """A real store with ten times the jobs: what a console keeps, and one that hosts."""
    many = 10 * jobs
    with tempfile.TemporaryDirectory() as folder:
        home = store_with(many, Path(folder), "1 1 *")
        with engine_on(home) as engine, console_on(home) as terminal:
            terminal.wait_for_text(f"{many:,}", 120.0)
            terminal.drain(_SETTLING_SECONDS)
            show(f"memory, attached, a store of {many:,} jobs", f"{terminal.megabytes():.0f} MB")
            show("  of its engine alone", f"{resident_megabytes(engine):.0f} MB")
        with console_on(home) as terminal:
            terminal.wait_for_text(f"{many:,}", 120.0)
            terminal.drain(2 * _SETTLING_SECONDS)
            show("  hosting that engine", f"{terminal.megabytes():.0f} MB")
