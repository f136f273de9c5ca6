"""Read the exit records of a supervisor, whether it lives or not."""

import json
from pathlib import Path

from engine.domain.run import Exited
from engine.execution.wire import exited_from


def exits_path(address: str) -> Path:
    """Return where the supervisor that listens at `address` keeps its exit records."""
    return Path(address).with_suffix(".exits")


def read_exits(path: Path) -> list[Exited]:
    """Return the ends that are on disk, oldest first; some may have been acknowledged.

    A missing file has none. A last line cut short by a power failure was told to nobody and is left
    out.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    return [exited for line in lines[:-1] if (exited := _parse(line)) is not None]


def _parse(line: bytes) -> Exited | None:
    try:
        return exited_from(json.loads(line))
    except (KeyError, TypeError, ValueError):
        return None
