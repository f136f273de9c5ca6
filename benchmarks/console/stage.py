"""A console on a pseudo-terminal, on a scripted load or on a store; and how figures are shown."""

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.main import prepare_for_screen
from app.testing.terminal import Terminal

CURSOR = "▸".encode()
CHILD = "--child"


def show(what: str, figures: str) -> None:
    """Print one line."""
    print(f"{what:<58} {figures}", flush=True)


@contextmanager
def console(jobs: int, rate: int, *, hot: int = 0, limit: int = 0) -> Iterator[Terminal]:
    """Open a console on a scripted load."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.console",
        CHILD,
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


def store_with(jobs: int, folder: Path, days: str = "* * *") -> Path:
    """Return the home of a new store in `folder`, with jobs that are due daily, or on `days`."""
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
    command = tocsin(home, "load", str(definitions))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return home


def tocsin(home: Path, *arguments: str) -> list[str]:
    """Return the command line of tocsin on the store in `home`."""
    return [sys.executable, "-m", "app", "--home", str(home), *arguments]


@contextmanager
def engine_on(home: Path) -> Iterator[int]:
    """Run an engine on the store; its process id."""
    with subprocess.Popen(tocsin(home, "engine"), stdout=subprocess.DEVNULL) as engine:
        yield engine.pid
        engine.terminate()


@contextmanager
def console_on(home: Path) -> Iterator[Terminal]:
    """Open a console on the store, with a live engine."""
    terminal = Terminal(tocsin(home, "console"))
    try:
        if not terminal.wait_for_text("live", 120.0):
            raise SystemExit("the console found no engine")
        yield terminal
    finally:
        terminal.close()


def page_microseconds(rest: float) -> float:
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
