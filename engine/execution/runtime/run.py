"""One run under supervision: from its hand-over to its exit record."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from .frames import LineSocket
from .reactor import boottime

if TYPE_CHECKING:
    from .capture import Capture
    from .reactor import Reactor, Timer
    from .stock import Child
    from .supervisor import Supervisor

TERM_SECONDS = 0.5  # between SIGTERM and SIGKILL, after the grace
DRAIN_SECONDS = 0.2  # that output may still come after the exit
HELD_SECONDS = 0.1  # that an unfinished line is held
CHUNK = 1 << 16


class ProcessRun:
    """A run in a process of its own."""

    def __init__(
        self, supervisor: Supervisor, number: int, facts: dict[str, Any], lines: list[bytes]
    ) -> None:
        self.number = number
        self.facts = facts
        self.lines = lines
        self.child: Child | None = None
        self.started_at = 0
        self.failed_errors = False  # an error above WARNING was recorded
        self.capture: Capture = supervisor.capture_for(number, facts)
        self._supervisor = supervisor
        self._reactor: Reactor = supervisor.reactor
        self._control: LineSocket | None = None
        self._timer: Timer | None = None
        self._hold: Timer | None = None
        self._began = False
        self._failure: str | None = None
        self._end: list[Any] | None = None
        self._why: str | None = None  # the ending that was imposed on it
        self._detail = ""
        self._calls = 0
        self._waiting: dict[int, tuple[LineSocket, int]] = {}  # our seq → who asked, and its own seq
        self.calls: dict[int, list[Any]] = {}  # not answered yet

    # -- beginning

    def begin(self, child: Child) -> None:
        """Hand the run to a child."""
        self.child = child
        self.started_at = time.time_ns() // 1000
        self._control = LineSocket(self._reactor, child.control, self._on_lines, self._on_control_end)
        self._reactor.watch(child.out, lambda _: self._read("OUT", child.out))
        self._reactor.watch(child.err, lambda _: self._read("ERR", child.err))
        self._reactor.watch(child.handle, lambda _: self._on_exit())
        self._control.send(b"\n".join(self.lines) + b"\n")
        self.lines = []
        self.capture.note("INFO", f"started, process {child.pid}")
        if (seconds := self.facts["timeout"]) is not None:
            self._timer = self._reactor.after(seconds, self._time_out)

    def describe(self) -> list[Any]:
        """Return what the engine is told of a run that began."""
        pid = self.child.pid if self.child else 0
        return [self.number, pid, self.started_at, self.facts["log"], self.capture.start]

    # -- what it says

    def _on_lines(self, lines: list[bytes]) -> None:
        for each in lines:
            message = json.loads(each)
            verb = message[0]
            if verb == "call":
                self.take_call(self._control, message[1], message[2], message[3])
            elif verb == "log":
                self.capture.message(message[1], message[2])
            elif verb == "began":
                self._began = True
            elif verb == "failed":
                self._failure = message[1]
            elif verb == "end":
                self._end = message[1:]

    def _on_control_end(self) -> None:
        if self._failure is None:
            self._began = True  # a shell took the place of our child

    def take_call(self, asker: LineSocket | None, own: int, name: str, arguments: Any) -> None:
        """Pass an API call on to the engine; it is answered by `reply`."""
        if asker is None:
            return
        self._calls += 1
        self._waiting[self._calls] = (asker, own)
        self.calls[self._calls] = [self.number, self._calls, name, arguments]
        self._supervisor.tell(["call", *self.calls[self._calls]])

    def reply(self, seq: int, ok: bool, value: Any) -> None:
        """Give the engine's answer to whoever asked."""
        call = self.calls.pop(seq, None)
        asker = self._waiting.pop(seq, None)
        if call is None or asker is None:
            return
        if ok and call[2] == "error" and call[3].get("severity") not in {"INFO", "WARNING"}:
            self.failed_errors = True
        asker[0].send(_line(["reply", asker[1], ok, value]))

    def _read(self, level: str, descriptor: int) -> bool:
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._reactor.unwatch(descriptor)
            return False
        if self.capture.output(level, data) and self._hold is None:
            self._hold = self._reactor.after(HELD_SECONDS, self._release)
        return True

    def _release(self) -> None:
        self._hold = None
        self.capture.release()

    # -- ending it

    def ask(self) -> None:
        """Ask the code to stop."""
        if self.facts["lang"] == "shell":
            self._signal(signal.SIGTERM)
        elif self._control is not None:
            self._control.send(_line(["stop"]))

    def end_after(self, grace: float, why: str, detail: str) -> None:
        """Ask the run to stop, and end it whole after `grace` seconds."""
        if self._why is None:
            self._why, self._detail = why, detail
        self.ask()
        self._arm(grace, self._terminate)

    def _time_out(self) -> None:
        seconds = self.facts["timeout"]
        self.end_after(self.facts["grace"], "timeout", f"timed out after {seconds:g} s")

    def _terminate(self) -> None:
        self._signal(signal.SIGTERM)
        self._arm(TERM_SECONDS, self._kill)

    def end_now(self, why: str, detail: str) -> None:
        """End the run whole, at once."""
        if self._why is None:
            self._why, self._detail = why, detail
        self._kill()

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _arm(self, seconds: float, action: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._reactor.after(seconds, action)

    def _signal(self, number: int) -> None:
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, number)

    # -- its end

    def _on_exit(self) -> None:
        child = self.child
        if child is None:
            return
        if self._control is not None:
            self._control.read()
        self._signal(signal.SIGKILL)  # what is left of its group
        for timer in (self._timer, self._hold):
            if timer is not None:
                timer.cancel()
        deadline = boottime() + DRAIN_SECONDS
        for level, descriptor in (("OUT", child.out), ("ERR", child.err)):
            while self._read(level, descriptor) and boottime() < deadline:
                pass
            self._reactor.unwatch(descriptor)
        self._reactor.unwatch(child.handle)
        _, status, usage = os.wait4(child.pid, 0)
        os.close(child.handle)
        child.close_pipes()
        if self._control is not None:
            self._control.close()
        self._record(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)

    def fail(self, cause: str) -> None:
        """Record that the run could not even get a process."""
        self._failure = cause
        self._record(None, None, None)

    def _record(self, status: int | None, cpu: float | None, rss: int | None) -> None:
        code = os.waitstatus_to_exitcode(status) if status is not None else None
        ending, detail, error = self._ending(code)
        self.capture.finish()
        self.capture.note("INFO" if ending == "returned" else "ERROR", f"ended: {detail or ending}")
        self._supervisor.ended(
            self,
            {
                "id": self.number,
                "ending": ending,
                "at": time.time_ns() // 1000,
                "began": self._began,
                "code": code if code is not None and code >= 0 else None,
                "signal": -code if code is not None and code < 0 else None,
                "error": error,
                "failed": self.failed_errors,
                "detail": detail,
                "pid": self.child.pid if self.child else None,
                "log": self.facts["log"],
                "log_start": self.capture.start,
                "log_end": self.capture.end,
                "cpu": cpu,
                "rss": rss,
            },
        )

    def _ending(self, code: int | None) -> tuple[str, str, list[str] | None]:
        kind, error, seen = "", None, False
        if self._end is not None:
            kind, _, error, seen = self._end
        if self._why is not None and not (kind == "returned" and code == 0 and not seen):
            return self._why, self._detail, error
        if self._failure is not None:
            text = f"could not start: {self._failure}"
            return "start-failed", text, ["START-FAILED", self._failure, ""]
        if code is not None and code < 0:
            return "signal", f"killed by {signal.Signals(-code).name}", error
        if kind == "exception" and error is not None:
            return "exception", f"{error[0]}: {error[1]}", error
        if code:
            return "exit-code", f"exit code {code}", error
        return ("job-error" if self.failed_errors else "returned"), "", None


def _line(message: list[Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
