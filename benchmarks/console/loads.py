"""What a key and an event cost, on a scripted load; and how fast a log may grow."""

import statistics
import time

from app.testing.terminal import Terminal
from benchmarks.console.stage import CURSOR, console, show

KEYS = 60


def key_latency(terminal: Terminal, key: bytes) -> float | None:
    """Return the seconds from a key to the cursor's sign."""
    start = time.perf_counter()
    terminal.write(key)
    arrived = terminal.wait_for(CURSOR, 5.0)
    return None if arrived is None else arrived - start


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


def measure_keys(jobs: int) -> None:
    """Key to visible: idle, and with events over all rows."""
    for rate in (0, 1000):
        with console(jobs, rate) as terminal:
            show(f"key to visible, {jobs:,} jobs, {rate:,} events/s", keys(terminal))


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
        base = 0
        begins_at = 0
        ends_at: int | None = None
        needle = b""
        has_lost = False

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
