"""A run in a process of its own: a child of the stock, or what that has become."""

from __future__ import annotations

import os

from . import signals
from .bare import MSG_DONTWAIT
from .frames import LineSocket
from .plain import dumps, heard, loads
from .reactor import boottime
from .run import Run
from .strays import end_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .house import House
    from .reactor import Timer
    from .stock import Child

TERM_SECONDS = 0.5  # between SIGTERM and SIGKILL, when the grace is over
DRAIN_SECONDS = 0.2  # that output which is already written may take to read after the exit
HELD_SECONDS = 0.1  # that an unfinished line is held
CHUNK = 1 << 16
DISCARDED_FAST = 1 << 30  # bytes; a run that writes more is then slowed down to a megabyte a second
SLOW_PAUSE = CHUNK / (1 << 20)  # seconds between two chunks


class ProcessRun(Run):
    """A run whose code has a process, and a process group, of its own."""

    __slots__ = (
        "_child",
        "_control",
        "_held",
        "_sleepers",
        "_state",
        "_timer",
        "_unsent",
        "callers",
        "speaks",
        "stopping",
        "token",
    )

    def __init__(
        self, house: House, number: int, header: dict[str, Any], lines: list[bytes]
    ) -> None:
        super().__init__(house, number, header, lines)
        self.house: House = house
        self.speaks = header["lang"] != "shell"
        self.token = os.urandom(16).hex()  # proves to us that a command belongs to this run
        self._child: Child | None = None
        self.callers = 0  # commands of it that are at work
        self._control: LineSocket | None = None
        self._unsent = b""  # what the child needs beside the word
        self._timer: Timer | None = None
        self._held: Timer | None = None
        self._state: list[Any] = []  # what it saved last, if it has saved anything
        self._sleepers: list[
            Callable[[bool, Any], None]
        ] = []  # commands that wait for a wish to stop
        self.stopping = False

    @property
    def pid(self) -> int | None:
        """The leader of its process group."""
        return self._child.pid if self._child else None

    def give_to(self, child: Child) -> None:
        """Let a child be the one that runs it, once it gets the word."""
        house = self.house
        self._child = child
        setup = {
            "mark": house.mark(self.number),
            "tools": {**house.tools, "TOCSIN_TOKEN": self.token},
            "site": house.settings["site"],
            "path": os.environ.get("PATH", os.defpath),
        }
        self._unsent = b"\n".join([dumps(setup), *self.lines, b""])

    def prepare(self) -> None:
        """Let the child make itself ready, as far as its socket takes what it needs for that."""
        if (child := self._child) is None:
            return
        try:
            sent = child.control.send(self._unsent, MSG_DONTWAIT)
        except OSError:  # it takes nothing, or is gone: told at the word
            return
        self._unsent = self._unsent[sent:]

    def discard(self) -> None:
        """Leave nothing of a run that never got the word."""
        if self._child is not None:
            self._child.end()

    def begin(self, started_at: int) -> None:
        """Give the child the word: the run begins."""
        child, reactor = self._child, self.house.reactor
        if child is None:
            return
        self.started_at = started_at
        self._control = LineSocket(reactor, child.control, self._on_lines, self._on_silence)
        self._control.send(self._unsent + b'["go"]\n')
        self._unsent = b""
        reactor.watch(child.out, lambda _: self._hear_output("OUT", child.out))
        reactor.watch(child.err, lambda _: self._hear_output("ERR", child.err))
        reactor.watch(child.handle, lambda _: self._on_exit(child))
        if self.stopping:
            self.ask()  # somebody wished it before it began
        self.log().note("INFO", f"started, process {child.pid}")
        seconds = self.header["timeout"]
        if seconds is not None:
            self._arm(seconds, self._time_out)

    # -- what it says

    def _on_lines(self, lines: list[bytes]) -> None:
        for line in lines:
            try:
                message = heard(line)
                if message[0] == "call":
                    self.take_call(message[2], message[3], self._answer(message[1]))
                else:
                    self.hear(message)
            except (ValueError, TypeError, LookupError, AttributeError):
                self.log().note("WARN", "its process sent something that is no message")

    def _answer(self, own: int) -> Callable[[bool, Any], None]:
        def answer(ok: bool, value: Any) -> None:
            if self._control is not None:
                self._control.send(dumps(["reply", own, ok, value]) + b"\n")

        return answer

    def known(self) -> Any:
        """Return what the run was told of itself, with the state data that it saved since."""
        facts = loads(self.lines[1])
        if self._state:
            facts["state"] = self._state[0]
        return facts

    def saved(self, state: Any) -> None:
        """Take note of state data that are durable now."""
        self._state = [state]

    def _on_silence(self) -> None:
        if self.facts.failure is None and not self.speaks:
            self.facts.began = True  # a shell took the place of our child

    def _read(self, level: str, descriptor: int) -> bool:
        """Take a chunk of output; False: there is none now."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        reactor = self.house.reactor
        if not data:
            reactor.unwatch(descriptor)
            return False
        log = self.log()
        if log.output(level, data) and self._held is None:
            self._held = reactor.after(HELD_SECONDS, self._release)
        if log.dropped > DISCARDED_FAST and self._child is not None:
            reactor.unwatch(descriptor)
            reactor.after(SLOW_PAUSE, lambda: self._resume(level, descriptor))
        return True

    def _hear_output(self, level: str, descriptor: int) -> None:
        self._read(level, descriptor)

    def _resume(self, level: str, descriptor: int) -> None:
        if self._child is not None:
            self.house.reactor.watch(descriptor, lambda _: self._hear_output(level, descriptor))

    def _release(self) -> None:
        self._held = None
        self.log().release()

    # -- ending it

    def ask(self) -> None:
        """Ask the code to stop: its next `job_sleep`, or `tocsin-job sleep`, tells it."""
        self.stopping = True
        if self._control is not None:
            self._control.send(b'["stop"]\n')
        for answer in self._sleepers:
            answer(True, False)
        self._sleepers.clear()

    def wait_for_stop(self, seconds: float, answer: Callable[[bool, Any], None]) -> None:
        """Answer True after `seconds`, or False as soon as somebody asks the run to stop."""
        if self.stopping:
            answer(True, False)
            return
        self._sleepers.append(answer)

        def slept() -> None:
            if answer in self._sleepers:
                self._sleepers.remove(answer)
                answer(True, True)

        self.house.reactor.after(max(0.0, seconds), slept)

    def end_after(self, grace: float, ending: str, detail: str) -> None:
        """Ask the run to stop, and end it whole after `grace` seconds."""
        self.facts.impose(ending, detail)
        if self._child is None:
            self.conclude()
            return
        self.ask()
        if self.may_hasten(grace):
            if not self.speaks:
                signals.group(self._child.pid, signals.SIGTERM)
            self._arm(grace, self._terminate)

    def _time_out(self) -> None:
        seconds = self.header["timeout"]
        self.end_after(self.header["grace"], "timeout", f"timed out after {seconds:g} s")

    def _terminate(self) -> None:
        if self._child is not None:
            signals.group(self._child.pid, signals.SIGTERM)
            self._arm(TERM_SECONDS, self._kill)

    def end_now(self, ending: str, detail: str) -> None:
        """End the run whole, at once."""
        self.facts.impose(ending, detail)
        if self._child is None:
            self.conclude()
        else:
            self._kill()

    def _kill(self) -> None:
        """Kill the group and whoever left it; new orphans are met when the leader is reaped."""
        if self._child is not None:
            signals.group(self._child.pid, signals.SIGKILL)
            end_tree(self._child.pid)

    def _arm(self, seconds: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.house.reactor.after(seconds, action)

    # -- its end

    def _on_exit(self, child: Child) -> None:
        """Record the end: it is the leader's exit, whoever may hold its output open."""
        reactor = self.house.reactor
        reactor.unwatch(child.handle)
        signals.group(
            child.pid, signals.SIGKILL
        )  # the leader is not reaped: nobody else has its number
        for timer in (self._timer, self._held):
            if timer is not None:
                timer.cancel()
        deadline = boottime() + DRAIN_SECONDS
        while self._control is not None and self._control.read() and boottime() < deadline:
            pass
        for level, descriptor in (("OUT", child.out), ("ERR", child.err)):
            while self._read(level, descriptor) and boottime() < deadline:
                pass
            reactor.unwatch(descriptor)
        _, status, usage = os.wait4(child.pid, 0)
        self.facts.code = os.waitstatus_to_exitcode(status)
        os.close(child.handle)
        child.close_pipes()
        if self._control is not None:
            self._control.close()
        try:
            self.conclude(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
        finally:
            self._child = None  # its number is free for another process
