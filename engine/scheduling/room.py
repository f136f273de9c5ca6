"""Watch the disks that the engine writes to, and raise an alert while one is as good as full.

It is raised before the disk is full, while the store can still take it; on a disk that is full
already it is raised when there is room again for as much as that.
"""

import math
from pathlib import Path

from engine.clock import Instant
from engine.disk import lack_of_room
from engine.errors import StoreError
from engine.events import Event, EventKind
from engine.persistence import alerts
from engine.scheduling.alerting import DISK_FULL
from engine.scheduling.context import Context

_EVERY_SECONDS = 2.0


class RoomWatch:
    """Keeps one ongoing alert of this engine in step with its disks."""

    def __init__(self, context: Context) -> None:
        settings, store = context.settings, context.database.path
        self._context = context
        self._folders: dict[Path, str] = {
            settings.log_dir: "logs lose lines",
            settings.run_dir: "runs that end while no engine is up may be lost",
        }
        if store is not None:
            self._folders[store.parent] = "nothing is claimed or recorded"
        self._next = 0.0
        self._told: str | None = None  # "": that all is well; None: nothing yet
        self._noted = ""

    def wait(self) -> float:
        """Return that any turn is soon enough."""
        return math.inf

    def tick(self, now: Instant) -> None:
        """Look, if it is time."""
        moment = self._context.clock.monotonic()
        if moment < self._next:
            return
        self._next = moment + _EVERY_SECONDS
        lacking = {folder: lack_of_room(folder) for folder in self._folders}
        if not any(lacking.values()):
            self._context.database.keep_room()
        places = ", ".join(sorted(str(folder) for folder, text in lacking.items() if text))
        if places == self._told:
            return
        reason = "; ".join(
            f"{text}: when it is full, {self._folders[folder]}"
            for folder, text in lacking.items()
            if text
        )
        if reason and places != self._noted:
            self._noted = places
            self._context.journal.write(reason, "ERROR")
        try:
            self._tell(reason, now)
        except StoreError:
            return  # tried again
        if self._told and not places:
            self._context.journal.write("there is room again on all disks")
        self._told = self._noted = places

    def _tell(self, reason: str, now: Instant) -> None:
        context = self._context
        with context.database.begin() as tx:
            if reason:
                alerts.raise_alert(tx, DISK_FULL, "engine", context.key, reason, now)
                kind = EventKind.ALERT_RAISED
            elif alerts.clear_alert(tx, DISK_FULL, "engine", context.key, now):
                kind = EventKind.ALERT_CLEARED
            else:
                return
        context.bus.publish([Event(kind, now, DISK_FULL, context.key)])
