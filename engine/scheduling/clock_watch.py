"""Notice that the wall clock was set, and neither flood nor fall silent for it.

A step is a change of the wall clock against the monotonic one of more than a second between two
looks. It is recorded as event, alert and audit, and then:

- forward, under 3 hours: the instants inside are due now, and coalesce as after an overrun;
- forward, 3 hours and more: a correction; they are catch-up, as after downtime;
- back: nothing that has its verdict gets another one. Under 3 hours jobs at fixed times wait until
  the clock is there again, as Debian's cron does. Recurring jobs and those with a wildcard in
  minute or hour go on: they run at the repeated instants too, as runs that name the instant they
  stand for and answer for none. From 3 hours on, all jobs do.
"""

from engine.clock import HOUR, SECOND, Clock, Instant, to_iso
from engine.domain.schedule import CronSchedule
from engine.events import Event, EventKind
from engine.persistence import audit, holds
from engine.scheduling.agenda import Entry
from engine.scheduling.alerting import CLOCK_STEP, Alerting
from engine.scheduling.context import Context, Effects

SMALLEST_STEP = 1 * SECOND
CORRECTION = 3 * HOUR


class ClockWatch:
    """Compares the two clocks at every turn."""

    def __init__(self, context: Context, alerting: Alerting) -> None:
        self._context = context
        self._alerting = alerting
        self._clock: Clock = context.clock
        self._offset = self._read()

    def look(self) -> None:
        """See whether the clock was set since the last look, and act on it.

        Raises:
            StoreError: the step could not be recorded; the next look finds it again.
        """
        offset = self._read()
        step = offset - self._offset
        if abs(step) > SMALLEST_STEP:
            self.stepped(step, self._clock.now())
        self._offset = offset

    def stepped(self, step: Instant, now: Instant) -> None:
        """Take in that the clock was set by `step` microseconds, and shows `now`."""
        effects = Effects()
        self._record(step, now, effects)
        context = self._context
        if step >= CORRECTION:
            context.downtimes.add_correction(now - step, now)
            for entry in context.agenda:
                entry.fresh = entry.fresh or (entry.wake_at is not None and entry.wake_at <= now)
        elif step < 0:
            for entry in context.agenda:
                _go_on(entry, now, correction=-step >= CORRECTION)
                if entry.repeat_after is not None:
                    context.agenda.plan(entry, now)
        context.journal.write_all(effects.engine_lines, "WARN")
        context.bus.publish(effects.events)

    def resume(self, now: Instant) -> None:
        """Go on, after the store was read, where the clock is behind what is accounted for.

        The instants of a job that engines share may have been accounted for by one whose clock is
        a little ahead of ours: there only what is no clock's error counts.
        """
        context = self._context
        is_shared = context.database.dialect != "sqlite"
        for entry in context.agenda:
            least = CORRECTION if is_shared and entry.owner == "" else SMALLEST_STEP
            behind = 0 if entry.cursor is None else entry.cursor - now
            if behind > least:
                _go_on(entry, now, correction=behind >= CORRECTION)
                if entry.repeat_after is not None:
                    context.agenda.plan(entry, now)

    def _record(self, step: Instant, now: Instant, effects: Effects) -> None:
        context = self._context
        way = "forward" if step > 0 else "back"
        seconds = abs(step) / SECOND
        reason = f"the clock was set {way} by {seconds:.3f} s, to {to_iso(now)}"
        effects.engine_lines.append(reason)
        effects.events.append(Event(EventKind.CLOCK_STEP, now, step, context.key))
        with context.database.begin() as tx:
            self._alerting.raise_transient(
                tx, CLOCK_STEP, "engine", context.key, reason, effects, now
            )
            if step < 0:
                holds.set_back(tx, now - step, now, context.key)
            audit.add(
                tx,
                event="CLOCK-STEP",
                object_type="session",
                object_name=str(context.session.sessionid),
                who=f"engine {context.key}",
                source=context.session.host,
                created=now,
                reason=reason,
                after={"microseconds": step},
            )

    def _read(self) -> Instant:
        return self._clock.now() - round(self._clock.monotonic() * SECOND)


def _go_on(entry: Entry, now: Instant, *, correction: bool) -> None:
    """Have a job run at the instants that come by again, if it is one that does."""
    if entry.cursor is None or entry.cursor <= now:
        return
    if correction or entry.repeat_after is not None or _is_by_elapsed_time(entry):
        entry.repeat_after = now


def _is_by_elapsed_time(entry: Entry) -> bool:
    schedule = entry.job.schedule
    if not isinstance(schedule, CronSchedule):
        return True
    return schedule.minute.startswith("*") or schedule.hour.startswith("*")
