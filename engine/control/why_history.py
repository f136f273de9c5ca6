"""Which schedule a job had when, and who changed it."""

from engine.clock import Instant
from engine.control.explanation import Draft
from engine.control.why_facts import Facts
from engine.control.why_words import moment, schedule_words
from engine.domain.schedule.revision import Revision

_CHANGED = "JOB-SCHEDULE-CHANGED"


def in_force(facts: Facts, at: Instant) -> Revision | None:
    """Return the schedule that was in force at `at`, be it expired or not."""
    for revision in reversed(facts.revisions):
        if revision.began_at < at and (revision.ended_at is None or at <= revision.ended_at):
            return revision
    return None


def tell_ended(facts: Facts, draft: Draft, revision: Revision) -> None:
    """Tell until when a schedule that is not in force any more was."""
    if revision.ended_at is not None:
        until = moment(revision.ended_at, facts.timezone)
        draft.say(f"That schedule was in force until {until}{_by(facts, revision.ended_at)}")


def tell_changed(facts: Facts, draft: Draft, revision: Revision) -> None:
    """Tell since when a schedule is in force, and which one it had before."""
    before = [each for each in facts.revisions if each.ended_at == revision.began_at]
    if before and before[-1].schedule != revision.schedule:
        since = moment(revision.began_at, facts.timezone)
        draft.say(
            f"It is in force since {since}{_by(facts, revision.began_at)}; before that the job "
            f"was scheduled {schedule_words(before[-1].schedule)}"
        )


def _by(facts: Facts, at: Instant) -> str:
    """Return who changed the schedule at `at`; "" where an operator did not."""
    made = next(
        (each for each in facts.changes if each.event == _CHANGED and each.created == at), None
    )
    return "" if made is None else f", when {made.who} changed it"
