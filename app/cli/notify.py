"""Telling systemd that we are ready, live, reload or stop: sd_notify(3), nothing more."""

import os
import socket
from collections.abc import Mapping

from engine.clock import Clock


class Notifier:
    """Sends states to the service manager; does nothing where there is none."""

    def __init__(self, clock: Clock, environment: Mapping[str, str] = os.environ) -> None:
        self._clock = clock
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._period = _watchdog_seconds(environment) / 2
        self._last = 0.0

    @property
    def watchdog_period(self) -> float | None:
        """Seconds between two signs of life that systemd wants; None: it wants none."""
        return self._period or None

    def ready(self, status: str) -> None:
        """The engine schedules."""
        self._send(f"READY=1\nSTATUS={_line(status)}\nMAINPID={os.getpid()}")

    def status(self, status: str) -> None:
        """Show `status` in `systemctl status`."""
        self._send(f"STATUS={_line(status)}")

    def reloading(self) -> None:
        """Definitions are being read anew; `ready` ends that."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={_monotonic_usec()}")

    def stopping(self, status: str) -> None:
        """The engine ends."""
        self._send(f"STOPPING=1\nSTATUS={_line(status)}")

    def alive(self) -> None:
        """Give a sign of life, if it is time for one."""
        now = self._clock.monotonic()
        if self._period and now - self._last >= self._period * 0.9:
            self._last = now
            self._send("WATCHDOG=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        address = self._address
        if address.startswith("@"):  # an abstract socket
            address = "\0" + address[1:]
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.connect(address)
                channel.sendall(state.encode())
        except OSError:
            return  # nobody listens: the engine runs all the same


def _watchdog_seconds(environment: Mapping[str, str]) -> float:
    """Return the time without a sign of life after which systemd restarts us; 0: never."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    text = environment.get("WATCHDOG_USEC", "0")
    return int(text) / 1e6 if text.isascii() and text.isdecimal() else 0.0


def _monotonic_usec() -> int:
    import time

    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def _line(text: str) -> str:
    return " ".join(text.split())
