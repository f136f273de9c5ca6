"""State data: COMPLETE leaves none, nobody but the running instance writes, nothing is torn."""

from collections.abc import Iterator

from tests.checker.rows import History
from tests.checker.violation import Violation, shown
from tests.checker.witness import Witness

_ROUNDING = 1_000_000  # the save and the end may be recorded in one turn


def check_states(history: History, witness: Witness) -> Iterator[Violation]:
    """Yield what is wrong with state data."""
    known = {one.job_instanceid: one for one in history.instances}
    names = {job.jobid: job.name for job in history.jobs}
    for state in history.states:
        by = known.get(state.job_instanceid or 0)
        if by is not None and by.status == "COMPLETE":
            text = f"state data of instance {by.job_instanceid}, which is COMPLETE"
            yield Violation("state-kept", names[state.jobid], text)
    for save in history.saves:
        by = known.get(save.job_instanceid or 0)
        if by is None or save.data is None:
            continue
        if by.jobid != save.jobid:
            text = f"instance {by.job_instanceid} of another job saved state data"
            yield Violation("stale-save", names[save.jobid], text)
        elif by.completed is not None and save.saved_at > by.completed + _ROUNDING:
            text = f"instance {by.job_instanceid} saved at {shown(save.saved_at)}, after its end"
            yield Violation("stale-save", names[save.jobid], text)
    yield from _check_chain(history, witness, names)


def _check_chain(history: History, witness: Witness, names: dict[int, str]) -> Iterator[Violation]:
    """Each run finds what the one before saved and was told of; after COMPLETE there is nothing."""
    kept: dict[int, int] = {}
    for one in history.instances:
        number = one.job_instanceid
        expected = kept.get(one.jobid, 0)
        if number in witness.found and witness.found[number] != expected:
            text = f"instance {number} found {witness.found[number]}, not {expected}"
            yield Violation("state-wrong", names[one.jobid], text)
        if number in witness.saved:
            kept[one.jobid] = witness.saved[number]
        if one.status == "COMPLETE":
            kept[one.jobid] = 0
