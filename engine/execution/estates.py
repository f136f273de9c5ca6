"""What dead supervisors left: the records of ends, kept on disk until the store has them."""

from collections.abc import Collection
from pathlib import Path

from engine.domain.run import Exited
from engine.execution.exit_records import exits_path, read_exits


class Estates:
    """The exit records of the supervisors that died while this engine served them, or before."""

    def __init__(self) -> None:
        self._left: dict[Path, set[int]] = {}  # runs whose end is not in the store yet

    def take(self, address: str) -> list[Exited]:
        """Return the exit records of a dead supervisor, to be deleted when all are acknowledged."""
        path = exits_path(address)
        exits = read_exits(path)
        if exits:
            self._left[path] = {ended.job_instanceid for ended in exits}
        else:
            path.unlink(missing_ok=True)
        Path(address).unlink(missing_ok=True)
        return exits

    def acknowledge(self, runs: Collection[int]) -> None:
        """Delete the records whose ends are durable in the store."""
        for path, left in list(self._left.items()):
            left.difference_update(runs)
            if not left:
                path.unlink(missing_ok=True)
                del self._left[path]


def exits_at(address: str) -> list[Exited]:
    """Return the exit records on disk of a session's supervisors, and adopt nothing."""
    paths = [exits_path(each) for each in address.splitlines()]
    return [exited for path in paths for exited in read_exits(path)]
