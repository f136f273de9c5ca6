"""A run in a worker of the pool. Killing it kills the worker; its other runs go elsewhere."""

from __future__ import annotations

from .run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable
    from typing import Any

    from .frames import LineSocket
    from .reactor import Timer
    from .run import Surroundings
    from .stock import Child


class Place:
    """What a run sees of the worker that it was given to."""

    child: Child
    control: LineSocket
    runs: deque[PoolRun]  # of which the first may have begun

    def take_back(self) -> list[PoolRun]:
        """Return the runs that it has not begun, oldest first; it will not do them."""
        raise NotImplementedError

    def kill(self) -> None:
        """Kill it whole; its exit is handled like any other."""
        raise NotImplementedError


class PoolRun(Run):
    """A run that shares a process with others, one after the other."""

    __slots__ = ("_announced", "_take_back", "_timer", "ticket", "worker")

    announces = False
    speaks = False

    def __init__(
        self,
        house: Surroundings,
        number: int,
        header: dict[str, Any],
        lines: list[bytes],
        take_back: Callable[[PoolRun], bool],
    ) -> None:
        super().__init__(house, number, header, lines)
        self._take_back = take_back  # from the pool, unless it has begun
        self.worker: Place | None = None
        self.ticket = 0  # its place among the runs of that worker
        self._timer: Timer | None = None
        self._announced = False

    @property
    def pid(self) -> int | None:
        """The worker's process."""
        return self.worker.child.pid if self.worker else None

    def watch(self, seconds: float, *, announce: bool) -> None:
        """Look after a run that has gone on for so long: show what it wrote, arm its time-out."""
        limit = self.header["timeout"]
        if limit is not None and self._timer is None:
            self._arm(limit - seconds, self._time_out)
        if self.capture is not None:
            self.capture.release()
        if announce and not self._announced:
            self._announced = True
            self.house.tell(["started", self.describe()])

    def ask(self) -> None:
        """Ask the code to stop, if it has begun."""
        if self.worker is not None and self.worker.runs[0] is self:
            self.worker.control.send(b'["stop",%d]\n' % self.number)

    def _is_spared(self) -> bool:
        """Whether it had not begun; then it is over with that."""
        if not self._take_back(self):
            return False
        self.conclude()
        return True

    def end_after(self, grace: float, ending: str, detail: str) -> None:
        """Ask the run to stop, and end its worker after `grace` seconds."""
        self.facts.impose(ending, detail)
        if not self._is_spared():
            self.ask()
            if self.may_hasten(grace):
                self._arm(grace, self._kill)

    def _time_out(self) -> None:
        seconds = self.header["timeout"]
        self.end_after(self.header["grace"], "timeout", f"timed out after {seconds:g} s")

    def end_now(self, ending: str, detail: str) -> None:
        """End the run at once, and its worker with it."""
        self.facts.impose(ending, detail)
        if not self._is_spared():
            self._kill()

    def _kill(self) -> None:
        if self.worker is not None:
            self.worker.kill()

    def _arm(self, seconds: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.house.reactor.after(max(0.0, seconds), action)

    def conclude(self, cpu: float | None = None, rss: int | None = None) -> None:
        """Record its end."""
        if self._timer is not None:
            self._timer.cancel()
        super().conclude(cpu, rss)
