"""Which expiries were told so long ago that the alert that told of them is pruned."""

from engine.clock import DAY, Instant
from engine.persistence.pruning import ANSWERED_DAYS
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Context


class LongTold:
    """Knows them when an engine reads its jobs: an alert that is kept tells of all later ones.

    An expiry that passed while no engine was up is told by the first one that comes, however late.
    """

    def __init__(self, context: Context, now: Instant) -> None:
        started = context.session.started
        kept_since = now - round(ANSWERED_DAYS * DAY)
        lives_on = started <= kept_since  # this session told all that is older
        self._lived = now if lives_on else context.downtimes.lived_until(started)
        self._until = min(self._lived, kept_since)

    def __contains__(self, entry: Entry) -> bool:
        expiry = entry.job.expiry_date
        if expiry is None or expiry > self._until or entry.obstacle is not None:
            return False  # a job that a switch holds is told of when it is let go
        return bool(entry.revisions) and entry.revisions[-1].began_at <= self._lived
