"""`tocsin log`: a job's log, one instance's part of it, or the engine's own."""

import select
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click

from app.cli.completing import job_names
from app.cli.instance_id import INSTANCE_ID
from app.cli.lazy import command
from app.cli.output import note, print_json
from app.cli.place import Place, pass_place
from app.sanitize import safe_line

if TYPE_CHECKING:
    from engine.control import System
    from engine.control.logs import InstanceLog, LogLine

_UNLIMITED = 1 << 40
_STANDARD_OUTPUT = 1


@command("log", without="--instance")
@click.argument("name", required=False, shell_complete=job_names)
@click.option(
    "--instance", "job_instanceid", type=INSTANCE_ID, metavar="ID", help="Only its lines."
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@click.option("-n", "--lines", type=click.IntRange(0), metavar="N", help="The last N; default 100.")
@click.option("--raw", is_flag=True, help="The bytes as they are; a terminal may act on them.")
@click.option("--json", "json_output", is_flag=True, help="Print one JSON document.")
@pass_place
def log(
    place: Place,
    name: str | None,
    job_instanceid: int | None,
    follow: bool,
    lines: int | None,
    raw: bool,
    json_output: bool,
) -> None:
    """Show a job's log; without NAME the engine's own.

    Each line has its instant in UTC, its level and its instance; OUT and ERR are what the job wrote
    to its standard output and error. With --instance only the lines of that instance.
    """
    if json_output and follow:
        raise click.UsageError("--json prints one document, so it cannot --follow.")
    system = place.system()
    found: Iterable[bytes]
    if job_instanceid is not None:
        instance = system.logs.instance(job_instanceid, name)
        found = _of_instance(system, instance, job_instanceid, lines, follow=follow)
    else:
        path = system.logs.engine_path() if name is None else system.logs.job_path(name)
        if not path.exists():
            note(f"there is no log at {path} yet")
        if follow:
            found = system.logs.follow(path, _wait(), last=10 if lines is None else lines)
        else:
            found = system.logs.tail(path, 100 if lines is None else lines)
    if json_output:
        print_json([_as_json(system.logs.parse(line)) for line in found])
    else:
        _print(found, raw=raw, at_once=follow)


def _of_instance(
    system: "System",
    instance: "InstanceLog",
    job_instanceid: int,
    lines: int | None,
    *,
    follow: bool,
) -> Iterator[bytes]:
    if follow and instance.end is None:
        parts = system.logs.follow_instance(job_instanceid, _wait())
    else:
        parts = iter((instance.read(),))
    part = next(parts)
    if not part.is_whole:
        note("the beginning was removed by the rotation of the log")
    yield from deque(part.lines, None if lines is None else min(lines, _UNLIMITED))
    for part in parts:
        if not part.is_whole:
            note("lines were removed by the rotation of the log before they were read")
        yield from part.lines


def _wait() -> Callable[[float], bool]:
    """Return what waits so many seconds, and ends the command when nobody reads its output."""
    reader = select.poll()
    reader.register(_STANDARD_OUTPUT, 0)  # no more than that the other end went away

    def wait(seconds: float) -> bool:
        if reader.poll(seconds * 1000):
            raise BrokenPipeError
        return False

    return wait


def _print(lines: Iterable[bytes], *, raw: bool, at_once: bool) -> None:
    for line in lines:
        if raw:
            sys.stdout.flush()
            sys.stdout.buffer.write(line + b"\n")
        else:
            sys.stdout.write(safe_line(line, _UNLIMITED) + "\n")
        if at_once:
            sys.stdout.buffer.flush() if raw else sys.stdout.flush()


def _as_json(found: "LogLine") -> dict[str, object]:
    return {
        "at": found.at or None,
        "level": found.level or None,
        "job_instanceid": found.job_instanceid,
        "text": found.text.decode("utf-8", "replace"),
    }
