"""A run in a worker of the pool. Killing it kills the worker; its other runs go elsewhere."""

from __future__ import annotations

from .run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .house import House
    from .pool import Pool
    from .reactor import Timer
    from .worker import Worker


class PoolRun(Run):
    """A run that shares a process with others, one after the other."""

    __slots__ = ("_announced", "_timer", "pool", "ticket", "worker")

    announces = False
    speaks = False

    def __init__(
        self, house: House, number: int, header: dict[str, Any], lines: list[bytes]
    ) -> None:
        super().__init__(house, number, header, lines)
        self.pool: Pool | None = None
        self.worker: Worker | None = None
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
        if self.pool is None or not self.pool.take_back(self):
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
