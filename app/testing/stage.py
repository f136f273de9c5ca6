"""What a test does in a scripted engine's world; whoever watches it is told at once."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from app.client.views import ErrorView
from app.store.events import Applied, Event, GroupsGone, Inbox, JobsGone
from app.store.model import InstanceRow
from app.testing.world import SESSION, ScriptedWorld, group_row
from engine.clock import SECOND, Clock
from engine.domain.group import DEFAULT_GROUP, Group
from engine.domain.instance import Cause, Ending, Status
from engine.domain.job import Job
from engine.domain.schedule import CronSchedule, RecurringSchedule, Schedule
from engine.errors import NotFoundError


class ScriptedStage(ScriptedWorld):
    """A world that a test changes by hand."""

    def __init__(self, clock: Clock, link: str) -> None:
        super().__init__(clock, link)
        self.seq = 0
        self.refuse: dict[str, str] = {}  # names of jobs that refuse every order, and why
        self._inbox: Inbox | None = None
        self._next_instance = 881_200

    def emit(self, *events: Event) -> int:
        """Hand events over and return the sequence number to wait for."""
        self.seq += 1
        if self._inbox is not None:
            self._inbox.put([*events, Applied(self.seq)])
        return self.seq

    def add_group(self, name: str, *, enabled: bool = True, description: str = "") -> Group:
        """Create a group."""
        group = Group(len(self.groups) + 1, name, description, enabled)
        self.groups[name] = group
        self.emit(group_row(group))
        return group

    def add_job(
        self, name: str, schedule: str | int = "*/5 * * * *", *, next_in: int = 120, **values: Any
    ) -> Job:
        """Create a job; `schedule` is five cron fields or a number of seconds."""
        for group in values.get("groups", ()):
            if group not in self.groups:
                self.add_group(group)
        values["groups"] = (*values.get("groups", ()), DEFAULT_GROUP)
        job = Job(len(self.jobs) + 1, name, schedule_of(schedule), **values)
        self.jobs[name] = job
        self.nexts[name] = self.clock.now() + next_in * SECOND
        self.emit(self.row(name))
        return job

    def drop_job(self, name: str) -> None:
        """Take a job out of the store."""
        job = self.jobs.pop(name)
        self.emit(JobsGone((job.jobid,)))

    def drop_group(self, name: str) -> None:
        """Take a group out of the store."""
        del self.groups[name]
        for job in list(self.jobs.values()):
            self.change(job.name, groups=tuple(each for each in job.groups if each != name))
        self.emit(GroupsGone((name,)))

    def change(self, name: str, **values: Any) -> None:
        """Change attributes of a job."""
        self.jobs[name] = replace(self.job(name), **values)
        self.emit(self.row(name))

    def change_group(self, name: str, **values: Any) -> None:
        """Change a group; its jobs are told anew."""
        if name not in self.groups:
            raise NotFoundError("group", name, self.groups)
        self.groups[name] = group = replace(self.groups[name], **values)
        members = [job.name for job in self.jobs.values() if name in job.groups]
        self.emit(group_row(group), *(self.row(member) for member in members))

    def begin(self, name: str, *, cause: Cause = Cause.SCHEDULE, who: str = "") -> int:
        """Start an instance and return its id."""
        job = self.job(name)
        self._next_instance += 1
        key = self._next_instance
        now = self.clock.now()
        due = now if cause is Cause.SCHEDULE else None
        self.instances[key] = row = InstanceRow(
            key, job.jobid, name, Status.IN_PROGRESS, cause, now, who=who, due_at=due,
            sessionid=SESSION, host="eu1", pid=4242,
        )  # fmt: skip
        self.emit(row, self.row(name))
        return key

    def end(
        self, key: int, status: Status = Status.COMPLETE, *, after: float = 3.0, error: str = ""
    ) -> None:
        """End an instance `after` seconds of running."""
        known = self.instances[key]
        failed = status is not Status.COMPLETE
        row = replace(
            known,
            status=status,
            completed=known.started + round(after * SECOND),
            ending=Ending.EXCEPTION if failed else Ending.RETURNED,
            error=error,
        )
        self.instances[key] = row
        if error:
            described = ErrorView("MAJOR", error.split(":", maxsplit=1)[0], error, row.started)
            self.errors.setdefault(key, []).append(described)
        self.emit(row, self.row(known.name))

    def ran(
        self, name: str, *runs: tuple[Status, float], every: int = 300, lag: float = 0.0
    ) -> list[int]:
        """Give a job a past: `runs` are status and seconds, oldest first, `lag` seconds late."""
        keys = []
        for back, (status, seconds) in enumerate(reversed(runs)):
            self._next_instance += 1
            started = self.clock.now() - (back + 1) * every * SECOND
            done = started + round(seconds * SECOND)
            job = self.job(name)
            row = InstanceRow(
                self._next_instance, job.jobid, name, status, Cause.SCHEDULE, started, done,
                due_at=started - round(lag * SECOND), sessionid=SESSION, host="eu1",
            )  # fmt: skip
            keys.append(row.job_instanceid)
            self.instances[row.job_instanceid] = row
        keys.reverse()
        self._renumber(name, keys)
        return sorted(keys)

    def _renumber(self, name: str, keys: Sequence[int]) -> None:
        rows = [self.instances.pop(key) for key in keys]
        numbered = [
            replace(row, job_instanceid=key) for key, row in zip(sorted(keys), rows, strict=True)
        ]
        self.instances.update((row.job_instanceid, row) for row in numbered)
        self.emit(*numbered, self.row(name))

    def lose(self, problem: str = "") -> None:
        """Let the engine be gone."""
        self.link = "none"
        self.emit(self.health(problem))

    def come_back(self) -> None:
        """Let the engine be alive again."""
        self.link = "attached"
        self.emit(self.health())


def schedule_of(schedule: str | int) -> Schedule:
    """Return five fields or a number of seconds as a schedule."""
    if isinstance(schedule, int):
        return RecurringSchedule(schedule)
    minute, hour, day, month, wday = schedule.split()
    return CronSchedule(minute, hour, day, month, wday)
