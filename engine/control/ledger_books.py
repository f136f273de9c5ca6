"""What the store holds about a window of the ledger, and the accounts that are settled from it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from engine.clock import Instant
from engine.domain.account import Account, Answers, note_unknown, settle
from engine.domain.schedule.revision import Revision
from engine.domain.verdict import Stretch
from engine.persistence import accounts, cursors, revisions, verdicts
from engine.persistence.cursors import Cursor
from engine.persistence.transaction import Transaction


class Books(Struct, frozen=True):
    """Everything that is recorded about a window, by job and owner."""

    since: Instant
    until: Instant
    history: Mapping[int, Sequence[Revision]]
    cursors: Mapping[tuple[int, str], Cursor]
    ran: Mapping[tuple[int, str], list[Instant]]
    late: Mapping[tuple[int, str], list[Instant]]
    stretches: Mapping[tuple[int, str], list[Stretch]]

    @classmethod
    def read(cls, tx: Transaction, since: Instant, until: Instant, jobid: int | None) -> "Books":
        """Read what is recorded of one job; None: of all."""
        if jobid is None:
            history, known = revisions.since(tx, since), cursors.every(tx)
        else:
            history = {jobid: revisions.of_job(tx, jobid)}
            known = {(jobid, key): one for key, one in cursors.of_job(tx, jobid).items()}
        ran: dict[tuple[int, str], list[Instant]] = defaultdict(list)
        late: dict[tuple[int, str], list[Instant]] = defaultdict(list)
        for number, owner, due, is_late in accounts.answered(tx, since, until, jobid):
            ran[number, owner].append(due)
            if is_late:
                late[number, owner].append(due)
        stretches: dict[tuple[int, str], list[Stretch]] = defaultdict(list)
        for stretch in verdicts.between(tx, since, until, jobid):
            stretches[stretch.jobid, stretch.engine_key].append(stretch)
        return cls(since, until, history, known, ran, late, stretches)

    def owners(self) -> dict[int, list[str]]:
        """Return the owners under which anything is known of each job."""
        found: dict[int, list[str]] = defaultdict(list)
        for jobid, owner in sorted({*self.cursors, *self.ran, *self.stretches}):
            found[jobid].append(owner)
        return found

    def handed_over(self, jobid: int, owner: str, owners: Iterable[str]) -> Instant:
        """Return up to where a job was accounted for while it was run the other way; or 0."""
        found = {key: self.cursors.get((jobid, key)) for key in owners}
        known = {key: cursor for key, cursor in found.items() if cursor is not None}
        return cursors.handed_over(known, owner)

    def settle(self, account: Account, owner: str) -> Instant:
        """Book what one owner answers for; return up to where its cursor reaches."""
        key = account.jobid, owner
        cursor = self.cursors.get(key) or Cursor(self.since, self.until)
        after = max(self.since, cursor.began_at)
        reached = min(max(cursor.accounted_until, after), self.until)
        answers = self._answers(key, after)
        settle(account, self.history.get(account.jobid, ()), after, reached, answers)
        return reached

    def note_unknown(self, account: Account, owners: Sequence[str]) -> None:
        """Book the times of which nobody can tell what was due, once for all owners."""
        keys = [(account.jobid, owner) for owner in owners]
        began = [self.cursors[key].began_at for key in keys if key in self.cursors]
        after = max(self.since, min(began, default=self.since))
        history = self.history.get(account.jobid, ())
        answers = [self._answers(key, after) for key in keys]
        note_unknown(account, history, after, self.until, answers)

    def _answers(self, key: tuple[int, str], after: Instant) -> Answers:
        ran, late = self.ran.get(key, []), self.late.get(key, [])
        return Answers(
            ran[bisect_right(ran, after) :],
            late[bisect_right(late, after) :],
            [each for each in self.stretches.get(key, ()) if each.last_due > after],
        )
