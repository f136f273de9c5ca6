"""Sessions: one engine at a time per key, the dead stay dead, and what they left is closed soon."""

from collections.abc import Iterator, Mapping, Sequence

from tests.checker.rows import History, Instance, Session
from tests.checker.violation import Violation, shown

RECOVERY = 15 * 1_000_000  # microseconds from the start of the next engine to the last rescue


def up_times(sessions: Sequence[Session], owner: str) -> list[tuple[int, int]]:
    """Return when an engine was surely up that could run a job of `owner`: `since < t <= until`."""
    return [(one.started, last_sign(one)) for one in sessions if owner in {"", one.key}]


def last_sign(session: Session) -> int:
    if session.status == "COMPLETE" and session.ended is not None:
        return session.ended
    return session.beat_at


def check_sessions(history: History, *, one_store: bool = True) -> Iterator[Violation]:
    """Yield what is wrong with sessions, owners and recovery.

    `one_store`: the store is one file, on which one engine lives at a time.
    """
    yield from _check_overlap(history, one_store=one_store)
    yield from _check_recovery(history)
    sessions = {one.sessionid: one for one in history.sessions}
    for job in history.jobs:
        owner = sessions.get(job.sessionid or 0)
        if job.sessionid is not None and (owner is None or owner.status != "ACTIVE"):
            yield Violation("owner-not-freed", job.name, f"owned by session {job.sessionid}")


def _check_overlap(history: History, *, one_store: bool) -> Iterator[Violation]:
    last: dict[str, Session] = {}
    for one in sorted(history.sessions, key=lambda each: each.started):
        key = "" if one_store else one.key
        before = last.get(key)
        if before is not None and last_sign(before) > one.started:
            text = f"session {before.sessionid} lived when {one.sessionid} started"
            yield Violation("two-engines", one.key, text)
        if before is None or last_sign(one) > last_sign(before):
            last[key] = one


def _check_recovery(history: History) -> Iterator[Violation]:
    names = {job.jobid: job.name for job in history.jobs}
    ends = {one.sessionid: one.ended for one in history.sessions}
    active = {one.sessionid for one in history.sessions if one.status == "ACTIVE"}
    rescued = _rescued_by(history.sessions)
    for one in history.instances:
        if one.status == "COMPLETE" and one.completed is not None and one.ending is not None:
            end = ends.get(one.sessionid or 0)
            if end is None or one.completed <= end:
                continue
        kind, text = _fault(one, one.sessionid in active, ends, rescued)
        if kind:
            text = f"instance {one.job_instanceid} of session {one.sessionid}{text}"
            yield Violation(kind, names.get(one.jobid, str(one.jobid)), text)


def _fault(
    one: Instance, is_active: bool, ends: Mapping[int, int | None], rescued: Mapping[int, int]
) -> tuple[str, str]:
    """Return the invariant that an instance breaks, and how; "" where it breaks none."""
    if one.status not in {"IN-PROGRESS", "COMPLETE", "ERROR", "CRASH"}:
        return "no-status", f" is {one.status}"
    if one.status == "IN-PROGRESS":
        if one.completed is not None or one.ending is not None:
            return "half-finished", ""
        return ("", "") if is_active else ("never-recovered", "")
    if one.completed is None or one.ending is None:
        return "half-finished", ""
    end = ends.get(one.sessionid or 0)
    if end is not None and one.completed > end:
        if one.status == "CRASH":
            return "late-recovery", f": closed late, {shown(one.completed)}"
        return "stale-write", f": {one.status} after its session's end, {shown(one.completed)}"
    if one.status == "CRASH" and one.completed > rescued.get(one.sessionid or 0, one.completed):
        return "late-recovery", f": closed long after the next start, {shown(one.completed)}"
    return "", ""


def _rescued_by(sessions: Sequence[Session]) -> dict[int, int]:
    """Return until when what each session left open is to be closed."""
    starts = sorted(one.started for one in sessions)
    found = {}
    for one in sessions:
        following = next((at for at in starts if at > last_sign(one)), None)
        if following is not None:
            found[one.sessionid] = following + RECOVERY
    return found
