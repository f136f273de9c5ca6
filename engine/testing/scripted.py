"""An executor whose runs do what a test says: no processes, no time.

Runs live in a `ScriptedSupervisor`, which outlives the engine as the real one does, so that a test
can kill an engine and start the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from engine.clock import Clock
from engine.domain.instance import Ending
from engine.domain.run import (
    Adoption,
    ApiCall,
    Exited,
    Report,
    RunError,
    RunSpec,
    Started,
)


class ScriptedSupervisor(Struct):
    """What goes on outside the engine."""

    address: str
    running: dict[int, RunSpec] = field(default_factory=dict)
    exits: dict[int, Exited] = field(default_factory=dict)  # not acknowledged
    reports: list[Report] = field(default_factory=list)  # not polled
    replies: list[tuple[int, int, bool, Any]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)  # runs that were asked to stop
    is_alive: bool = True
    is_connected: bool = True  # to an engine
    is_kept: bool = True  # by that engine, which renews its deadline
    deadline: float = 0.0


class ScriptedWorld:
    """All supervisors of a test, and its hands on them."""

    def __init__(self, clock: Clock, *, ends_at_once: bool = True) -> None:
        self.clock = clock
        self.ends_at_once = ends_at_once  # a run returns as soon as it is handed over
        self.supervisors: dict[str, ScriptedSupervisor] = {}
        self.prepared: list[RunSpec] = []  # what was made ready and not dropped
        self.submitted: list[RunSpec] = []  # every run that was ever handed over, in order

    def executor(self, session: str) -> "ScriptedExecutor":
        """Return the executor of a new session."""
        return ScriptedExecutor(self, session)

    def specs_of(self, name: str) -> list[RunSpec]:
        """Return the runs of a job that were handed over, in order."""
        return [spec for spec in self.submitted if spec.name == name]

    @property
    def running(self) -> list[int]:
        """The instances that run at this moment."""
        return sorted(n for each in self.supervisors.values() for n in each.running)

    def end(
        self,
        job_instanceid: int,
        ending: Ending = Ending.RETURNED,
        *,
        exit_code: int | None = None,
        exit_signal: int | None = None,
        error: RunError | None = None,
    ) -> None:
        """Let a run end."""
        supervisor = self._supervisor_of(job_instanceid)
        del supervisor.running[job_instanceid]
        exited = Exited(
            job_instanceid,
            ending,
            self.clock.now(),
            exit_code=exit_code,
            exit_signal=exit_signal,
            error=error,
        )
        supervisor.exits[job_instanceid] = exited
        supervisor.reports.append(exited)

    def call(self, job_instanceid: int, call: str, seq: int = 1, **args: Any) -> None:
        """Let the code of a run call the job API."""
        supervisor = self._supervisor_of(job_instanceid)
        supervisor.reports.append(ApiCall(job_instanceid, seq, call, args))

    def replies(self) -> Mapping[int, tuple[bool, Any]]:
        """Return the last answer that each instance got to a call."""
        return {
            reply[0]: (reply[2], reply[3])
            for each in self.supervisors.values()
            for reply in each.replies
        }

    def _supervisor_of(self, job_instanceid: int) -> ScriptedSupervisor:
        return next(s for s in self.supervisors.values() if job_instanceid in s.running)


class ScriptedExecutor:
    """Implements `engine.scheduling.ports.Executor`."""

    def __init__(self, world: ScriptedWorld, session: str) -> None:
        self._world = world
        self._session = session
        self._supervisors: list[ScriptedSupervisor] = []
        self._deadline = 0.0

    @property
    def address(self) -> str:
        """Where the next engine finds what runs."""
        return "\n".join(each.address for each in self._supervisors)

    @property
    def last_sign(self) -> float | None:
        """Nothing here can be silent."""
        return None

    def thaw(self) -> None:
        """Nothing here is ever stopped."""

    @property
    def has_reports(self) -> bool:
        """Whether there is something to poll."""
        return any(each.reports for each in self._supervisors)

    def prepare(self, specs: Sequence[RunSpec]) -> None:
        """Remember what is made ready."""
        self._world.prepared += specs

    def drop_prepared(self) -> None:
        """Forget what was made ready."""
        self._world.prepared.clear()

    def start(self) -> None:
        """Start a supervisor of its own."""
        own = ScriptedSupervisor(f"scripted:{self._session}", deadline=self._deadline)
        self._world.supervisors[own.address] = own
        self._supervisors.insert(0, own)

    def adopt(self, address: str) -> Adoption:
        """Take over the supervisors of an earlier session."""
        running: list[Started] = []
        exits: list[Exited] = []
        alive = False
        for number, each in enumerate(address.splitlines()):
            supervisor = self._world.supervisors[each]
            exits += supervisor.exits.values()
            if not supervisor.is_alive:
                continue
            alive = alive or number == 0
            supervisor.is_connected, supervisor.is_kept = True, False
            supervisor.reports = [r for r in supervisor.reports if not isinstance(r, Exited)]
            running += [Started(run, 1000 + run, 0) for run in supervisor.running]
            self._supervisors.append(supervisor)
        return Adoption(alive, tuple(running), tuple(exits))

    def keep_adopted(self) -> None:
        """Renew the deadline of adopted runs too."""
        for each in self._supervisors:
            each.is_kept, each.deadline = True, self._deadline

    def exits_at(self, address: str) -> Sequence[Exited]:
        """Return the exit records of a session's supervisors."""
        supervisors = [self._world.supervisors[each] for each in address.splitlines()]
        return [exited for each in supervisors for exited in each.exits.values()]

    def fileno(self) -> int:
        """Nothing to wait on: a test ticks by hand."""
        return -1

    def poll(self) -> list[Report]:
        """Return what has happened since the last call."""
        reports: list[Report] = []
        for each in self._supervisors:
            reports += each.reports
            each.reports = []
        return reports

    def submit(self, specs: Sequence[RunSpec]) -> None:
        """Take over claimed runs."""
        own = self._supervisors[0]
        for spec in specs:
            self._world.submitted.append(spec)
            own.running[spec.job_instanceid] = spec
            own.reports.append(Started(spec.job_instanceid, 1000 + spec.job_instanceid, 0))
            if self._world.ends_at_once:
                self._world.end(spec.job_instanceid)

    def reply(self, job_instanceid: int, seq: int, ok: bool, value: Any) -> None:
        """Keep the answer for the test."""
        for each in self._supervisors:
            if job_instanceid in each.running:
                each.replies.append((job_instanceid, seq, ok, value))

    def ask(self, job_instanceid: int) -> None:
        """Remember that the run was asked to stop."""
        for each in self._supervisors:
            if job_instanceid in each.running:
                each.asked.append(job_instanceid)

    def cancel(
        self, job_instanceid: int, grace: float, *, ending: Ending = Ending.CANCELLED
    ) -> None:
        """End the run at once."""
        del grace
        self.kill(job_instanceid, ending=ending)

    def kill(self, job_instanceid: int, *, ending: Ending = Ending.CANCELLED) -> None:
        """End the run at once."""
        if job_instanceid in self._world.running:
            self._world.end(job_instanceid, ending)

    def set_deadline(self, boottime_seconds: float) -> None:
        """Keep the deadline for the test."""
        self._deadline = boottime_seconds
        for each in self._supervisors:
            if each.is_kept:
                each.deadline = boottime_seconds

    def acknowledge(self, job_instanceids: Iterable[int]) -> None:
        """Drop exit records."""
        numbers = set(job_instanceids)
        for each in self._world.supervisors.values():
            each.exits = {n: exited for n, exited in each.exits.items() if n not in numbers}

    def detach(self) -> None:
        """Leave what runs to the next engine."""
        for each in self._supervisors:
            each.is_connected = False
        self._supervisors = []

    def close(self) -> None:
        """End what runs; the last reports can still be polled."""
        for each in self._supervisors:
            for number in list(each.running):
                self._world.end(number, Ending.ENGINE_STOPPED)
            each.is_alive = False
