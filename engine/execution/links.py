"""The connections to the supervisors that an engine serves: its own, and adopted ones."""

import contextlib
import os
import select
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.errors import EngineError
from engine.execution.settings import ExecutionSettings
from engine.execution.supervisor_link import SupervisorLink, connect
from engine.execution.wire import line

_HELLO_SECONDS = 15.0
_ADOPTION_SECONDS = 5.0  # a supervisor that is frozen is as good as dead


class Links:
    """All connections, which run is behind which, and one descriptor to wait for any of them.

    It is used from one thread, but for `set_deadline`.
    """

    def __init__(self, settings: ExecutionSettings) -> None:
        self.own: SupervisorLink | None = None
        self._settings = settings
        self._links: dict[int, SupervisorLink] = {}  # by descriptor
        self._holders: dict[int, SupervisorLink] = {}  # instance → who runs it or keeps its record
        self._deadline: float | None = None
        self._epoll = select.epoll()
        self._kick = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._kick, select.EPOLLIN)

    def __iter__(self) -> Iterator[SupervisorLink]:
        return iter(list(self._links.values()))

    @property
    def address(self) -> str:
        """One socket path a line, its own first."""
        links = sorted(self._links.values(), key=lambda link: link is not self.own)
        return "\n".join(link.address for link in links)

    def greet(self, address: str, pid: int | None) -> tuple[SupervisorLink, list[Any]]:
        """Connect to a supervisor; return the connection, and what it said beside its greeting.

        Raises:
            EngineError: none answers there.
        """
        try:
            connection = connect(address)
        except OSError as error:
            raise EngineError(f"No supervisor answers at {address}: {error}") from None
        link = SupervisorLink(connection, address, pid)
        link.is_kept = pid is not None
        link.send(line(["configure", self._settings.as_wire(address)]))
        try:
            patience = _HELLO_SECONDS if pid is not None else _ADOPTION_SECONDS
            hello, rest = link.wait_for("hello", patience)
        except EngineError:
            link.close()
            raise
        link.greet(hello[1])
        self._links[link.fileno()] = link
        self._epoll.register(link.fileno(), select.EPOLLIN)
        self._renew(link)
        return link, rest

    # -- waiting

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when one of them has something."""
        return self._epoll.fileno()

    def kick(self) -> None:
        """Let that descriptor be readable once."""
        os.eventfd_write(self._kick, 1)

    def ready(self) -> list[SupervisorLink]:
        """Return those that have something, without waiting; what was unsent is sent on."""
        found: list[SupervisorLink] = []
        for descriptor, _ in () if self._epoll.closed else self._epoll.poll(0):
            if descriptor == self._kick:
                with contextlib.suppress(BlockingIOError):
                    os.eventfd_read(self._kick)
            elif (link := self._links.get(descriptor)) is not None:
                self.send(link)
                found.append(link)
        return found

    # -- runs

    def hold(self, link: SupervisorLink, run: int, *, told: bool = False) -> None:
        """Know that a run is behind this one; `told`: its end has been told."""
        link.runs[run] = told
        self._holders[run] = link

    def tell(self, run: int, message: Sequence[Any]) -> None:
        """Send a message to whoever has the run."""
        if (link := self._holders.get(run)) is not None:
            self.send(link, line(message))

    def acknowledge(self, runs: Iterable[int]) -> None:
        """Let them drop the records of runs whose end is durable, and leave who has no others."""
        by_link: dict[int, list[int]] = {}
        for run in runs:
            link = self._holders.pop(run, None)
            if link is not None and link.runs.pop(run, False):
                by_link.setdefault(link.fileno(), []).append(run)
        for link in self:
            if done := by_link.get(link.fileno()):
                self.send(link, line(["ack", done]))
                if link is not self.own and not link.runs:
                    self.leave(link)  # it ends by itself: an adopted one gets no more runs

    # -- sending

    def send(self, link: SupervisorLink, *lines: bytes) -> None:
        """Send lines; what the socket does not take follows when it does."""
        self._await_room(link, link.send(*lines))

    def set_deadline(self, boottime_seconds: float) -> None:
        """Let them end everything at that moment unless told a later one. Any thread."""
        self._deadline = boottime_seconds
        for link in self:
            self._renew(link)

    def keep_all(self) -> None:
        """Renew the deadline of adopted ones from now on."""
        for link in self:
            if not link.is_kept:
                link.is_kept = True
                self._renew(link)

    def _renew(self, link: SupervisorLink) -> None:
        if link.is_kept and self._deadline is not None:
            self._await_room(link, link.renew(self._deadline))

    def _await_room(self, link: SupervisorLink, more: bool) -> None:
        events = select.EPOLLIN | (select.EPOLLOUT if more else 0)
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile
            self._epoll.modify(link.fileno(), events)

    # -- the end

    def leave(self, link: SupervisorLink) -> None:
        """Leave a supervisor and what it runs to the next engine."""
        link.send(line(["detach"]))
        link.finish()
        self.forget(link)

    def forget(self, link: SupervisorLink) -> None:
        """Close the connection, and know nothing of what is behind it any more."""
        self._links.pop(link.fileno(), None)
        with contextlib.suppress(OSError):
            self._epoll.unregister(link.fileno())
        link.close()
        for run in link.runs:
            self._holders.pop(run, None)
        if link is self.own:
            self.own = None

    def close(self) -> None:
        """Close what `fileno` waits on."""
        if not self._epoll.closed:
            self._epoll.close()
            os.close(self._kick)
