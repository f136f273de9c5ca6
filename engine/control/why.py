"""Why a job ran, did not run, or will not run next: the chain of causes in plain words.

Everything is looked up, nothing guessed: schedule revisions say what was due, instances and
verdicts what became of it, holds and the audit who threw a switch, sessions when no engine was up.
"""

from engine.clock import MINUTE, SECOND, Instant
from engine.control.context import Context
from engine.control.explanation import Draft, Explanation
from engine.control.jobs import Jobs
from engine.control.living import Living
from engine.control.why_facts import Facts
from engine.control.why_future import explain_next
from engine.control.why_history import in_force
from engine.control.why_past import explain_due, explain_not_due, explain_unknown
from engine.domain.schedule.dues import count_dues
from engine.domain.schedule.planner import planner_if_any, why_unplannable


class Why:
    """The service of explanations."""

    def __init__(self, context: Context, living: Living, jobs: Jobs) -> None:
        self._sources = (context, living, jobs)

    def explain(self, name: str, instant: Instant | None = None) -> Explanation:
        """Return why a job did or did not run at `instant`; None: why it will or will not run next.

        A full minute, or a full second, stands for the instant that the schedule names within it.

        Raises:
            NotFoundError: no job has this name.
        """
        facts = Facts.read(*self._sources, name)
        draft = Draft()
        if instant is None:
            asked = explain_next(facts, draft, facts.now)
        elif instant > facts.now:
            asked = self._future(facts, draft, instant)
        else:
            asked = self._past(facts, draft, instant)
        return draft.finish(name, facts.timezone, asked)

    def _future(self, facts: Facts, draft: Draft, instant: Instant) -> Instant:
        anchor = facts.revisions[-1].anchor if facts.revisions else facts.now
        planner = planner_if_any(facts.job.schedule, anchor)
        if planner is None:
            return explain_next(facts, draft, facts.now) or instant
        due = planner.next_after(instant - 1)
        if due is None or due >= _end_of(instant):
            explain_not_due(facts, draft, instant)
            return instant
        explain_next(facts, draft, due - 1)
        return due

    def _past(self, facts: Facts, draft: Draft, instant: Instant) -> Instant:
        revision = in_force(facts, instant)
        if revision is not None and (why := why_unplannable(revision.schedule)):
            explain_unknown(facts, draft, instant, revision, why)
            return instant
        found = count_dues(facts.revisions, instant - 1, min(_end_of(instant) - 1, facts.now))
        if found is None:
            explain_not_due(facts, draft, instant)
            return instant
        explain_due(facts, draft, found[0])
        return found[0]


def _end_of(instant: Instant) -> Instant:
    """Return the end of what an instant stands for: of its full minute or second, or itself."""
    for unit in (MINUTE, SECOND):
        if instant % unit == 0:
            return instant + unit
    return instant + 1
