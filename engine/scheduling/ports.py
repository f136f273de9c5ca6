"""What the scheduler needs of parts that it does not import: the executor, the file of a log."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from engine.domain.instance import Ending
from engine.domain.run import Adoption, Exited, Report, RunSpec
from engine.identity import Identity


class LogFile(Protocol):
    """Takes whole lines; `engine.execution.runtime.log_file` is the real one."""

    def append(self, data: bytes) -> object:
        """Append them. What cannot be written is lost, and said once there is room again."""
        ...

    def close(self) -> None:
        """Close it; the next `append` opens it again."""
        ...


class Executor(Protocol):
    """Runs what is claimed; `engine.execution.executor` is the real one."""

    @property
    def address(self) -> str:
        """Where another engine reaches the supervisor: kept in `sessions.supervisor`."""
        ...

    @property
    def last_sign(self) -> float | None:
        """When its own supervisor turned last, on the monotonic clock; None: nobody can tell."""
        ...

    def thaw(self) -> None:
        """Have its own supervisor go on, should somebody have stopped it."""
        ...

    def start(self) -> None:
        """Start a supervisor of its own."""
        ...

    def adopt(self, address: str) -> Adoption:
        """Take over the supervisor of an earlier session, if it lives on this host."""
        ...

    def keep_adopted(self) -> None:
        """Renew the deadline of adopted runs from now on: the store says that they are ours."""
        ...

    def exits_at(self, address: str) -> Sequence[Exited]:
        """Return the exit records on disk of a session's supervisors, and adopt nothing."""
        ...

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when `poll` has something."""
        ...

    def poll(self) -> list[Report]:
        """Return what has happened since the last call, without waiting."""
        ...

    def prepare(self, specs: Sequence[RunSpec]) -> None:
        """Have processes made ready for runs that may be submitted; none of their code runs."""
        ...

    def drop_prepared(self) -> None:
        """Let go of what was made ready and is not to run."""
        ...

    def submit(self, specs: Sequence[RunSpec]) -> None:
        """Run what is claimed; each ends in one `Exited`, whatever happens."""
        ...

    def reply(self, job_instanceid: int, seq: int, ok: bool, value: Any) -> None:
        """Answer an API call of a job, once its effect is durable."""
        ...

    def ask(self, job_instanceid: int) -> None:
        """Ask a run to stop, and leave it at that."""
        ...

    def cancel(
        self, job_instanceid: int, grace: float, *, ending: Ending = Ending.CANCELLED
    ) -> None:
        """Ask a run to stop, and end its whole group after `grace` seconds."""
        ...

    def kill(self, job_instanceid: int, *, ending: Ending = Ending.CANCELLED) -> None:
        """End a run's whole group at once."""
        ...

    def set_deadline(self, boottime_seconds: float) -> None:
        """Let the supervisor end everything at that moment unless told a later one. Any thread."""
        ...

    def acknowledge(self, job_instanceids: Iterable[int]) -> None:
        """Drop the exit records of runs whose end is durable in the store."""
        ...

    def detach(self) -> None:
        """Leave the supervisor and its runs to the next engine, until the deadline."""
        ...

    def close(self) -> None:
        """End the supervisor and whatever it still runs."""
        ...


class Host(Struct, frozen=True):
    """What an engine has of the host that it runs on."""

    identity: Identity
    version: str  # of tocsin
    executor_for: Callable[[str], Executor]  # of a session, by the name of its supervisor
    log: LogFile  # the engine's own
