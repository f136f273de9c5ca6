"""Whose log is shown: of a job, an instance, the engine, or of several merged by time.

A subject is told in words that a view's history can keep: `engine`, `job NAME`, `instance ID`,
`group NAME`, and `jobs` or `instances` with what they are, one a line.
"""

from collections.abc import Callable, Sequence

from app.actions.scene import Console, Selection
from app.client.desk import Desk
from app.presentation.quantities import counted
from app.store.log_merge import MOST_LOGS, MergedReader
from app.store.log_reader import FileReader, LogReader
from app.store.log_source import LogSource
from app.store.log_stretch import Stretch

ENGINE = "engine"


def subject_of(selection: Selection) -> str:
    """Return the subject that a selection means; "" where nothing is selected."""
    if selection.instances:
        numbers = [str(row.job_instanceid) for row in selection.instances]
        return _subject("instance", numbers)
    if selection.jobs:
        return _subject("job", [row.name for row in selection.jobs])
    if len(selection.groups) == 1:
        return f"group {selection.groups[0].name}"
    return ""


def subject_typed(text: str) -> str:
    """Return the subject of what was typed: `engine`, or numbers of instances; "" for none."""
    if text == ENGINE:
        return ENGINE
    numbers = [word.removeprefix("#") for word in text.split()]
    is_known = bool(numbers) and all(number.isdecimal() for number in numbers)
    return _subject("instance", numbers) if is_known else ""


def _subject(kind: str, names: Sequence[str]) -> str:
    return f"{kind} {names[0]}" if len(names) == 1 else f"{kind}s " + "\n".join(names)


def why_not_shown(selection: Selection) -> str:
    """Return why the logs of a selection cannot be shown as one; "": they can, as far as known.

    Asked at every key: the jobs of a group are counted when its logs are to be shown.
    """
    number = len(selection.instances) or len(selection.jobs)
    if number or len(selection.groups) == 1:
        return _too_many(number)
    return "one group at a time" if selection.groups else selection.missing("nothing")


def _too_many(number: int) -> str:
    return f"{number:,} logs are too many to merge: {MOST_LOGS} at most" * (number > MOST_LOGS)


def why_empty(console: Console, subject: str) -> str:
    """Return why the logs of a subject cannot be shown; "": they can."""
    number = len(_members(console, subject))
    return _too_many(number) if number else "no job is in this group"


def _members(console: Console, subject: str) -> list[str]:
    """Return the jobs, or the numbers of the instances, that a subject is about."""
    kind, _, names = subject.partition(" ")
    if kind == "group":
        return sorted(row.name for row in console.store.jobs.values() if names in row.groups)
    return names.split("\n")


def open_subject(
    console: Console,
    subject: str,
    stretch: Stretch,
    opened: Callable[[LogReader], None],
    failed: Callable[[BaseException], None],
) -> None:
    """Open a stretch of what a subject names, away from the screen."""
    members = _members(console, subject)

    def read(desk: Desk) -> LogReader:
        sources = [stretch.of(each) for each in _sources(desk, subject, members)]
        if len(sources) == 1 and subject.partition(" ")[0] in _SINGLE:
            return FileReader(sources[0])
        is_instances = subject.startswith("instances")
        names = [f"#{each}" for each in members] if is_instances else members
        return MergedReader(_title(subject, members), sources, names)

    console.request(read, opened, failed=failed)


_SINGLE = (ENGINE, "job", "instance")


def _sources(desk: Desk, subject: str, members: Sequence[str]) -> Sequence[LogSource]:
    if subject == ENGINE:
        return [desk.engine_log()]
    if subject.startswith("instance"):
        return [desk.instance_log(int(each)) for each in members]
    return [desk.job_log(each) for each in members]


def _title(subject: str, members: Sequence[str]) -> str:
    """Return how several logs as one are called."""
    kind, _, name = subject.partition(" ")
    if kind == "group":
        return f"{name}, {counted(len(members), 'log')} by time"
    return f"{counted(len(members), kind.removesuffix('s'))} by time"


def may_grow(console: Console, subject: str) -> bool:
    """Whether anything that is known to run writes to these logs, or may once it does."""
    runs = selection_of(console, subject).instances
    return not runs or any(row.is_live for row in runs)


def selection_of(console: Console, subject: str) -> Selection:
    """Return the jobs or the instances whose logs are open, as far as they are known."""
    kind = subject.partition(" ")[0]
    store = console.store
    members = _members(console, subject)
    if kind in {"instance", "instances"}:
        rows = [store.instances.get(int(each)) for each in members]
        instances = tuple(row for row in rows if row is not None)
        jobids = dict.fromkeys(row.jobid for row in instances)
        jobs = tuple(store.jobs[each] for each in jobids if each in store.jobs)
        return Selection(jobs=jobs, instances=instances)
    known = (store.job(name) for name in members if kind != ENGINE)
    return Selection(jobs=tuple(row for row in known if row is not None))
