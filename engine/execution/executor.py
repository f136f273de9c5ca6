"""The door to execution: hand over runs, read what became of them.

Every run that is submitted ends in one `Exited` report, whatever happens to it, or is named by a
`SupervisorLost`. An executor serves its own supervisor and any number that outlived an earlier
engine. It is used from one thread, but for `set_deadline`.
"""

import contextlib
import os
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from engine.clock import Clock
from engine.domain.instance import Ending
from engine.domain.run import (
    Adoption,
    ApiCall,
    Exited,
    Report,
    RunSpec,
    Started,
    SupervisorLost,
)
from engine.errors import EngineError
from engine.execution.api_calls import problem_of
from engine.execution.estates import Estates, exits_at
from engine.execution.launch import launch
from engine.execution.links import Links
from engine.execution.orphans import end_orphans
from engine.execution.settings import ExecutionSettings
from engine.execution.supervisor_link import SupervisorLink
from engine.execution.wire import exited_from, is_pooled, line, run_lines, started_from

_EXIT_SECONDS = 1.0  # between the end of a supervisor's line and that of its process


class Executor:
    """Runs what is claimed, under supervisors of its own and adopted ones."""

    def __init__(
        self,
        run_dir: Path,
        log_dir: Path,
        session: str,
        clock: Clock,
        settings: ExecutionSettings | None = None,
    ) -> None:
        self._run_dir = run_dir
        self._log_dir = log_dir
        self._session = session
        self._clock = clock
        self._settings = settings or ExecutionSettings()
        self._links = Links(self._settings)
        self._estates = Estates()
        self._ready: deque[Report] = deque()
        self._prepared: set[int] = set()  # runs whose processes wait for the word

    @property
    def address(self) -> str:
        """Where the runs of this session are reached: one socket path a line, its own first."""
        return self._links.address

    @property
    def supervisor_pid(self) -> int | None:
        """The process of its own supervisor; None while it has none."""
        return None if self._links.own is None else self._links.own.process

    @property
    def last_sign(self) -> float | None:
        """When its own supervisor turned last, on the monotonic clock; None: nobody can tell."""
        return None if self._links.own is None else self._links.own.last_sign

    def thaw(self) -> None:
        """Have its own supervisor go on, should somebody have stopped it."""
        if self._links.own is not None:
            self._links.own.thaw()

    def start(self) -> None:
        """Start a supervisor of its own, if there is none.

        Raises:
            EngineError: it could not be started.
        """
        if self._links.own is not None:
            return
        try:
            self._run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._log_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(f"The supervisor has no folder to work in: {error}") from None
        unique = os.urandom(4).hex()  # a new store begins with session 1 again
        name = f"{self._session}-{unique}.sock"
        address = str((self._run_dir / name).absolute())
        pid = launch(address, self._settings.environment)
        self._links.own = self._greet(address, pid)

    def adopt(self, address: str) -> Adoption:
        """Take over the supervisors of an earlier session, or the exit records they left.

        What a supervisor that is gone left running is ended whole.

        Their deadline stays as it was until `keep_adopted`. What they had told of runs and nobody
        acknowledged is in the answer; calls of jobs that wait for an answer come with the next
        `poll`. It is `alive` when the session's own supervisor is: the first of its address.
        """
        alive = False
        running: list[Started] = []
        exits: list[Exited] = []
        waiting: list[int] = []
        for number, each in enumerate(address.splitlines()):
            try:
                link = self._greet(each, None)
            except EngineError:
                end_orphans(each)  # what cannot be adopted is ended whole
                exits += self._estates.take(each)
                continue
            alive = alive or number == 0
            hello = link.greeting
            running += [started_from(item) for item in hello["running"]]
            exits += [exited_from(record) for record in hello["exits"]]
            waiting += hello["waiting"]
            for run in [item[0] for item in hello["running"]] + hello["waiting"]:
                self._links.hold(link, run)
            for record in hello["exits"]:
                self._links.hold(link, record["id"], told=True)
            for call in hello["calls"]:
                self._take(link, ["call", *call])
        return Adoption(alive, tuple(running), tuple(exits), tuple(waiting))

    def keep_adopted(self) -> None:
        """Renew the deadline of adopted runs from now on: the store says that they are ours."""
        self._links.keep_all()

    def exits_at(self, address: str) -> list[Exited]:
        """Return the exit records on disk of a session's supervisors, and adopt nothing."""
        return exits_at(address)

    def _greet(self, address: str, pid: int | None) -> SupervisorLink:
        link, rest = self._links.greet(address, pid)
        for message in rest:
            self._take(link, message)
        self._links.kick()
        return link

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when `poll` has something."""
        return self._links.fileno()

    def prepare(self, specs: Sequence[RunSpec]) -> None:
        """Have processes made ready for runs that may be submitted: no line of a job's code runs.

        It saves them time, and promises nothing: only a few are made ready, and none of the pool's.
        """
        if (own := self._links.own) is None:
            return
        chosen = [spec for spec in specs if not is_pooled(spec)][: self._settings.stock]
        self._prepared.update(spec.job_instanceid for spec in chosen)
        for spec in chosen:
            self._links.send(own, *run_lines("prepare", spec, self._log_path(spec)))

    def drop_prepared(self) -> None:
        """Let go of what was made ready and is not to run."""
        if self._prepared and self._links.own is not None:
            self._links.send(self._links.own, line(["drop", sorted(self._prepared)]))
        self._prepared.clear()

    def submit(self, specs: Sequence[RunSpec]) -> None:
        """Run what is claimed; each ends in one `Exited`, whatever happens.

        Raises:
            EngineError: there is no supervisor, and none could be started; nothing was handed over.
        """
        self.start()
        if (own := self._links.own) is None:
            return
        lines: list[bytes] = []
        for spec in specs:
            self._links.hold(own, spec.job_instanceid)
            if spec.job_instanceid in self._prepared:
                self._prepared.discard(spec.job_instanceid)
                lines.append(line(["go", spec.job_instanceid]))
            else:
                lines += run_lines("submit", spec, self._log_path(spec))
        self._links.send(own, *lines)

    def _log_path(self, spec: RunSpec) -> str:
        return spec.log_path or str(self._log_dir / f"{spec.name}.log")

    def poll(self) -> list[Report]:
        """Return what has happened since the last call, without waiting."""
        for link in self._links.ready():
            try:
                messages = link.receive()
            except ConnectionError:
                self._lose(link)
                continue
            for message in messages:
                self._take(link, message)
        reports = list(self._ready)
        self._ready.clear()
        return reports

    def _take(self, link: SupervisorLink, message: list[Any]) -> None:
        match message:
            case ["started", *items]:
                self._ready.extend(started_from(item) for item in items)
            case ["call", run, seq, call, args]:
                if (problem := problem_of(call, args)) is not None:
                    self._links.send(link, line(["reply", run, seq, False, problem]))
                else:
                    self._ready.append(ApiCall(run, seq, call, args))
            case ["exited", *records]:
                for record in records:
                    link.runs[record["id"]] = True
                    self._ready.append(exited_from(record))
            case _:
                pass  # "bye", or what a newer supervisor has to say

    def reply(self, job_instanceid: int, seq: int, ok: bool, value: Any) -> None:
        """Answer an API call once its effect is durable; `value` is the problem where not ok."""
        self._links.tell(job_instanceid, ["reply", job_instanceid, seq, ok, value])

    def ask(self, job_instanceid: int) -> None:
        """Ask a run to stop (its next `job_sleep` answers False) and leave it at that."""
        self._links.tell(job_instanceid, ["ask", job_instanceid])

    def cancel(
        self, job_instanceid: int, grace: float, *, ending: Ending = Ending.CANCELLED
    ) -> None:
        """Ask a run to stop, and end its whole group after `grace` seconds."""
        self._links.tell(job_instanceid, ["cancel", job_instanceid, grace, ending])

    def kill(self, job_instanceid: int, *, ending: Ending = Ending.CANCELLED) -> None:
        """End a run's whole group at once."""
        self._links.tell(job_instanceid, ["kill", job_instanceid, ending])

    def set_deadline(self, boottime_seconds: float) -> None:
        """Let the supervisors end everything at that moment unless told a later one. Any thread."""
        self._links.set_deadline(boottime_seconds)

    def acknowledge(self, job_instanceids: Iterable[int]) -> None:
        """Drop the exit records of runs whose end is durable in the store."""
        runs = list(job_instanceids)
        self._links.acknowledge(runs)
        self._estates.acknowledge(runs)

    def detach(self) -> None:
        """Leave the supervisors and their runs to the next engine, until the deadline."""
        for link in self._links:
            self._links.leave(link)
        self._links.close()  # only reports that are here already are left to `poll`

    def close(self) -> None:
        """End the supervisors and whatever they still run; `poll` then has the last reports."""
        for link in self._links:
            self._links.send(link, line(["close"]))
        for link in self._links:
            self._drain(link)
            self._lose(link, closing=True)
        self._links.close()

    def _drain(self, link: SupervisorLink) -> None:
        with contextlib.suppress(EngineError):
            _, messages = link.wait_for("bye", self._settings.close_seconds)
            for message in messages:
                self._take(link, message)

    def _put(self, report: Report) -> None:
        """Let the next `poll` have a report, and `fileno` say that there is one."""
        self._ready.append(report)
        self._links.kick()

    def _lose(self, link: SupervisorLink, *, closing: bool = False) -> None:
        """Tell what the exit records of a supervisor tell that is gone, and what they do not.

        One that lives and has dropped us serves another engine now: its runs are not ours to end.
        """
        patience = self._settings.close_seconds if closing else _EXIT_SECONDS
        is_gone = link.has_ended(patience)
        if closing and not is_gone:
            link.kill()
        self._links.forget(link)
        if self._links.own is None:
            self._prepared.clear()
        untold = {run for run, told in link.runs.items() if not told}
        if not untold and link.process is None:
            return  # an adopted one whose runs were all over: it left by itself
        if is_gone != closing:  # one that closed by itself has ended its runs whole
            end_orphans(link.address)
        for ended in self._estates.take(link.address) if is_gone or closing else []:
            if ended.job_instanceid in untold:
                untold.discard(ended.job_instanceid)
                self._put(ended)
        if untold or not closing:
            self._put(SupervisorLost(tuple(sorted(untold))))
