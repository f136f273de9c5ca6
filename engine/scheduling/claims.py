"""Claim what is due: the instance, the cursor and the verdicts of what passed, in one transaction.

No claim, no run. Of several instants that passed, the last one runs and the earlier ones coalesce
into it: an overrun, a busy machine and a full house all give one run, never a queue of them. A due
job that finds no free slot waits unclaimed, and its cursor waits with it, so that nothing is lost.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from engine.clock import MICROSECOND, Instant
from engine.domain.catch_up import joined
from engine.domain.eligibility import describe_holder
from engine.domain.instance import Cause
from engine.domain.verdict import Reason, Stretch, Verdict
from engine.persistence import cursors, instance_queries, instances, sessions, verdicts
from engine.persistence.cursors import Advance
from engine.persistence.instances import Claim
from engine.persistence.transaction import Transaction
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Context, Effects, Run
from engine.scheduling.holders import holders
from engine.scheduling.missed import Missed
from engine.scheduling.programs import Programs
from engine.scheduling.reporting import tell_claimed
from engine.scheduling.triggers import Triggers
from engine.scheduling.wanted import Claimed, Wanted

_JUST_ENDED = "the other session's run ended at that moment"
_LOOKED_AT = 20  # newest runs of a job, to find the one of an instant


class Claims:
    """Decides and claims."""

    def __init__(self, context: Context, missed: Missed, programs: Programs) -> None:
        self._context = context
        self._missed = missed
        self._triggers = Triggers(context, missed)
        self._programs = programs

    def due(
        self, tx: Transaction, entries: Sequence[Entry], now: Instant, effects: Effects
    ) -> list[Wanted]:
        """Return what the due `entries` want: at most one run each, and their verdicts."""
        entries = self._ours(tx, entries)
        fresh = [entry for entry in entries if entry.fresh]
        effects.then += [entry.settled for entry in fresh]
        effects.then += [entry.made_up for entry in entries if entry.crashed is not None]
        wanted = self._missed.account(tx, fresh, now) if fresh else []
        settled = {each.entry.job.jobid: each.runs for each in wanted}
        for entry in entries:
            runs = settled.get(entry.job.jobid)
            if runs is False:
                continue  # nothing runs for what passed: its trigger has the next turn
            # One that came late joins the due run.
            trigger = self._triggers.take(tx, entry, now, effects)
            if runs:
                continue
            crash = self._missed.of_crash(tx, entry, now)
            found = self._of_schedule(entry, now) or crash or trigger
            if found is not None:
                wanted.append(found)
        return wanted

    def held_up(self, tx: Transaction, entries: Sequence[Entry], now: Instant) -> list[Wanted]:
        """Return the verdicts of what a switch took away from `entries`."""
        return self._missed.held_up(tx, self._ours(tx, entries), now)

    def _of_schedule(self, entry: Entry, now: Instant) -> Wanted | None:
        cursor = entry.cursor
        if cursor is None:
            return None
        due = entry.next_due(cursor)
        if due is None or due > now:
            return None if entry.repeat_after is None else self._of_repeat(entry, now)
        entry.repeat_after = None
        after = entry.next_due(due)
        if after is None or after > now:
            return Wanted(entry, Cause.SCHEDULE, due, late=due <= entry.busy_until, until=due)
        passed = entry.count(cursor, now)
        assert passed is not None  # noqa: S101 - `due` is one
        first, last, number = passed
        before = entry.count(cursor, last - MICROSECOND)
        assert before is not None  # noqa: S101
        coalesced = Stretch(
            entry.job.jobid,
            Verdict.COALESCED,
            first,
            before[1],
            number - 1,
            engine_key=entry.owner,
        )
        return Wanted(entry, Cause.SCHEDULE, last, late=True, until=last, stretches=(coalesced,))

    def _of_repeat(self, entry: Entry, now: Instant) -> Wanted | None:
        """After the clock went back: instants that have their verdict come by again."""
        assert entry.repeat_after is not None  # noqa: S101
        last = None
        due = entry.next_repeat(entry.repeat_after)
        while due is not None and due <= now:
            last = due
            due = entry.next_repeat(due)
        if due is None:
            entry.repeat_after = None  # the clock is where it was before
        if last is None:
            return None
        return Wanted(entry, Cause.SCHEDULE, stands_for=last, repeats_until=last)

    def _ours(self, tx: Transaction, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Leave out what a peer accounts for at this moment, and see how far peers have come."""
        shared = [entry.job.jobid for entry in entries if entry.owner == ""]
        if not shared or tx.dialect == "sqlite":  # where one engine owns the store
            return entries
        locked = cursors.lock_shared(tx, shared)
        later = self._context.clock.now() + self._context.agenda.turns.pause
        ours = []
        for entry in entries:
            if entry.owner == "":
                if entry.job.jobid not in locked:
                    entry.not_before = later
                    continue
                if entry.cursor is not None and locked[entry.job.jobid] > entry.cursor:
                    entry.move_cursor(locked[entry.job.jobid])
            ours.append(entry)
        return ours

    def claim(
        self, tx: Transaction, wanted: Sequence[Wanted], now: Instant, effects: Effects
    ) -> Claimed:
        """Claim what is wanted, move cursors, write verdicts, and hand over what was granted.

        Raises:
            SessionDeadError: the session is not ACTIVE any more; nothing was written.
        """
        context = self._context
        claimed = Claimed()
        runs = [each for each in wanted if each.runs]
        claimed.accounted = [each for each in wanted if not each.runs]
        if claimed.accounted and not runs:  # else the claims look
            sessions.must_live(tx, context.session.sessionid)
        ids = instances.next_ids(tx, len(runs)) if runs else ()
        claims = [self._claim(each, number, now) for each, number in zip(runs, ids, strict=True)]
        granted = instances.claim_many(tx, claims)
        refused: list[Wanted] = []
        for each, claim in zip(runs, claims, strict=True):
            if claim.job_instanceid in granted:
                claimed.runs.append((each, self._run(each, claim)))
            else:
                refused.append(each)
        claimed.accounted += self._refused(tx, refused)
        self._write(tx, claimed, now)
        options = {
            run.job_instanceid: each.options
            for each, run in claimed.runs
            if each.options is not None
        }
        effects.submit += self._programs.specs(tx, [run for _, run in claimed.runs], options)
        for each, run in claimed.runs:
            tell_claimed(context, effects, run, each.stretches)
        return claimed

    def settle(self, claimed: Claimed) -> None:
        """Let memory follow what is durable."""
        context = self._context
        for each, run in claimed.runs:
            context.running[run.job_instanceid] = run
            each.entry.running += (run.job_instanceid,)
            self._moved(each)
        for each in claimed.accounted:
            self._moved(each)

    def _moved(self, each: Wanted) -> None:
        entry = each.entry
        if each.until is not None:
            entry.settled()
            entry.move_cursor(each.until)
        if each.repeats_until is not None and entry.repeat_after is not None:
            entry.repeat_after = each.repeats_until

    def _claim(self, each: Wanted, number: int, now: Instant) -> Claim:
        context, job = self._context, each.entry.job
        return Claim(
            job_instanceid=number,
            jobid=job.jobid,
            sessionid=context.session.sessionid,
            started=now,
            cause=each.cause,
            due_at=each.due_at,
            engine_key=each.entry.owner,
            single_instance=job.single_instance and not each.forced,
            late=each.late,
            stands_for=each.stands_for,
            who=each.who,
            options=each.options if each.options is not None else job.options or None,
            requestid=each.requestid,
            host=context.session.host,
        )

    def _run(self, each: Wanted, claim: Claim) -> Run:
        job = each.entry.job
        return Run(
            job_instanceid=claim.job_instanceid,
            job=job,
            started=claim.started,
            due_at=claim.due_at,
            cause=claim.cause,
            log_file=self._context.log_file(job),
            who=claim.who,
            late=claim.late,
            stands_for=claim.stands_for,
            owns=claim.single_instance,
        )

    def _refused(self, tx: Transaction, refused: Sequence[Wanted]) -> list[Wanted]:
        """Account for due instants whose claim was not granted.

        A single_instance job that another session runs skips them, even if that run has just ended
        and its session cannot be named any more. Any other has its instance for that instant
        already, and with it its verdict.
        """
        if not refused:
            return []
        held_by = holders(tx, [each.entry.job.jobid for each in refused])
        accounted = []
        for each in refused:
            if each.due_at is None:
                if each.repeats_until is not None:  # what comes by again has its verdict
                    accounted.append(each)
                continue
            holder = held_by.get(each.entry.job.jobid)
            if holder is not None:
                each.stretches = _held(each, describe_holder(holder))
            elif each.entry.job.single_instance and not _has_run(tx, each):
                each.stretches = _held(each, _JUST_ENDED)
            else:
                each.stretches = ()
            accounted.append(each)
        return accounted

    def _write(self, tx: Transaction, claimed: Claimed, now: Instant) -> None:
        moved = [each for each, _ in claimed.runs] + claimed.accounted
        cursors.advance_many(
            tx,
            [
                Advance(each.entry.job.jobid, each.entry.owner, each.until)
                for each in moved
                if each.until is not None
            ],
        )
        stretches = [
            replace(stretch, job_instanceid=run.job_instanceid)
            if stretch.verdict is Verdict.COALESCED
            else stretch
            for each, run in claimed.runs
            for stretch in each.stretches
        ]
        stretches += [stretch for each in claimed.accounted for stretch in each.stretches]
        verdicts.add_many(tx, stretches, now)


def _has_run(tx: Transaction, each: Wanted) -> bool:
    newest = instance_queries.query(tx, job=each.entry.job.jobid, limit=_LOOKED_AT)
    return any(instance.due_at == each.due_at for instance in newest)


def _held(each: Wanted, detail: str) -> tuple[Stretch, ...]:
    """Return the verdicts where a claim was refused: held is what its run would have answered."""
    assert each.due_at is not None  # noqa: S101 - only due instants have verdicts
    jobid, due, owner = each.entry.job.jobid, each.due_at, each.entry.owner
    held = Stretch(jobid, Verdict.SKIPPED, due, due, 1, Reason.HELD, detail, owner)
    told = [
        replace(stretch, verdict=held.verdict, reason=held.reason, detail=detail)
        if stretch.verdict is Verdict.COALESCED
        else stretch
        for stretch in each.stretches
    ]
    return tuple(joined([*told, held]))
