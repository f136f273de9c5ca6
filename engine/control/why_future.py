"""Why a job will run next, or will not, as things stand."""

from engine.clock import HOUR, Instant
from engine.control.explanation import Draft
from engine.control.why_facts import Facts
from engine.control.why_words import duration, instance_words, moment, schedule_words
from engine.domain.eligibility import Obstacle
from engine.domain.schedule.clock_changes import clock_changes
from engine.domain.schedule.planner import planner_if_any, why_unplannable
from engine.domain.schedule.revision import Revision
from engine.domain.verdict import Reason

NEAR = 3 * HOUR  # a clock change this close to an instant is told with it
_LASTING = HOUR  # what holds for the moment bears on an instant no further away
_OF_THE_MOMENT = frozenset({"JOB-RUNNING", "JOB-HELD"})


def explain_next(facts: Facts, draft: Draft, after: Instant) -> Instant | None:
    """Explain the first due instant after `after`, not before now, and return it."""
    job = facts.job
    due = _next_due(facts, after)
    draft.say(f"It is scheduled {schedule_words(job.schedule)}")
    _tell_last_run(facts, draft)
    _tell_set_back(facts, draft)
    will_run = due is not None
    if due is None:
        _tell_nothing_due(facts, draft)
    else:
        draft.say(f"It is due at {moment(due, facts.timezone)}, in {duration(due - facts.now)}")
        tell_clock_change(facts, draft, due)
    is_earlier = job.trigger_at is not None and (due is None or job.trigger_at < due)
    if job.trigger_at is not None and is_earlier and not facts.view.is_stopped:
        draft.say(f"A trigger runs it earlier, at {moment(job.trigger_at, facts.timezone)}")
        will_run = True
    is_far = due is not None and due - facts.now > _LASTING
    for obstacle in facts.view.obstacles:
        if is_far and obstacle.reason is Reason.DRAINING:
            draft.say(
                "The engine is draining now, which says nothing of then: it runs if an engine is "
                "started before that"
            )
        elif obstacle.code == "STOPPED-JOB":
            will_run = False  # it is told with the schedule
        elif obstacle.blocks_schedule and not (is_far and obstacle.code in _OF_THE_MOMENT):
            tell_obstacle(facts, draft, obstacle)
            will_run = will_run and obstacle.code == "JOB-RUNNING"
    if not facts.alive:
        _tell_no_engine(facts, draft)
        will_run = False
    draft.verdict = "will run" if will_run else "will not run"
    return due


def tell_obstacle(facts: Facts, draft: Draft, obstacle: Obstacle) -> None:
    """Tell what keeps the job from running now; its message says who, when and what to do."""
    if obstacle.code == "JOB-INACTIVE":
        change = facts.change_before("JOB-DEACTIVATED", facts.now)
        if change is not None:
            draft.say(f"{change.who} deactivated it at {moment(change.created, facts.timezone)}")
    if obstacle.reason is Reason.PAUSED:
        draft.advise("`tocsin engine resume` lets it start jobs again.")
    draft.say(obstacle.message.rstrip("."))


def tell_clock_change(
    facts: Facts, draft: Draft, near: Instant, revision: Revision | None = None
) -> None:
    """Tell of a clock change close to `near` that touches the job, as it was scheduled then."""
    schedule = facts.job.schedule if revision is None else revision.schedule
    if why_unplannable(schedule):
        return
    for change in clock_changes(schedule, near - NEAR, 1):
        if change.at <= near + NEAR:
            draft.say(f"The clocks change, {change.local}: {change.effect}")


def _next_due(facts: Facts, after: Instant) -> Instant | None:
    job = facts.job
    anchor = facts.revisions[-1].anchor if facts.revisions else facts.now
    after = max(after, facts.now, _set_back_until(facts))
    planner = planner_if_any(job.schedule, anchor)
    due = None if planner is None else planner.next_after(after)
    if due is not None and job.expiry_date is not None and due >= job.expiry_date:
        return None
    return due


def tell_unplannable(facts: Facts, draft: Draft, why: str) -> None:
    """Tell that nobody knows what a schedule names, and what to do."""
    draft.say(f"Which instants that names nobody can tell: {why.rstrip('.')}")
    if why_unplannable(facts.job.schedule):
        draft.advise(
            f"`tocsin job schedule {facts.job.name}` gives it one in another zone (--timezone)."
        )


def _set_back_until(facts: Facts) -> Instant:
    """Return up to when nothing comes by again, since the clock was set back; 0: it was not."""
    return facts.set_back.until(facts.job, facts.revisions[-1] if facts.revisions else None)


def _tell_set_back(facts: Facts, draft: Draft) -> None:
    until = _set_back_until(facts)
    if until:
        draft.say(
            f"The clock was set back: up to {moment(until, facts.timezone)} everything has its "
            "verdict, and a fixed time does not come by twice"
        )


def _tell_last_run(facts: Facts, draft: Draft) -> None:
    newest = facts.started_between(None, facts.now + 1)
    if not newest:
        pruned = facts.pruned_until is not None
        draft.say("Its earlier runs are pruned" if pruned else "It has never run")
        return
    draft.say(f"Last: {instance_words(newest[0], facts.timezone)}")
    draft.instances.append(newest[0].job_instanceid)


def _tell_nothing_due(facts: Facts, draft: Draft) -> None:
    expiry = facts.job.expiry_date
    if why := why_unplannable(facts.job.schedule):
        tell_unplannable(facts, draft, why)
    elif expiry is None:
        draft.say("Its schedule names no instant before the year 2200")
    elif expiry > facts.now:
        draft.say(f"Nothing is due before it expires at {moment(expiry, facts.timezone)}")


def _tell_no_engine(facts: Facts, draft: Draft) -> None:
    down = facts.tail.downtimes("")
    since = f" since {moment(down[-1].since, facts.timezone)}" if down else ""
    draft.say(f"No engine is up{since}: nothing runs until one is started")
    draft.advise("`tocsin engine` starts one.")
