"""Logs: of a job, of one instance, of the engine; read from their files, on the host that has them.

The lines are bytes as they were written: whoever shows them makes them safe to show.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from engine.config import ENGINE_LOG
from engine.control.context import Context
from engine.errors import JobError, NotFoundError
from engine.execution import log_reader
from engine.execution.job_log import LogLine, log_path, parse_line
from engine.execution.log_reader import Part, Slice
from engine.execution.slice_follower import SliceFollower
from engine.persistence import instances, jobs

__all__ = ["InstanceLog", "LogLine", "Logs", "Part"]


class InstanceLog(Struct, frozen=True):
    """Where the log of one instance is."""

    job_instanceid: int
    name: str  # of the job
    path: Path
    start: int | None  # byte offset; None: it has written nothing
    end: int | None  # None: it still goes on

    def read(self) -> Slice:
        """Return the lines of the instance, oldest first."""
        return log_reader.slice_of(self.path, self.job_instanceid, self.start, self.end)

    def follower(self) -> SliceFollower | None:
        """Return what reads its lines as they are added; None: it has written nothing so far."""
        if self.start is None:
            return None
        return SliceFollower(self.path, self.job_instanceid, self.start)


class Logs:
    """The service of logs."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def job_path(self, name: str) -> Path:
        """Return where a job's log is; the file may not be there yet.

        Raises:
            NotFoundError: no job has this name, and there is no log of one that had.
        """
        path = log_path(self._context.settings.log_dir, name)
        with self._context.read() as tx:
            try:
                jobs.get(tx, name)
            except NotFoundError:
                if "/" in name or not path.exists():
                    raise
        return path

    def engine_path(self) -> Path:
        """Return where the engine's own log is; the file may not be there yet."""
        return self._context.settings.log_dir / ENGINE_LOG

    def instance(self, job_instanceid: int, name: str | None = None) -> InstanceLog:
        """Return where the log of one instance is.

        Raises:
            NotFoundError: there is no such instance.
            JobError: it is one of another job than `name`.
        """
        with self._context.read() as tx:
            found = instances.get(tx, job_instanceid)
            job = jobs.get_by_id(tx, found.jobid)
        if name is not None and job.name != name:
            raise JobError(
                f"instance {job_instanceid} is one of job '{job.name}', not of '{name}'; "
                f"`tocsin log {job.name} --instance {job_instanceid}` shows it."
            )
        path = Path(found.log_file or log_path(self._context.settings.log_dir, job.name))
        return InstanceLog(job_instanceid, job.name, path, found.log_start, found.log_end)

    def follow_instance(
        self, job_instanceid: int, wait: Callable[[float], bool]
    ) -> Iterator[Slice]:
        """Yield the lines of an instance, and then what it adds at each look, until it has ended.

        Or until `wait` says so, as with `follow`. Each slice is to be read before the next one is
        asked for; it is not whole where rotation has removed lines that were not read.

        Raises:
            NotFoundError: there is no such instance.
        """
        follower: SliceFollower | None = None
        while True:
            with self._context.read() as tx:  # asked first: what is read then is all there will be
                has_ended = instances.get(tx, job_instanceid).completed is not None
            if follower is None:
                follower = self.instance(job_instanceid).follower()
            if follower is None:
                yield Slice(iter(()), is_whole=True)
            else:
                with follower.added(has_ended=has_ended) as added:
                    yield added
            if has_ended or wait(log_reader.POLL_SECONDS):
                return

    @staticmethod
    def parse(line: bytes) -> LogLine:
        """Return the parts of one line of a job's log."""
        return parse_line(line)

    @staticmethod
    def parts(path: Path) -> list[Part]:
        """Return the files of a log that belong together, rotated ones too, oldest first."""
        return log_reader.parts(path)

    @staticmethod
    def tail(path: Path, lines: int) -> list[bytes]:
        """Return the last lines of a log, oldest first, across rotated files."""
        return log_reader.tail(path, lines)

    @staticmethod
    def follow(path: Path, wait: Callable[[float], bool], *, last: int = 10) -> Iterator[bytes]:
        """Yield the last lines of a log and then each that is added, until `wait` says so."""
        return log_reader.follow(path, wait, last=last)
