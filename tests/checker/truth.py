"""What the store says of a run is what the run's own witness says, and switches were obeyed."""

from collections import defaultdict
from collections.abc import Iterator

from tests.checker.rows import History, Hold, Instance, Job
from tests.checker.violation import Violation, shown
from tests.checker.witness import Witness


def check_truth(history: History, witness: Witness) -> Iterator[Violation]:
    """Yield where store and witness differ, and runs that overlap."""
    known = {one.job_instanceid: one for one in history.instances}
    jobs = {job.jobid: job for job in history.jobs}
    oldest = min(known, default=0)
    for number, times in witness.begun.items():
        if number not in known and number >= oldest:
            yield Violation("unrecorded", "?", f"instance {number} ran and is not in the store")
        if times > 1:
            yield Violation("ran-twice", "?", f"the code of instance {number} began {times} times")
    witnessed = {known[number].jobid for number in witness.begun if number in known}
    ended = witness.ended
    for one in history.instances:
        is_true = one.status == "COMPLETE" and one.job_instanceid in ended
        if not is_true and one.jobid in witnessed:
            yield from _check_status(one, jobs[one.jobid], witness)
    yield from _check_overlaps(history, jobs, witness)


def _check_status(one: Instance, job: Job, witness: Witness) -> Iterator[Violation]:
    number = one.job_instanceid
    began, ended = number in witness.begun, number in witness.ended
    if one.status == "COMPLETE" and not ended:
        yield Violation("false-complete", job.name, f"instance {number} did not reach its end")
    if one.status == "CRASH" and ended:
        yield Violation("false-crash", job.name, f"instance {number} reached its end")
    if one.status == "CRASH" and one.ending == "never-begun" and began:
        yield Violation("false-crash", job.name, f"instance {number} had begun")


def _check_overlaps(
    history: History, jobs: dict[int, Job], witness: Witness
) -> Iterator[Violation]:
    """Look at the jobs' own clocks: BOOTTIME, which nobody sets."""
    began, ended = witness.began_at, witness.ended_at
    single = {jobid for jobid, job in jobs.items() if job.single_instance}
    runs: dict[tuple[int, int], list[tuple[float, float, int]]] = defaultdict(list)
    for one in history.instances:
        number = one.job_instanceid
        begin = began.get(number)
        if begin is not None and one.cause != "manual":  # an operator may force one beside another
            scope = 0 if one.jobid in single else one.sessionid or 0
            runs[one.jobid, scope].append((begin, ended.get(number, begin), number))
    for (jobid, _), intervals in runs.items():
        intervals.sort()
        end, last = -1.0, 0
        for begin, finish, number in intervals:
            if begin < end:
                text = f"instance {number} began while {last} ran"
                yield Violation("overlap", jobs[jobid].name, text)
            if finish > end:
                end, last = finish, number


def check_switches(history: History) -> Iterator[Violation]:
    """Yield scheduled runs that were started while a switch held the job."""
    names = {job.jobid: job.name for job in history.jobs}
    of_jobs: dict[int | None, list[Hold]] = defaultdict(list)
    for hold in history.holds:
        of_jobs[hold.jobid].append(hold)
    if not of_jobs:
        return
    keys = {one.sessionid: one.key for one in history.sessions}
    for one in history.instances:
        holds = of_jobs.get(one.jobid, []) + of_jobs.get(None, [])
        for hold in holds:
            own = hold.owner in {"", keys.get(one.sessionid or 0)}
            if (
                own
                and hold.since < one.started
                and (hold.until is None or one.started < hold.until)
            ):
                text = f"instance {one.job_instanceid} at {shown(one.started)}: {hold.reason}"
                yield Violation("ran-while-held", names[one.jobid], text)
