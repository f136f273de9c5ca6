"""One run under supervision, wherever its code runs: its API calls, its log, its end."""

from __future__ import annotations

import time

from .capture import Capture
from .ending import RETURNED, Facts, conclude
from .plain import dumps
from .reactor import boottime
from .said import end_of, error_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .reactor import Reactor

NEVER = float("inf")
HARMLESS = ("INFO", "WARNING")  # severities that do not fail a run


class Surroundings:
    """What a run needs of the supervisor that it belongs to."""

    reactor: Reactor

    def capture_for(self, run: Run) -> Capture:
        """Return where a run's output goes."""
        raise NotImplementedError

    def next_call(self) -> int:
        """Return a number for an API call."""
        raise NotImplementedError

    def tell(self, message: list[Any]) -> None:
        """Tell the engine, if one is there; who tells keeps what must not be lost."""
        raise NotImplementedError

    def ended(self, run: Run, record: bytes) -> None:
        """Take a run's end; the engine hears of it once it is on disk."""
        raise NotImplementedError


class Run:
    """What all runs have in common."""

    __slots__ = (
        "_answers",
        "_calls",
        "_ends_at",
        "capture",
        "facts",
        "header",
        "house",
        "lines",
        "number",
        "started_at",
    )

    announces = True  # its log says when it starts and ends
    speaks = True  # its process runs our code

    def __init__(
        self, house: Surroundings, number: int, header: dict[str, Any], lines: list[bytes]
    ) -> None:
        self.house = house
        self.number = number
        self.header = header
        self.lines = lines  # the program's and the run's own, for the process that runs it
        self.facts = Facts()
        self.capture: Capture | None = None
        self.started_at = 0  # microseconds since the epoch
        self._ends_at = NEVER  # on CLOCK_BOOTTIME: when its grace is over
        self._calls: dict[int, list[Any]] = {}  # not answered yet
        self._answers: dict[int, Callable[[bool, Any], None]] = {}

    # -- its log

    def log(self) -> Capture:
        """Return where its output goes."""
        if self.capture is None:
            self.capture = self.house.capture_for(self)
        return self.capture

    @property
    def pid(self) -> int | None:
        """The process that runs it, None before and after."""
        return None

    def describe(self) -> list[Any]:
        """Return what the engine is told of a run that has started."""
        start = self.capture.start if self.capture else None
        return [self.number, self.pid or 0, self.started_at, self.header["log"], start]

    # -- its calls

    def take_call(self, name: str, arguments: Any, answer: Callable[[bool, Any], None]) -> None:
        """Pass an API call on to the engine; `answer` is called with what it replies."""
        seq = self.house.next_call()
        self._calls[seq] = [self.number, seq, name, arguments]
        self._answers[seq] = answer
        self.house.tell(["call", *self._calls[seq]])

    def waiting_calls(self) -> list[list[Any]]:
        """Return the calls that wait for an answer."""
        return list(self._calls.values())

    def reply(self, seq: int, ok: bool, value: Any) -> None:
        """Give the engine's answer to whoever asked."""
        call = self._calls.pop(seq, None)
        if call is None:
            return
        if ok and call[2] == "error" and call[3].get("severity") not in HARMLESS:
            self.facts.failed = True
        if ok and call[2] == "save_state_data":
            self.saved(call[3]["data"])
        self._answers.pop(seq)(ok, value)

    def saved(self, state: Any) -> None:
        """Take note of state data that are durable now."""

    def hear(self, message: list[Any]) -> None:
        """Take what the job's process says without waiting for an answer.

        Raises:
            ValueError, TypeError, LookupError, AttributeError: it is no message.
        """
        verb = message[0]
        if verb == "log":
            self.log().message(message[1], message[2])
        elif verb == "out":
            self.log().output(message[1], message[2].encode("latin-1", "replace"))
        elif verb == "began":
            self.facts.began = True
        elif verb == "failed":
            self.facts.failure = error_of(message[1])
        elif verb == "end":
            self.facts.said = end_of(message[1:])

    # -- ending it

    def may_hasten(self, grace: float) -> bool:
        """Whether an end in `grace` seconds comes before the one that is on its way, if any is."""
        moment = boottime() + grace
        if moment >= self._ends_at:
            return False
        self._ends_at = moment
        return True

    def ask(self) -> None:
        """Ask its code to stop."""
        raise NotImplementedError

    def end_after(self, grace: float, ending: str, detail: str) -> None:
        """Ask it to stop, and end it whole after `grace` seconds."""
        raise NotImplementedError

    def end_now(self, ending: str, detail: str) -> None:
        """End it whole, at once."""
        raise NotImplementedError

    def fail(self, name: str, cause: str) -> None:
        """Record that it never got a process."""
        self.facts.failure = [name, cause, ""]
        self.conclude()

    def conclude(self, cpu: float | None = None, rss: int | None = None) -> None:
        """Record its end."""
        facts = self.facts
        facts.cpu_seconds = cpu
        ending, detail, error = conclude(facts, self.header["limits"], speaks=self.speaks)
        if self.announces or ending != RETURNED:
            self._note_end(ending, detail, error)
        elif self.capture is not None:
            self.capture.finish()
        record: dict[str, Any] = {
            "id": self.number,
            "ending": ending,
            "at": time.time_ns() // 1000,
            "began": facts.began,
            "log": self.header["log"],
        }
        if facts.code is not None:
            record["code" if facts.code >= 0 else "signal"] = abs(facts.code)
        if error is not None:
            record["error"] = error
        if facts.failed:
            record["failed"] = True
        if detail:
            record["detail"] = detail
        if (pid := self.pid) is not None:
            record["pid"] = pid
        if self.capture is not None:
            record["log_start"], record["log_end"] = self.capture.start, self.capture.end
        if cpu is not None:
            record["cpu"], record["rss"] = round(cpu, 6), rss
        self.house.ended(self, dumps(record))

    def _note_end(self, ending: str, detail: str, error: list[str] | None) -> None:
        log = self.log()
        log.finish()
        if error is not None and error[2]:
            log.note("ERROR", error[2])
        if ending == RETURNED:
            log.note("INFO", "ended")
        else:
            log.note("ERROR", f"ended: {detail or ending}")
