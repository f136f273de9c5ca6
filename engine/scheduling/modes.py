"""Pause, resume, drain, stop: what the engine as a whole may do.

While it is paused, draining or stopping a hold is open for all its jobs: due instants pass, nothing
is written for them, and the hold tells later why they were skipped.
"""

from collections.abc import Mapping
from typing import Any

from engine.clock import Instant, to_iso
from engine.domain.eligibility import DRAINING, PAUSED, RUNNING, STOPPING
from engine.domain.instance import Ending
from engine.domain.verdict import Hold, Reason
from engine.errors import EngineError
from engine.events import Event, EventKind
from engine.persistence import holds, sessions
from engine.persistence.transaction import Transaction
from engine.scheduling.asked import Asked
from engine.scheduling.context import Context, Effects

_REASONS = {PAUSED: Reason.PAUSED, DRAINING: Reason.DRAINING, STOPPING: Reason.DRAINING}


class Modes:
    """Turns the engine's own switch."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.stop_by: float | None = None  # monotonic: when the runs have had their grace
        self.hold: Hold | None = None  # what the switch keeps from running; None: nothing

    def pause(self, asked: Asked) -> Mapping[str, Any]:
        """Claim nothing until resumed; runs go on."""
        if (mode := self._mode(asked.effects)) in {DRAINING, STOPPING}:
            raise EngineError(f"The engine is {mode}; it will not run on.")
        return self._answer(asked, PAUSED, "ENGINE-PAUSED")

    def resume(self, asked: Asked) -> Mapping[str, Any]:
        """Claim again: what passed meanwhile is accounted for, and caught up."""
        if self._mode(asked.effects) == STOPPING:
            raise EngineError("The engine is stopping; it cannot be resumed.")
        return self._answer(asked, RUNNING, "ENGINE-RESUMED")

    def drain(self, asked: Asked) -> Mapping[str, Any]:
        """Claim nothing more, and stop when the last run has ended."""
        if self._mode(asked.effects) == STOPPING:
            raise EngineError("The engine is stopping already.")
        return self._answer(asked, DRAINING, "ENGINE-DRAINING")

    def stop(self, asked: Asked) -> Mapping[str, Any]:
        """Claim nothing more, ask the runs to stop, and end what is left after a grace."""
        grace = asked.request.payload.get("grace")
        self.begin_stop(
            asked.tx,
            asked.effects,
            asked.now,
            None if grace is None else float(grace),
            who=asked.request.who,
        )
        asked.audit("ENGINE-STOPPING", "session", str(self._context.session.sessionid), None)
        return {"mode": STOPPING}

    def begin_stop(
        self,
        tx: Transaction,
        effects: Effects,
        now: Instant,
        grace: float | None = None,
        *,
        who: str = "",
    ) -> None:
        """Start to stop; `grace` seconds for the runs (None: the setting).

        All of them are asked to stop, those that this very transaction claims as well.
        """
        context = self._context
        seconds = context.settings.grace_seconds if grace is None else grace
        by = context.clock.monotonic() + seconds
        effects.then.append(lambda: self._stops(effects, seconds, by))
        if self._mode(effects) != STOPPING:
            self._change(tx, effects, STOPPING, now, who)

    def _stops(self, effects: Effects, seconds: float, by: float) -> None:
        self.stop_by = by
        running = self._context.running
        effects.cancel += [(number, seconds, Ending.ENGINE_STOPPED) for number in running]

    def stay_paused(self, tx: Transaction, hold: Hold, effects: Effects, now: Instant) -> None:
        """Begin paused, as the engine was under `hold` in the life before."""
        self._change(tx, effects, PAUSED, now, hold.who)

    def close(self, tx: Transaction, now: Instant) -> None:
        """End this engine's own holds: the session ends, and with it what they tell."""
        holds.close_of_engine(tx, self._context.key, now)

    def _mode(self, effects: Effects) -> str:
        """Return what the engine is by now, with what was asked before in the same turn."""
        return effects.mode or self._context.mode

    def _answer(self, asked: Asked, mode: str, event: str) -> Mapping[str, Any]:
        context = self._context
        if self._mode(asked.effects) == mode:
            return {"mode": mode, "message": f"the engine is {mode} already"}
        self._change(asked.tx, asked.effects, mode, asked.now, asked.request.who)
        asked.audit(event, "session", str(context.session.sessionid), {"mode": mode})
        return {"mode": mode, "message": f"engine '{context.key}' is {mode}"}

    def _change(self, tx: Transaction, effects: Effects, mode: str, now: Instant, who: str) -> None:
        context = self._context
        holds.close_of_engine(tx, context.key, now)
        sessions.set_mode(tx, context.session.sessionid, mode)
        hold = None
        if mode in _REASONS:
            hold = Hold(None, _REASONS[mode], now, who=who, engine_key=context.key)
            holds.open_hold(tx, hold)
        by = f" by {who}" if who else ""
        effects.engine_lines.append(f"engine is {mode}{by} at {to_iso(now)}")
        effects.events.append(Event(EventKind.ENGINE_MODE, now, mode, context.key))
        effects.mode = mode
        effects.then.append(lambda: self._changed(mode, hold, effects, now))

    def _changed(self, mode: str, hold: Hold | None, effects: Effects, now: Instant) -> None:
        if mode != effects.mode:
            return  # the same turn went on to another
        context = self._context
        held = context.mode != RUNNING
        context.mode, self.hold = mode, hold
        while mode != RUNNING and context.inbox.due:  # what waited for a slot passes as held
            waiting = context.inbox.due.popleft()
            waiting.queued = False
            context.agenda.plan(waiting, now)
            context.inbox.held_up.append(waiting)
        if mode != RUNNING and not held:
            passed = (e for e in context.agenda if e.wake_at is not None and e.wake_at <= now)
            context.inbox.held_up += passed
        if mode == RUNNING and held:
            for entry in context.agenda:
                if entry.wake_at is not None and entry.wake_at <= now:
                    entry.fresh = True
