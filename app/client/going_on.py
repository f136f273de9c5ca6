"""Runs that were told to go on: the end of each is told, also where a look at it was missed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.client.rows import instance_row
from app.store.model import InstanceRow

if TYPE_CHECKING:
    from engine.control.watch import Watch


class GoingOn:
    """Remembers what runs, over the loss of a store too, and reads what a snapshot left out."""

    def __init__(self) -> None:
        self._live: set[int] = set()
        self._expected: set[int] = set()  # what a snapshot has not told so far

    def keep(self, row: InstanceRow) -> None:
        """Remember whether an instance goes on."""
        self._expected.discard(row.job_instanceid)
        if row.is_live:
            self._live.add(row.job_instanceid)
        else:
            self._live.discard(row.job_instanceid)

    def expect_all(self) -> None:
        """Begin a snapshot: what runs is told anew."""
        self._expected = set(self._live)

    def ended(self, watch: "Watch") -> Sequence[InstanceRow]:
        """Return how those ended that the snapshot did not tell; without what is there no more.

        Raises:
            StoreError: the store is out of reach.
        """
        if not self._expected:
            return ()
        rows = [instance_row(view) for view in watch.instances_of(self._expected)]
        self._live -= self._expected
        self._expected.clear()
        for row in rows:
            self.keep(row)
        return rows
