"""How runs are carried out: what the supervisor is told when the engine connects to it."""

import sysconfig
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from engine.execution.exit_records import exits_path
from engine.execution.launch import error_log_path
from engine.execution.orphans import mark_of


class ExecutionSettings(Struct, frozen=True):
    """Numbers that are right for most machines."""

    stock: int = 4  # fresh processes kept ready for `isolation: process`
    pool_workers: int = 2  # processes that `isolation: pool` shares
    max_processes: int = 256  # runs in processes of their own at once; more wait their turn
    log_head: int = 1 << 20  # bytes of a run's output that are kept from its beginning
    log_tail: int = 1 << 20  # and from its end; what lies between is counted and dropped
    log_size: int = 10 << 20  # bytes at which a job's log is rotated
    log_generations: int = 10  # rotated logs kept per job
    site: tuple[
        str, ...
    ] = ()  # folders of libraries open to jobs; (): the engine's own site-packages
    environment: Mapping[str, str] = field(default_factory=dict)  # what jobs inherit besides
    close_seconds: float = 10.0  # that `close` waits for a supervisor

    def as_wire(self, address: str) -> dict[str, Any]:
        """Return what the supervisor that listens at `address` is configured with."""
        return {
            "socket": address,
            "mark": mark_of(address),
            "error_log": str(error_log_path(address)),
            "exits": str(exits_path(address)),
            "stock": self.stock,
            "pool_workers": self.pool_workers,
            "max_processes": self.max_processes,
            "log_head": self.log_head,
            "log_tail": self.log_tail,
            "log_size": self.log_size,
            "log_generations": self.log_generations,
            "site": list(self.site) or sorted(_site_packages()),
        }


def _site_packages() -> set[str]:
    return {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
