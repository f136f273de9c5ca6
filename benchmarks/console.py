"""Figures of the console, through a real pseudo-terminal at 120x40.

    python -m benchmarks.console [--jobs 10000] [--only NAME]

The console runs as a process of its own on a pseudo-terminal that this one reads, counting bytes;
a key's latency is the time from writing it to the arrival of the cursor's sign.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.main import prepare_for_screen
from app.testing.terminal import Terminal, resident_megabytes

CURSOR = "▸".encode()
KEYS = 60
_SETTLING_SECONDS = 15.0
_RESTS_AFTER = 75.0  # a reader without news rests longest after a minute
_RESTING_SECONDS = 60.0


def key_latency(terminal: Terminal, key: bytes) -> float | None:
    """Return the seconds from a key to the cursor's sign."""
    start = time.perf_counter()
    terminal.write(key)
    arrived = terminal.wait_for(CURSOR, 5.0)
    return None if arrived is None else arrived - start


@contextmanager
def console(jobs: int, rate: int, *, hot: int = 0, limit: int = 0) -> Iterator[Terminal]:
    """Open a console on a scripted load."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.console",
        "--child",
        str(jobs),
        str(rate),
        str(hot),
    ]
    terminal = Terminal(command, bytes_per_second=limit)
    try:
        if terminal.wait_for(CURSOR, 20.0) is None:
            raise SystemExit("the console showed no rows")
        terminal.drain(1.5 + jobs / 20_000)
        yield terminal
    finally:
        terminal.close()


def child(jobs: int, rate: int, hot: int) -> None:
    """Be the console."""
    prepare_for_screen(os.environ)
    from app.actions.all import all_actions
    from app.console import ConsoleApp
    from app.options import ConsoleOptions
    from app.testing.load import LoadClient
    from app.theming.library import ThemeLibrary

    library = ThemeLibrary()
    options = ConsoleOptions(theme=library.choose(""), library=library)
    ConsoleApp(LoadClient(jobs, rate, hot=hot), all_actions(), options).run()


# -- what is measured -----------------------------------------------------------------------------


def keys(terminal: Terminal, count: int = KEYS) -> str:
    """Press down and up, and tell median and 90th percentile."""
    taken = []
    for index in range(count):
        terminal.drain(0.03)
        latency = key_latency(terminal, b"j" if index % 20 < 10 else b"k")
        if latency is not None:
            taken.append(latency * 1000)
    taken.sort()
    lost = count - len(taken)
    return (
        f"median {statistics.median(taken):6.1f} ms   p90 {taken[int(0.9 * len(taken))]:6.1f} ms"
        + (f"   {lost} lost" if lost else "")
    )


def measure_start(jobs: int) -> None:
    """A real store with many jobs: from the command to the first rows."""
    with tempfile.TemporaryDirectory() as folder:
        home = _store_with(jobs, Path(folder))
        taken = []
        for _ in range(7):
            terminal = Terminal(_tocsin(home, "console", "--read-only"))
            arrived = terminal.wait_for(b"job-00000", 20.0)
            taken.append(float("nan") if arrived is None else arrived - terminal.started)
            terminal.close()
        figures = f"median {statistics.median(taken):.3f} s   min {min(taken):.3f} s"
        show(f"start to first rows, {jobs:,} jobs in a store", figures)


def _store_with(jobs: int, folder: Path, days: str = "* * *") -> Path:
    definitions = folder / "definitions"
    definitions.mkdir()
    for start in range(0, jobs, 1000):
        text = "".join(
            f"---\nname: job-{number:06}\nschedule: '{number % 60} {number % 24} {days}'\n"
            f"groups: [group-{number % 40:02}]\nlang: shell\ncode: 'true'\n"
            for number in range(start, min(start + 1000, jobs))
        )
        (definitions / f"jobs-{start:06}.yaml").write_text(text)
    home = folder / "home"
    command = _tocsin(home, "load", str(definitions))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return home


def _tocsin(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "app", "--home", str(home), *arguments]


def measure_keys(jobs: int) -> None:
    """Key to visible: idle, and with events over all rows."""
    for rate in (0, 1000):
        with console(jobs, rate) as terminal:
            show(f"key to visible, {jobs:,} jobs, {rate:,} events/s", keys(terminal))


def measure_quiet(jobs: int) -> None:
    """What is sent, and what is burned, when nothing changes."""
    costs = ", ".join(
        f"{_page_microseconds(rest):.1f} µs after {rest} s" for rest in (0.0, 0.5, 1.0)
    )
    show("a page of memory touched again on this machine", costs)
    with console(jobs, 0) as terminal:
        show(f"nothing changes, {jobs:,} scripted jobs", _rest(terminal))
    with tempfile.TemporaryDirectory() as folder:
        home = _store_with(jobs, Path(folder), "1 1 *")
        with _engine(home), _real_console(home) as terminal:
            show(f"nothing changes, attached, {jobs:,} idle jobs", _rest(terminal))
        with _real_console(home) as terminal:
            show(f"nothing changes, hosting the engine of {jobs:,}", _rest(terminal))


@contextmanager
def _engine(home: Path) -> Iterator[int]:
    with subprocess.Popen(_tocsin(home, "engine"), stdout=subprocess.DEVNULL) as engine:
        yield engine.pid
        engine.terminate()


@contextmanager
def _real_console(home: Path) -> Iterator[Terminal]:
    terminal = Terminal(_tocsin(home, "console"))
    try:
        if not terminal.wait_for_text("live", 120.0):
            raise SystemExit("the console found no engine")
        yield terminal
    finally:
        terminal.close()


def _rest(terminal: Terminal) -> str:
    """Look on while nothing happens. The clock in the header turns once in that time."""
    terminal.drain(_RESTS_AFTER)
    before, waited = terminal.cpu_seconds(), terminal.waits()
    sent = terminal.drain(_RESTING_SECONDS)
    cpu = (terminal.cpu_seconds() - before) / _RESTING_SECONDS
    waits = (terminal.waits() - waited) / _RESTING_SECONDS
    told = f"{sent:4d} B in that minute, for the clock"
    return f"{told}   {cpu:.2%} of a core   {waits:.1f} waits a second"


def _page_microseconds(rest: float) -> float:
    """Return what it costs to touch a page of memory that nobody touched for `rest` seconds.

    Some virtual machines keep page tables in software: there it is a thousand times what a page
    in use costs, and most of what an idle program burns.
    """
    pages = bytearray(2_000 * resource.getpagesize())
    begun = 0.0
    for _ in range(3):
        threading.Event().wait(rest)
        begun = time.process_time()
        for at in range(0, len(pages), resource.getpagesize()):
            pages[at] ^= 1
    return (time.process_time() - begun) / 2_000 * 1e6


def measure_load(jobs: int) -> None:
    """Bytes and processor time under events over all rows, and over those in sight."""
    for hot in (0, 30):
        with console(jobs, 1000, hot=hot) as terminal:
            terminal.drain(2.0)
            before = terminal.cpu_seconds()
            sent = terminal.drain(10.0)
            cpu = (terminal.cpu_seconds() - before) / 10.0
            where = "the rows in sight" if hot else "all rows"
            show(
                f"1,000 events/s over {where}",
                f"{sent / 10 / 1000:6.2f} KB/s   {cpu:.1%} of a core",
            )


def measure_slow(jobs: int) -> None:
    """A terminal that reads 50 KB/s."""
    for hot in (0, 30):
        with console(jobs, 1000, hot=hot, limit=50_000) as terminal:
            where = "in sight" if hot else "over all"
            show(f"50 KB/s link, 1,000 events/s {where}", keys(terminal))


def measure_large(jobs: int) -> None:
    """Ten times the jobs: latency and memory."""
    with console(10 * jobs, 1000) as terminal:
        terminal.drain(3.0)
        show(f"key to visible, {10 * jobs:,} jobs, 1,000 events/s", keys(terminal))
        show(f"memory, {10 * jobs:,} jobs", f"{terminal.megabytes():.0f} MB")


def measure_memory(jobs: int) -> None:
    """A real store with ten times the jobs: what a console keeps, and one that hosts."""
    many = 10 * jobs
    with tempfile.TemporaryDirectory() as folder:
        home = _store_with(many, Path(folder), "1 1 *")
        with _engine(home) as engine, _real_console(home) as terminal:
            terminal.wait_for_text(f"{many:,}", 120.0)
            terminal.drain(_SETTLING_SECONDS)
            show(f"memory, attached, a store of {many:,} jobs", f"{terminal.megabytes():.0f} MB")
            show("  of its engine alone", f"{resident_megabytes(engine):.0f} MB")
        with _real_console(home) as terminal:
            terminal.wait_for_text(f"{many:,}", 120.0)
            terminal.drain(2 * _SETTLING_SECONDS)
            show("  hosting that engine", f"{terminal.megabytes():.0f} MB")


def measure_log(jobs: int) -> None:
    """How fast a log that is followed can grow."""
    del jobs
    from app.store.log_scan import forward
    from app.store.log_window import LogWindow

    line = (
        b"2026-01-05T12:28:01.004000Z INFO  JI 881204: fetched 412 invoices since 881171 and more\n"
    )
    data = line * 200_000

    class Growing:
        title = "log"
        begins_at = 0
        ends_at: int | None = None
        needle = b""

        def size(self) -> int:
            return len(data)

        def read(self, offset: int, size: int) -> bytes:
            return data[offset : offset + size]

    window = LogWindow()
    at = 0
    start = time.perf_counter()
    while True:
        found = forward(Growing(), at, 1000)
        window.add_after(found)
        at = found.reached
        if found.is_done:
            break
    taken = time.perf_counter() - start
    show("log intake, every line read", f"{200_000 / taken:,.0f} lines/s")


MEASURES: dict[str, Callable[[int], None]] = {
    "start": measure_start,
    "keys": measure_keys,
    "quiet": measure_quiet,
    "load": measure_load,
    "slow": measure_slow,
    "large": measure_large,
    "memory": measure_memory,
    "log": measure_log,
}


def show(what: str, figures: str) -> None:
    """Print one line."""
    print(f"{what:<58} {figures}", flush=True)


def main() -> None:
    """Measure all, or what is asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--jobs", type=int, default=10_000)
    arguments.add_argument("--only", choices=sorted(MEASURES))
    arguments.add_argument("--child", nargs=3, type=int)
    given = arguments.parse_args()
    if given.child:
        child(*given.child)
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, measure in MEASURES.items():
        if given.only in {None, name}:
            measure(given.jobs)


if __name__ == "__main__":
    main()
