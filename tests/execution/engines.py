"""Engines in processes of their own, to be killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


class Engine:
    """A process that runs jobs, to be killed."""

    def __init__(self, folder: Path, code: str, count: int = 1, mode: str = "answers") -> None:
        (folder / "code.py").write_text(code)
        script = Path(__file__).with_name("an_engine.py")
        self.process = subprocess.Popen(
            [
                sys.executable,
                str(script),
                str(folder),
                "7",
                str(folder / "code.py"),
                str(count),
                mode,
            ],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        self.said: list[list[str]] = []
        self.address = self.until("address")[0]

    def until(self, what: str, count: int = 1) -> list[str]:
        """Wait until it has printed this so often; return what it said the last time."""
        assert self.process.stdout is not None
        while len(found := [rest for word, *rest in self.said if word == what]) < count:
            line = self.process.stdout.readline()
            if not line:
                pytest.fail(f"the engine ended before '{what}'")
            self.said.append(line.split())
        return found[-1]

    def kill(self) -> None:
        """Kill it as a crash would."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()


def owner_of(address: str) -> int:
    """Return the pid of the supervisor that listens at this address."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue
        if name == "tocsin-super" and Path(address).stem.encode() in words:
            return int(entry.name)
    return -1
