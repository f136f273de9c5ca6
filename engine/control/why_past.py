"""What became of an instant that has passed, and why."""

from engine.clock import MINUTE, SECOND, Instant
from engine.control.explanation import Draft
from engine.control.why_facts import Facts
from engine.control.why_future import tell_clock_change, tell_unplannable
from engine.control.why_history import in_force, tell_changed, tell_ended
from engine.control.why_words import (
    duration,
    hold_advice,
    hold_words,
    instance_words,
    moment,
    schedule_words,
)
from engine.domain.instance import Instance, Status
from engine.domain.schedule.dues import window
from engine.domain.schedule.planner import planner_for
from engine.domain.schedule.revision import Revision
from engine.domain.verdict import Reason, Stretch, Verdict
from engine.persistence.cursors import Cursor

_PUNCTUAL = SECOND
_MOST_AROUND = 3


def explain_due(facts: Facts, draft: Draft, due: Instant) -> None:
    """Explain what became of a due instant, for each engine that answers for it."""
    revision = in_force(facts, due)
    if revision is not None:
        draft.say(f"It was due: scheduled {schedule_words(revision.schedule)}")
        tell_ended(facts, draft, revision)
    tell_clock_change(facts, draft, due, revision)
    instances, stretches = facts.answered(due), facts.stretches(due)
    owners = sorted({*facts.cursors, *instances, *stretches})
    for owner in owners:
        if len(owners) > 1:
            draft.head(f"On engine '{owner}'" if owner else "As single instance")
        if owner in instances:
            _tell_run(facts, draft, due, instances[owner], owner)
        elif owner in stretches:
            _tell_stretch(facts, draft, due, stretches[owner])
        else:
            _tell_unaccounted(facts, draft, due, owner)
    if not owners:
        draft.verdict = "unknown"
        draft.say("No engine accounts for this job yet")


def explain_not_due(facts: Facts, draft: Draft, instant: Instant) -> None:
    """Explain why nothing was due at `instant`, and what ran around it all the same."""
    draft.verdict = "not due"
    revision = in_force(facts, instant)
    if revision is None and instant <= facts.now:
        _tell_not_scheduled(facts, draft, instant)
    elif revision is not None and revision.expires_at and revision.expires_at <= instant:
        draft.say(f"It had expired at {moment(revision.expires_at, facts.timezone)}")
        draft.advise(f"`tocsin job expire {facts.job.name} never` schedules it again.")
    else:
        _tell_not_named(facts, draft, instant, revision)
    tell_clock_change(facts, draft, instant, revision)
    if facts.pruned_until is not None and instant <= facts.pruned_until:
        tell_pruned(facts, draft)
    _tell_runs_around(facts, draft, instant)


def explain_unknown(
    facts: Facts, draft: Draft, instant: Instant, revision: Revision, why: str
) -> None:
    """Explain what is recorded of an instant of which nobody can tell whether it was due."""
    if facts.answered(instant) or facts.stretches(instant):
        explain_due(facts, draft, instant)
        return
    draft.verdict = "unknown"
    draft.say(f"It was scheduled {schedule_words(revision.schedule)}")
    tell_unplannable(facts, draft, why)
    tell_ended(facts, draft, revision)
    _tell_runs_around(facts, draft, instant)


def tell_pruned(facts: Facts, draft: Draft) -> None:
    """Tell up to when the records of the job are gone."""
    if facts.pruned_until is not None:
        until = moment(facts.pruned_until, facts.timezone)
        draft.say(f"Its records before {until} are pruned: what became of it is known no more")
        draft.advise("`retention` in its definition says for how many days they are kept.")


def _tell_runs_around(facts: Facts, draft: Draft, instant: Instant) -> None:
    around = facts.started_between(instant - MINUTE, instant + MINUTE + 1)
    for each in sorted(around, key=lambda one: abs(one.started - instant))[:_MOST_AROUND]:
        _tell_around(facts, draft, each)


def _tell_around(facts: Facts, draft: Draft, instance: Instance) -> None:
    answers = f", for {moment(instance.due_at, facts.timezone)}" if instance.due_at else ""
    draft.say(f"Close to it {instance_words(instance, facts.timezone)}{answers}")
    draft.instances.append(instance.job_instanceid)


def _tell_not_scheduled(facts: Facts, draft: Draft, instant: Instant) -> None:
    job, zone = facts.job, facts.timezone
    if not facts.revisions:
        draft.say("No engine has scheduled it yet: a job that was never scheduled is never due")
        draft.advise("" if facts.alive else "`tocsin engine` starts an engine.")
        return
    began = facts.revisions[0].began_at
    if instant <= began:
        draft.say(f"It was not scheduled yet: that began at {moment(began, zone)}")
        return
    change = facts.change_before("JOB-DEACTIVATED", instant)
    ended = max(
        each.ended_at for each in facts.revisions if each.ended_at and each.ended_at < instant
    )
    if job.retired_at is not None and job.retired_at <= instant:
        draft.say(f"It was retired at {moment(job.retired_at, zone)}: its definition was gone")
        draft.advise("Load its definition again to bring it back.")
    elif change is not None and change.created >= ended:
        draft.say(f"It was not active: {change.who} deactivated it at {moment(ended, zone)}")
        draft.advise("" if job.active else f"`tocsin job activate {job.name}` schedules it again.")
    else:
        draft.say(f"It was not scheduled since {moment(ended, zone)}: inactive or retired")
    again = next((each.began_at for each in facts.revisions if each.began_at >= instant), None)
    if again is not None:
        draft.say(f"It is scheduled again since {moment(again, zone)}")


def _tell_not_named(
    facts: Facts, draft: Draft, instant: Instant, revision: Revision | None
) -> None:
    """Tell the nearest instants that the schedule names."""
    zone = facts.timezone
    if revision is None:
        anchor = facts.revisions[-1].anchor if facts.revisions else facts.now
        schedule, after = facts.job.schedule, facts.now
    else:
        anchor, schedule, after = revision.anchor, revision.schedule, window(revision)[0]
    draft.say(f"Its schedule, {schedule_words(schedule)}, does not name {moment(instant, zone)}")
    if revision is not None:
        tell_ended(facts, draft, revision)
        tell_changed(facts, draft, revision)
    planner = planner_for(schedule, anchor)
    before, following = planner.previous_at(instant), planner.next_after(instant)
    if before is not None and before > after:
        draft.say(f"Nearest before: {moment(before, zone)}")
    if following is not None:
        draft.say(f"Nearest after: {moment(following, zone)}")


def _tell_run(facts: Facts, draft: Draft, due: Instant, instance: Instance, owner: str) -> None:
    draft.verdict = draft.verdict or ("late" if instance.late else "ran")
    draft.instances.append(instance.job_instanceid)
    behind = instance.started - due
    late = f", {duration(behind)} after it was due" if behind >= _PUNCTUAL else ", on time"
    draft.say(f"It ran: {instance_words(instance, facts.timezone)}{late}")
    if instance.late or behind >= _PUNCTUAL:
        _tell_delay(facts, draft, due, instance, owner)
    if instance.jobstatus is Status.CRASH:
        _tell_made_up(facts, draft, instance)
    if instance.jobstatus in {Status.ERROR, Status.CRASH}:
        draft.advise(f"`tocsin instance show {instance.job_instanceid}` shows its errors.")


def _tell_made_up(facts: Facts, draft: Draft, crashed: Instance) -> None:
    """Tell which catch-up made up for a CRASH, if one did."""
    instant = crashed.due_at or crashed.stands_for
    later = facts.started_between(crashed.started + 1, facts.now + 1)
    made = [each for each in later if each.stands_for is not None and each.stands_for == instant]
    if made:
        draft.say(f"It was made up for: {instance_words(made[-1], facts.timezone)}")
        draft.instances.append(made[-1].job_instanceid)


def _tell_delay(
    facts: Facts, draft: Draft, due: Instant, instance: Instance | None, owner: str
) -> bool:
    """Tell what kept the job from running when it was due; False: nothing is known of it."""
    told = False
    for hold in facts.tail.holds_of(facts.job.jobid, owner):
        if hold.since <= due and (hold.until is None or due <= hold.until):
            draft.say(f"When it was due, {hold_words(hold, facts.timezone)}")
            draft.advise(hold_advice(hold, facts.job.name))
            told = True
    for down in facts.tail.downtimes(owner):
        if down.since < due <= down.until:
            since, until = (moment(at, facts.timezone) for at in (down.since, down.until))
            if down.reason is Reason.CLOCK_STEP:
                draft.say(f"It never came by: the clock was set forward, from {since} to {until}")
            else:
                draft.say(f"When it was due, no engine was up: from {since} to {until}")
            told = True
    before = facts.running_at(due)
    if before is not None and (instance is None or before.job_instanceid < instance.job_instanceid):
        draft.say(f"When it was due it was running: {instance_words(before, facts.timezone)}")
        draft.instances.append(before.job_instanceid)
        told = True
    return told


def _tell_stretch(facts: Facts, draft: Draft, due: Instant, stretch: Stretch) -> None:
    draft.verdict = draft.verdict or str(stretch.verdict)
    zone = facts.timezone
    extent = ""
    if stretch.count > 1:
        others = "another" if stretch.count == 2 else f"{stretch.count - 1} others"  # noqa: PLR2004
        extent = (
            f" with {others}, from {moment(stretch.first_due, zone)} "
            f"to {moment(stretch.last_due, zone)}"
        )
    if stretch.verdict is Verdict.COALESCED:
        _tell_coalesced(facts, draft, due, stretch, extent)
        return
    detail = f" ({stretch.detail})" if stretch.detail else ""
    draft.say(f"It was {stretch.verdict}{extent}: {stretch.reason or 'no reason'}{detail}")
    told = _tell_delay(facts, draft, due, None, stretch.engine_key)
    if stretch.reason is Reason.OVERLAP:
        _tell_switch_after(facts, draft, due, stretch.engine_key)
    if stretch.verdict is Verdict.MISSED and not facts.job.run_skipped:
        draft.say("run_skipped is off, so nothing was caught up")
        draft.advise("`run-skipped: true` in its definition runs it once after a downtime.")
    elif stretch.reason is Reason.HELD and not told:
        draft.say("It is single-instance: one session at a time runs it")


def _tell_switch_after(facts: Facts, draft: Draft, due: Instant, owner: str) -> None:
    """Tell which switch took the catch-up of an overrun away."""
    later = [each for each in facts.tail.holds_of(facts.job.jobid, owner) if each.since >= due]
    if later:
        hold = min(later, key=lambda each: each.since)
        draft.say(f"Before it was free, {hold_words(hold, facts.timezone)}")
        draft.advise(hold_advice(hold, facts.job.name))


def _tell_coalesced(
    facts: Facts, draft: Draft, due: Instant, stretch: Stretch, extent: str
) -> None:
    number = stretch.job_instanceid
    draft.say(f"It was coalesced{extent} into instance {number}: one run stands for all of them")
    instance = None if number is None else facts.instance(number)
    _tell_delay(facts, draft, due, instance, stretch.engine_key)
    if instance is None:
        draft.say("The record of that run is pruned")
    else:
        draft.instances.append(instance.job_instanceid)
        draft.say(f"That is: {instance_words(instance, facts.timezone)}")


def _tell_unaccounted(facts: Facts, draft: Draft, due: Instant, owner: str) -> None:
    """Explain an instant with no verdict: not reached yet, no longer known, or a fault."""
    cursor = facts.cursors.get(owner, Cursor(due, due))
    if due <= cursor.began_at:
        draft.verdict = draft.verdict or "unknown"
        since = moment(cursor.began_at, facts.timezone)
        if facts.pruned_until is not None and due <= facts.pruned_until:
            tell_pruned(facts, draft)
        else:
            draft.say(f"This account begins after {since}: nobody answered for it before")
        return
    if due <= cursor.accounted_until:
        draft.verdict = "unexplained"
        draft.say("The store holds no verdict for it, though it should: this is a fault")
        draft.advise("`tocsin doctor` checks the store; keep a copy of it with `tocsin backup`.")
        return
    _tell_tail(facts, draft, due, owner)


def _tell_tail(facts: Facts, draft: Draft, due: Instant, owner: str) -> None:
    """Explain an instant that no engine has come to so far."""
    _tell_delay(facts, draft, due, None, owner)
    is_down = any(down.since < due <= down.until for down in facts.tail.downtimes(owner))
    is_held = any(
        hold.since <= due and (hold.until is None or due <= hold.until)
        for hold in facts.tail.holds_of(facts.job.jobid, owner)
    )
    running = facts.running_at(due)
    if is_held or is_down:
        draft.verdict = draft.verdict or ("skipped" if is_held else "missed")
        if facts.job.run_skipped:
            draft.say("One run catches it up when the job can run again (run_skipped is on)")
    elif running is not None and running.completed is None:
        draft.verdict = draft.verdict or "pending"
        draft.say("It waits for the end of that run, and is then caught up")
    elif not facts.alive:
        draft.verdict = draft.verdict or "pending"
        draft.say("The engine ended before it came to it: the next start accounts for it")
    elif facts.tail.are_slots_taken({each.sessionid for each in facts.tail.of_owner(owner)}):
        draft.verdict = draft.verdict or "pending"
        most = facts.tail.max_parallel
        draft.say(f"It waits for another run to end: {most} may go on at once (max-parallel)")
        draft.advise("`tocsin instance list --status IN-PROGRESS` names what runs.")
    elif owner and owner not in {each.engine_key for each in facts.tail.alive}:
        draft.verdict = draft.verdict or "pending"
        draft.say(
            f"It waits for the engine '{owner}', which is not up: its next start accounts for it"
        )
        draft.advise(f"`tocsin session forget {owner}` ends its account if it will not come back.")
    else:
        draft.verdict = draft.verdict or "pending"
        draft.say("It waits for the engine, which has not come to it yet")
    if not facts.alive:
        draft.advise("`tocsin engine` starts an engine.")
