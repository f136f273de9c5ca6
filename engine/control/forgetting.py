"""Forget an engine that will not come back: nothing is due for it any more.

A job that every engine runs has an account for each of them. That of an engine that was removed for
good would go on, and miss every instant, for ever. So what it has not accounted for gets its
verdicts, and its accounts end. Should the engine come back it begins anew, as one that was never
there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import Instant, to_iso, to_text
from engine.control.actor import Actor
from engine.control.context import Change, Context
from engine.control.ledger_tail import Tail
from engine.control.living import Living
from engine.domain.catch_up import account
from engine.domain.downtime import last_sign
from engine.domain.schedule.dues import count_dues
from engine.domain.schedule.revision import Revision
from engine.domain.session import Session, SessionStatus
from engine.domain.verdict import Reason, Stretch, Verdict
from engine.errors import EngineError, NotFoundError
from engine.persistence import alerts, cursors, holds, jobs, revisions, sessions, verdicts
from engine.persistence.cursors import Advance, Cursor
from engine.persistence.transaction import Transaction

_NO_CATCH_UP = "run_skipped is off"  # what an account says of downtimes: here nobody is left for it


class Forgotten(Struct, frozen=True):
    """What became of an engine's accounts."""

    key: str
    jobs: int  # whose account ended
    missed: int  # due instants that it had left open; those that a switch held are not counted
    since: Instant | None  # when it lived last; None: nothing tells

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        since = None if self.since is None else to_iso(self.since)
        return {"instance": self.key, "jobs": self.jobs, "missed": self.missed, "last_sign": since}


def forget(context: Context, living: Living, key: str, actor: Actor) -> Forgotten:
    """End every account of the engine `key`, and write what it left open.

    Raises:
        NotFoundError: no engine of this key is known.
        EngineError: it is alive, or its last session was not rescued yet.
    """
    alive = {each.sessionid for each in living.engines()}
    with context.change(actor) as change:
        tx, now = change.tx, change.now
        lived = sessions.of_engine(tx, key)
        _check(tx, key, lived, alive)
        last = max((last_sign(each, now, _is_over) for each in lived), default=None)
        _end_what_it_left(tx, key, now if last is None else last, now)
        ending = cursors.of_engine(tx, key)
        told = _settle(change, context, key, ending)
        cursors.end_of_engine(tx, key, now)
        missed = sum(each.count for each in told if each.verdict is Verdict.MISSED)
        seen = "" if last is None else f"last seen at {to_text(last)}; "
        change.record(
            "ENGINE-FORGOTTEN",
            "engine",
            key,
            reason=f"{seen}accounts ended: {len(ending)}; due instants missed: {missed}",
        )
    return Forgotten(key, len(ending), missed, last)


def _check(tx: Transaction, key: str, lived: Sequence[Session], alive: set[int]) -> None:
    if not lived:
        known = {each.engine_key for each in sessions.all_sessions(tx)}
        raise NotFoundError("engine", key, sorted(known), listing="tocsin session list")
    for each in lived:
        if each.sessionid in alive:
            raise EngineError(
                f"Engine '{key}' is alive: pid {each.pid} on host {each.host}, since "
                f"{to_text(each.started)}. Stop it first: `tocsin --instance {key} engine stop`."
            )
        if each.status in {SessionStatus.ACTIVE, SessionStatus.ABNORMAL}:
            raise EngineError(
                f"Session {each.sessionid} of engine '{key}' was not rescued yet, and may be "
                "alive. Another engine rescues it when its lease has ended: try again then, and "
                "start one with `tocsin engine` if there is none."
            )


def _end_what_it_left(tx: Transaction, key: str, last: Instant, now: Instant) -> None:
    """End its pause or drain when it lived last, and the alerts about it now."""
    for reason in (Reason.PAUSED, Reason.DRAINING):
        holds.close_holds(tx, None, reason, last, engine_key=key)
    for each in alerts.current(tx):
        if each.kind == "ongoing" and (each.object_type, each.object_name) == ("engine", key):
            alerts.clear_alert(tx, each.alert, each.object_type, each.object_name, now)


def _settle(
    change: Change, context: Context, key: str, ending: Mapping[int, Cursor]
) -> list[Stretch]:
    """Give every due instant that it left open its verdict, and return the verdicts."""
    tx, now = change.tx, change.now
    tail = Tail.read(tx, context.database, context.settings, now, ())
    oldest = min((each.accounted_until for each in ending.values()), default=now)
    history = revisions.since(tx, oldest)
    told: list[Stretch] = []
    moved: list[Advance] = []
    for job in jobs.get_many(tx, sorted(ending)):
        if tail.concerns(job, key):
            after = max(ending[job.jobid].began_at, ending[job.jobid].accounted_until)
            told += _left_open(tail, job.jobid, key, history.get(job.jobid, ()), after, now)
            moved.append(Advance(job.jobid, key, now))
    named = [_named(each, key, change.actor.who) for each in told]
    verdicts.add_many(tx, named, now)
    cursors.advance_many(tx, moved)
    return named


def _left_open(
    tail: Tail, jobid: int, key: str, history: Sequence[Revision], after: Instant, now: Instant
) -> Sequence[Stretch]:
    return account(
        jobid,
        key,
        count=lambda since, until: count_dues(history, since, until),
        after=after,
        until=now,
        run_skipped=False,
        holds=tail.holds_of(jobid, key),
        downtimes=tail.downtimes(key),
    ).stretches


def _named(stretch: Stretch, key: str, who: str) -> Stretch:
    """Return what was missed as what it is: nobody is left to catch it up."""
    if stretch.verdict is not Verdict.MISSED:
        return stretch
    before = stretch.detail.removesuffix(_NO_CATCH_UP)
    reason = Reason.FORGOTTEN if stretch.reason is Reason.RUN_SKIPPED_OFF else stretch.reason
    return replace(stretch, reason=reason, detail=f"{before}engine '{key}' was forgotten by {who}")


def _is_over(session: Session) -> bool:
    del session
    return False
