"""The only place where events enter the screen: drain, apply, paint no faster than the link takes.

Textual never drops a frame: what is written is queued, and a full queue blocks the keys. So data
frames wait while the terminal is behind; keys are painted at once.

Where rows are painted only when that is asked for, they are taken in all the same; how the engine
is, and all that comes in one piece, as at the start, is painted as it comes.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from app.store.changes import Changes
from app.store.events import Event, Inbox
from app.store.store import ConsoleStore
from engine.clock import Clock, Instant

BLURRED_SECONDS = 1.0
LOADING_SECONDS = 0.25
_SLOWEST_SECONDS = 2.0
_BEHIND = 2.0
_BATCH = 50  # events between two looks at the clock
_BUDGET_SECONDS = 0.004
_AFTER_FAULT_SECONDS = 5.0
_REST_SECONDS = 0.005  # between batches of a backlog: keys go first


class Loop(Protocol):
    """What the pump needs of the app: timers, and how far behind the terminal is."""

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back on the console's thread."""
        ...

    def writes_waiting(self) -> int:
        """How many frames the terminal has not taken yet."""
        ...


class PumpFigures(Struct):
    """Counters for `:bench` and the engine pane."""

    events: int = 0
    frames: int = 0
    held_frames: int = 0
    apply_seconds: float = 0.0
    paint_seconds: float = 0.0
    slowest_paint: float = 0.0

    def in_words(self) -> Sequence[tuple[str, str]]:
        """Return them as names and texts."""
        frames = max(1, self.frames)
        return (
            ("events", f"{self.events:,} in {self.frames:,} frames, {self.held_frames:,} held"),
            ("apply", f"{self.apply_seconds * 1000 / frames:.2f} ms a frame"),
            ("paint", f"{self.paint_seconds * 1000 / frames:.2f} ms a frame"),
            ("slowest", f"{self.slowest_paint * 1000:.1f} ms"),
        )


class Pump:
    """Drains the inbox into the store and hands what changed to `paint`, paced."""

    def __init__(
        self,
        loop: Loop,
        inbox: Inbox,
        store: ConsoleStore,
        clock: Clock,
        paint: Callable[[Changes], None],
    ) -> None:
        self._loop = loop
        self._inbox = inbox
        self._store = store
        self._clock = clock
        self._paint = paint
        self._changes = Changes()
        self._is_armed = False
        self._turns = 0
        self._next_paint = 0.0
        self._is_asked = True  # rows are to be painted, though only by hand: at first they are
        self._backoff = 1.0
        self.has_focus = True
        self.frames_per_second = 10.0  # of data, at the most; 0: only when asked
        self.withheld_at: Instant | None = None  # the store as it is shown; None: as it is by now
        self.on_overflow: Callable[[], None] = lambda: None
        self.on_fault: Callable[[BaseException], None] = _raise
        self.figures = PumpFigures()

    @property
    def interval(self) -> float:
        """Seconds between two data frames as things stand."""
        wanted = 1 / self.frames_per_second if self.frames_per_second else LOADING_SECONDS
        base = wanted if self.has_focus else max(wanted, BLURRED_SECONDS)
        if self._store.expected_jobs is not None:
            base = max(base, LOADING_SECONDS)
        return max(base, min(_SLOWEST_SECONDS, base * self._backoff))

    @property
    def is_behind(self) -> bool:
        """Whether frames were held back lately because the terminal takes them slowly."""
        return self._backoff > _BEHIND

    def paint_soon(self) -> None:
        """Paint what waits at the next turn, whatever the pace."""
        self._next_paint = 0.0
        self._is_asked = self._is_armed = True
        self._again(_REST_SECONDS)

    def paint_now(self) -> None:
        """Paint what is in the store already, as it is looked at now, whatever the pace."""
        if self._changes:
            self._paint(self._take_all())

    @property
    def rows_waiting(self) -> int:
        """How many jobs and instances changed and are not painted yet."""
        return len(self._changes.jobs) + len(self._changes.instances)

    def count_as_asked(self) -> None:
        """Paint what waits to be asked for: a pane that was built anew shows it already."""
        if self.withheld_at is not None:
            self.withheld_at = None
            self.paint_soon()

    def wake(self) -> None:
        """Events wait; called on the console's thread."""
        if not self._is_armed:
            self._is_armed = True
            self._turn()

    def _turn(self) -> None:
        """Take what waits; after a fault in an event everything is read anew, a while later."""
        try:
            self._take()
        except Exception as error:  # noqa: BLE001 - else no event would ever come again
            self.on_fault(error)
            self.on_overflow()
            self._again(_AFTER_FAULT_SECONDS)

    def _take(self) -> None:
        if self._inbox.has_overflowed():
            self.on_overflow()
        seen_at = self._store.seen_at
        has_more = self._apply()
        if self._has_due:
            self._paint_if_due()
        self._note_what_waits(seen_at, has_more=has_more)
        if has_more:
            self._again(_REST_SECONDS)
        elif self._has_due:
            wait = max(_REST_SECONDS, self._next_paint - self._clock.monotonic())
            self._again(wait)
        elif self._inbox.sleep():
            self._is_armed = False
        else:
            self._again(_REST_SECONDS)

    @property
    def _waits_for_hand(self) -> bool:
        """Whether rows are painted only when that is asked for, and nobody did."""
        return not (self.frames_per_second or self._is_asked)

    @property
    def _has_due(self) -> bool:
        """Whether anything is to be painted without being asked for."""
        return self._changes.health if self._waits_for_hand else bool(self._changes)

    def _take_due(self) -> Changes:
        """Return what is to be painted now, and keep the rows that nobody asked for."""
        if self._waits_for_hand:
            self._changes.health = False
            return Changes(health=True)
        return self._take_all()

    def _take_all(self) -> Changes:
        """Return all that waits to be painted."""
        self.withheld_at = None
        changes, self._changes = self._changes, Changes()
        return changes

    def _note_what_waits(self, seen_at: Instant, *, has_more: bool) -> None:
        """Note when the store was last seen as it is shown, if rows wait to be asked for.

        What was asked for is there once nothing of it waits, and no snapshot is under way.
        """
        if not (has_more or self._changes or self._store.expected_jobs is not None):
            self._is_asked = False
        if self.withheld_at is None and self._waits_for_hand and self._changes.has_rows:
            self.withheld_at = seen_at

    def _again(self, seconds: float) -> None:
        """Take the next turn in `seconds`; an earlier appointment does not count any more."""
        self._turns += 1
        number = self._turns
        self._loop.later(seconds, lambda: self._turn() if number == self._turns else None)

    def _apply(self) -> bool:
        started = self._clock.monotonic()
        while True:
            events = self._inbox.take(_BATCH)
            if not events:
                return False
            self.figures.events += len(events)
            snapshots = self._store.snapshots
            merge(self._changes, self._store.apply(events))
            if self._store.expected_jobs is not None or self._store.snapshots > snapshots:
                self._is_asked = True
            spent = self._clock.monotonic() - started
            if spent > _BUDGET_SECONDS:
                self.figures.apply_seconds += spent
                return len(self._inbox) > 0

    def _paint_if_due(self) -> None:
        now = self._clock.monotonic()
        if now < self._next_paint:
            return
        if self._loop.writes_waiting() > 0 and self.figures.frames:  # never the first rows
            self.figures.held_frames += 1
            self._backoff = min(self._backoff * 1.5, 10.0)
            self._next_paint = now + self.interval
            return
        self._backoff = max(1.0, self._backoff * 0.9)
        self._paint(self._take_due())
        spent = self._clock.monotonic() - now
        self.figures.frames += 1
        self.figures.paint_seconds += spent
        self.figures.slowest_paint = max(self.figures.slowest_paint, spent)
        self._next_paint = now + max(self.interval, 4 * spent)

    def take_in(self, events: Sequence[Event]) -> None:
        """Apply and paint what the console itself asked for, whatever the pace."""
        self._paint(self._store.apply(events))

    def flush(self) -> None:
        """Apply everything and paint what is due at once."""
        seen_at = self._store.seen_at
        while self._apply():
            pass
        if self._has_due:
            self._paint(self._take_due())
        self._note_what_waits(seen_at, has_more=False)
        if not self._has_due and self._inbox.sleep():
            self._turns += 1  # what was appointed is done
            self._is_armed = False


def _raise(error: BaseException) -> None:
    raise error


def merge(into: Changes, more: Changes) -> None:
    """Add `more`, which came later, to `into`."""
    into.jobs -= more.jobs_gone
    into.instances -= more.instances_gone
    into.groups -= more.groups_gone
    into.jobs |= more.jobs
    into.instances |= more.instances
    into.groups |= more.groups
    into.jobs_gone |= more.jobs_gone
    into.instances_gone |= more.instances_gone
    into.groups_gone |= more.groups_gone
    into.health |= more.health


def writes_waiting(app: Any) -> int:
    """Return how many frames wait for the terminal.

    A look into Textual's private parts: its writer thread's queue is what tells a slow link.
    """
    driver = getattr(app, "_driver", None)
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    return 0 if queue is None else int(queue.qsize())
