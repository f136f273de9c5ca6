"""Runs that were started here, followed to their end: how each one ended is said when it did."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from app.presentation.instants import duration
from app.store.model import InstanceRow
from engine.domain.instance import Status


class Speaker(Protocol):
    """Where it is said."""

    def say(self, text: str, role: str = "") -> None:
        """Show a message."""
        ...


class _Batch(Struct):
    """What one press of a key started."""

    waits_for: set[int]
    ended: list[InstanceRow] = field(default_factory=list)


class Followed:
    """Knows which instances somebody here waits for."""

    def __init__(self, speaker: Speaker, key: str) -> None:
        self._speaker = speaker
        self._key = key  # that shows the output of a run
        self._batches: list[_Batch] = []

    def follow(self, numbers: Sequence[int], known: Mapping[int, InstanceRow]) -> None:
        """Tell when all of these have ended; some may have done so already."""
        if numbers:
            self._batches.append(_Batch(set(numbers)))
            self.look(numbers, known)

    def look(self, changed: Collection[int], known: Mapping[int, InstanceRow]) -> None:
        """Look at instances that changed."""
        for batch in list(self._batches):
            for number in batch.waits_for & set(changed):
                row = known.get(number)
                if row is not None and not row.is_live:
                    batch.waits_for.discard(number)
                    batch.ended.append(row)
            if not batch.waits_for:
                self._batches.remove(batch)
                self._speaker.say(*_ending(batch.ended, self._key))


def _ending(rows: Sequence[InstanceRow], key: str) -> tuple[str, str]:
    bad = [row for row in rows if row.status is not Status.COMPLETE]
    if len(rows) > 1:
        text = f"{len(rows)} runs have ended, {len(rows) - len(bad)} of them COMPLETE"
        return (f"{text}; {_told(bad[0])}", "error") if bad else (text, "success")
    return _told(rows[0], f" ({key} output)"), "error" if bad else "success"


def _told(row: InstanceRow, key: str = "") -> str:
    why = row.error or row.detail if row.status is not Status.COMPLETE else ""
    told = f"{row.name} #{row.job_instanceid} {row.status} after {duration(row.seconds)}{key}"
    return f"{told}: {why}" if why else told
