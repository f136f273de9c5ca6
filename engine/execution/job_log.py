"""A job's log: how the engine writes to it, and how everybody takes its lines apart.

The engine's own log is such a file, too: places in it count rotated files alike.
"""

import re
from pathlib import Path

from msgspec import Struct

from engine.config import ENGINE_LOG
from engine.execution.runtime.log_file import LogFile
from engine.execution.runtime.log_format import MESSAGE_LEVELS, OUTPUT_LEVELS, lines

_LINE = re.compile(
    rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([A-Z]+~?) *(?:JI (\d+):)? ?(.*)", re.DOTALL
)
_ENGINE_LOG_BYTES, _ENGINE_LOG_GENERATIONS = 10 << 20, 5  # when it is rotated, and how many stay
LEVELS = (*MESSAGE_LEVELS, *OUTPUT_LEVELS, "GAP", "LOG")


class LogLine(Struct, frozen=True):
    """One line of a job's log, its text as the job wrote it."""

    at: str  # ISO 8601, UTC, as it stands there; "" where the line is none of ours
    level: str
    job_instanceid: int | None
    text: bytes

    @property
    def is_output(self) -> bool:
        """Whether the job wrote it to its standard output or error itself."""
        return self.level in OUTPUT_LEVELS

    @property
    def ends_line(self) -> bool:
        """Whether a newline followed, as far as the job is concerned."""
        return not self.level.endswith("~")


def parse_line(line: bytes) -> LogLine:
    """Return the parts of a line; one that is none of ours is all text."""
    found = _LINE.fullmatch(line.rstrip(b"\n"))
    if found is None:
        return LogLine("", "", None, line.rstrip(b"\n"))
    at, level, run, text = found.groups()
    return LogLine(at.decode(), level.decode(), int(run) if run else None, text)


def log_path(log_dir: Path, name: str) -> Path:
    """Return where the log of the job `name` is."""
    return log_dir / f"{name}.log"


def engine_log(log_dir: Path) -> LogFile:
    """Return the file of the engine's own log; its lines are without the number of a run."""
    return LogFile(str(log_dir / ENGINE_LOG), _ENGINE_LOG_BYTES, _ENGINE_LOG_GENERATIONS)


class JobLogs:
    """Writes lines of the system's own into jobs' logs, by the supervisor's rules."""

    def __init__(self, log_dir: Path, rotate_at: int = 10 << 20, generations: int = 10) -> None:
        self._log_dir = log_dir
        self._rotate_at = rotate_at  # bytes
        self._generations = generations

    def write(self, name: str, job_instanceid: int, level: str, text: str) -> None:
        """Append `text` to a job's log; `job_instanceid` 0 for none. A full disk is no error."""
        file = LogFile(str(log_path(self._log_dir, name)), self._rotate_at, self._generations)
        file.append(lines(level, job_instanceid, text.encode("utf-8", "replace")))
        file.close()
