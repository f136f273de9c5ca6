"""Drive a real executor to an event, with real processes; nothing sleeps."""

import os
import select
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.domain.instance import Cause
from engine.domain.job import Execution, Limits
from engine.domain.run import ApiCall, Exited, Report, RunSpec, Started, SupervisorLost
from engine.execution.executor import Executor
from engine.execution.settings import ExecutionSettings
from engine.execution.supervisor_link import SupervisorLink

PATIENCE = 20.0  # seconds: only a test that fails waits so long
CLOCK = SystemClock()

Answer = Callable[[ApiCall], tuple[bool, Any]]


def spec(number: int, code: str = "def run():\n    pass\n", **changes: Any) -> RunSpec:
    """Return a run of `code`; what belongs to Execution or Limits is found there."""
    execution = Execution(code=code)
    for name in list(changes):
        if name in Limits.__struct_fields__:
            limits = replace(execution.limits, **{name: changes.pop(name)})
            execution = replace(execution, limits=limits)
        elif name in Execution.__struct_fields__:
            execution = replace(execution, **{name: changes.pop(name)})
    base = RunSpec(
        job_instanceid=number,
        jobid=1,
        name="job",
        revision=1,
        execution=execution,
        options={},
        cause=Cause.MANUAL,
        due_at=None,
        started=CLOCK.now(),
        job_info={"name": "job", "job_instanceid": number},
        state=None,
        fence=number,
        log_path="",
        grace=5.0,
    )
    return replace(base, **changes)


def agree(call: ApiCall) -> tuple[bool, Any]:
    """Answer every call as an engine that has just saved it."""
    return True, True if call.call == "set_trigger" else None


@dataclass
class Driver:
    """An executor, everything that it reported, and the answers that jobs get."""

    folder: Path
    executor: Executor
    answer: Answer = agree
    reports: list[Report] = field(default_factory=list)
    _next: int = 1

    def submit(self, code: str = "def run():\n    pass\n", **changes: Any) -> int:
        """Hand over one run and return its number."""
        number = self._next
        self._next += 1
        self.executor.submit([spec(number, code, **changes)])
        return number

    def run(self, code: str = "def run():\n    pass\n", **changes: Any) -> Exited:
        """Run code to its end."""
        return self.exited(self.submit(code, **changes))

    def shell(self, code: str, **changes: Any) -> Exited:
        """Run a shell script to its end."""
        return self.run(code, lang="shell", **changes)

    def step(self, seconds: float = PATIENCE) -> bool:
        """Wait for the executor to have something, and take it; False: it had nothing."""
        ready, _, _ = select.select([self.executor], [], [], seconds)
        for report in self.executor.poll():
            self.reports.append(report)
            if isinstance(report, ApiCall):
                ok, value = self.answer(report)
                self.executor.reply(report.job_instanceid, report.seq, ok, value)
        return bool(ready)

    def until(self, happened: Callable[[], Any], what: str = "it") -> Any:
        """Take reports until `happened` returns something true, and return that."""
        deadline = CLOCK.monotonic() + PATIENCE
        while not (found := happened()):
            left = deadline - CLOCK.monotonic()
            assert left > 0, f"{what} did not happen; reports: {self.reports[-20:]}"
            self.step(min(left, 0.05))
        return found

    def exited(self, number: int) -> Exited:
        """Wait for the end of a run, and acknowledge it."""
        ended: Exited = self.until(lambda: self.find(Exited, number), f"the end of run {number}")
        self.executor.acknowledge([number])
        return ended

    def started(self, number: int) -> Started:
        """Wait until a run was handed to a process."""
        begun: Started = self.until(lambda: self.find(Started, number), f"the start of {number}")
        return begun

    def called(self, number: int, name: str) -> ApiCall:
        """Wait for a call of the job API."""

        def found() -> ApiCall | None:
            calls = [each for each in self.calls(number) if each.call == name]
            return calls[0] if calls else None

        call: ApiCall = self.until(found, f"a call of {name} by run {number}")
        return call

    def lost(self) -> SupervisorLost:
        """Wait until a supervisor is gone."""

        def found() -> SupervisorLost | None:
            return next((each for each in self.reports if isinstance(each, SupervisorLost)), None)

        lost: SupervisorLost = self.until(found, "the loss of the supervisor")
        return lost

    def find(self, kind: type, number: int) -> Any:
        """Return the report of this kind about a run, if it has come."""
        for each in self.reports:
            if isinstance(each, kind) and getattr(each, "job_instanceid", None) == number:
                return each
        return None

    def calls(self, number: int) -> list[ApiCall]:
        """Return the calls that a run has made so far."""
        return [
            each
            for each in self.reports
            if isinstance(each, ApiCall) and each.job_instanceid == number
        ]

    def info(self, number: int) -> Any:
        """Return the info that a run saved last."""
        saved = [each.args["info"] for each in self.calls(number) if each.call == "save_info"]
        return saved[-1] if saved else None

    def told(self, code: str, **changes: Any) -> Any:
        """Run code that saves info, see it return, and return the info."""
        number = self.submit(code, **changes)
        ended = self.exited(number)
        assert ended.ending == "returned", ended
        return self.info(number)

    def log(self, name: str = "job") -> bytes:
        """Return a job's log."""
        path = self.folder / "logs" / f"{name}.log"
        return path.read_bytes() if path.exists() else b""

    def output(self, number: int, level: str = "OUT", name: str = "job") -> bytes:
        """Return the bytes that a run wrote, as its log has them."""
        tag = f" JI {number}: ".encode()
        found = b""
        for line in self.log(name).split(b"\n"):
            head, _, text = line.partition(tag)
            kind = head[28:].strip().decode()
            if kind.rstrip("~") == level and tag in line:
                found += text if kind.endswith("~") else text + b"\n"
        return found

    def link(self) -> SupervisorLink:
        """Return the connection to its own supervisor."""
        link = self.executor._links.own
        assert link is not None
        return link

    def supervisor(self) -> int:
        """Return the pid of its own supervisor."""
        pid = self.link().process
        assert pid is not None
        return pid


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rsplit(")", 1)[1].split()[0] != "Z"


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to one process."""
    os.kill(pid, number)


def make(folder: Path, session: str = "1", **settings: Any) -> Driver:
    """Return a driver whose executor has not been started."""
    chosen: Mapping[str, Any] = {"stock": 2, "close_seconds": 20.0, **settings}
    executor = Executor(
        folder / "run", folder / "logs", session, CLOCK, ExecutionSettings(**chosen)
    )
    return Driver(folder, executor)
