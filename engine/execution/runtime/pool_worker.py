"""The life of a worker of the pool: run after run, each only once its permit has been taken."""

from __future__ import annotations

import fcntl
import io
import os
import resource
import sys
import termios

from . import conditions, kernel, python_job
from .bare import OrderedDict, Socket
from .channel import Channel
from .conditions import StartError
from .plain import loads
from .program import Program, start_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from .lease import Lease

PERMITS = 4  # the descriptor behind the control socket's
PROGRAMS = 2000  # kept compiled and loaded


class PoolJob:
    """A job's code as this worker keeps it, with the conditions that it runs under."""

    def __init__(self, facts: dict[str, Any]) -> None:
        """Compile it.

        Raises:
            StartError: it does not compile.
        """
        self.program = Program(facts)
        self.folder = self.program.folder
        self.cwd = facts["cwd"] or self.folder or "/"
        self.env = facts["env"]
        self.limits = {name: value for name, value in facts["limits"].items() if value is not None}
        self.loaded = False


class PoolWorker:
    """Runs of many jobs in one process."""

    def __init__(self, control: Socket, permits: Socket, mark: str, lease: Lease) -> None:
        self._channel = Channel(control)
        self._lease = lease
        self._permits = permits
        self._jobs: OrderedDict[bytes, PoolJob] = OrderedDict()
        self._base_env = {**os.environ, kernel.MARK: mark}
        self._env: dict[str, str] = {}
        self._folder: str | None = None
        self._modules = set(sys.modules)
        self._shelved: dict[str | None, dict[str, Any]] = {}
        self._limited = False
        for level, name in (("OUT", "stdout"), ("ERR", "stderr")):
            setattr(sys, name, _stream(self._channel, level))
        self._streams = (sys.stdout, sys.stderr)
        self._pending = bytearray(4)

    def serve(self) -> None:
        """Work until the supervisor closes the line."""
        while True:
            number, _, run = self._channel.line().partition(b" ")
            program, facts = self._channel.line(), self._channel.line()
            permit = self._permits.recv(32)
            while permit != number:  # that one was taken back
                if not permit:
                    return
                number, _, run = self._channel.line().partition(b" ")
                program, facts = self._channel.line(), self._channel.line()
            self._serve_one(int(run), program, facts)

    def _serve_one(self, run: int, program: bytes, facts: bytes) -> None:
        channel = self._channel
        channel.begin(run)
        try:
            conditions.require(self._lease)
            job = self._job(program)
            self._prepare(job)
        except StartError as error:
            channel.say("failed", run, start_failure(error))
            return
        kind, code, error_told = python_job.attempt(
            channel, job.program, lambda: loads(facts), load=not job.loaded
        )
        if kind == "failed":
            self._jobs.pop(program, None)
            channel.say("failed", run, error_told)
            return
        job.loaded = job.program.is_loaded
        spoilt = not self._flush()
        raw = self._wrote_raw()
        dirty = self._is_dirty() or spoilt
        channel.say("end", run, kind, code, error_told, channel.stop_seen, raw, dirty)
        if raw:
            channel.await_line(b'["drained"]')

    def _flush(self) -> bool:
        """Pass on what was printed; False: the job spoilt the streams for those that follow."""
        try:
            python_job.flush_output()
        except BaseException:  # a closed stream, or whatever the job put in its place
            return False
        return (sys.stdout, sys.stderr) == self._streams

    def _job(self, program: bytes) -> PoolJob:
        known: PoolJob | None = self._jobs.get(program)
        if known is not None:
            return known
        job = self._jobs[program] = PoolJob(loads(program))
        if len(self._jobs) > PROGRAMS:
            self._jobs.popitem(last=False)
        return job

    def _prepare(self, job: PoolJob) -> None:
        """Put the process under the job's conditions; the last job's may have been others.

        Raises:
            StartError: one of them cannot be met.
        """
        if job.folder != self._folder:
            self._change_folder(job.folder)
        try:
            os.chdir(job.cwd)
        except OSError as error:
            text = f"cwd '{job.cwd}': {conditions.cause(error)}"
            raise StartError(text) from None
        if self._env is not job.env or os.environ != {**self._base_env, **job.env}:
            conditions.set_environment({**self._base_env, **job.env})
            self._env = job.env
        if job.limits or self._limited:
            self._limit(job.limits)

    def _change_folder(self, folder: str | None) -> None:
        """Let modules beside one job's file not be taken for another's."""
        here = {name for name in sys.modules if name not in self._modules and self._is_local(name)}
        self._shelved[self._folder] = {name: sys.modules.pop(name) for name in here}
        sys.modules.update(self._shelved.pop(folder, {}))
        if self._folder is not None and sys.path and sys.path[0] == self._folder:
            del sys.path[0]
        if folder is not None:
            sys.path.insert(0, folder)
        self._folder = folder

    def _is_local(self, name: str) -> bool:
        file = getattr(sys.modules.get(name), "__file__", None) or ""
        return self._folder is not None and file.startswith(self._folder + "/")

    def _limit(self, limits: dict[str, int]) -> None:
        """Set soft limits, which can be taken back."""
        for name, number in conditions.LIMITS.items():
            hard = resource.getrlimit(number)[1]
            value = limits.get(name)
            if value is None:
                soft = hard
            elif name == "cpu":
                usage = resource.getrusage(resource.RUSAGE_SELF)
                soft = int(usage.ru_utime + usage.ru_stime) + value + 1
            else:
                soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (soft, hard))
        self._limited = bool(limits)

    def _wrote_raw(self) -> bool:
        """Whether output went to the pipes themselves, past Python's streams."""
        for descriptor in (1, 2):
            fcntl.ioctl(descriptor, termios.FIONREAD, self._pending)
            if any(self._pending):
                return True
        return False

    @staticmethod
    def _is_dirty() -> bool:
        """Whether the job left a process behind."""
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        return True


class _Sink(io.RawIOBase):
    """Output that goes to the supervisor with the number of its run."""

    def __init__(self, channel: Channel, level: str) -> None:
        self._channel = channel
        self._level = level

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def fileno(self) -> int:
        """Return the pipe's descriptor: what is written there arrives as well."""
        return 1 if self._level == "OUT" else 2

    def write(self, data: Any) -> int:
        """Pass bytes on; a process that the job forked has no line, but the pipe."""
        piece = bytes(data)
        if not self._channel.is_own:
            return os.write(self.fileno(), piece)
        self._channel.say("out", self._level, piece.decode("latin-1"))
        return len(piece)


def _stream(channel: Channel, level: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(_Sink(channel, level)),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )


def live(control: Socket, mark: str, lease: Lease) -> NoReturn:
    """Serve runs until the supervisor has no more. Never returns."""
    kernel.put_mark(mark)
    kernel.name_process("tocsin-pool")
    try:
        PoolWorker(control, Socket(fileno=PERMITS), mark, lease).serve()
    except (EOFError, OSError):
        pass
    python_job.finish_process()
    os._exit(0)
