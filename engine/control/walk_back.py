"""What jobs and groups were at an instant: what they are, with each later change taken back.

The audit trail is never pruned, and most of its events hold the value before. Where one only names
what changed, as a definition that was loaded anew does, the value of then is not kept: it is told
as unknown, never as the one of now.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from engine.clock import Instant, from_datetime
from engine.domain.group import DEFAULT_GROUP, Group
from engine.domain.job import Job
from engine.persistence.audit import AuditEvent

GROUPS = "groups"
_CHANGED = ("changed: ", "taken back from operators: ")  # how a load tells which attributes
_IS_BACK = "its definition is back"
_ATTRIBUTES = {  # that a definition spells in another way
    "desc": "description",
    "run-skipped": "run_skipped",
    "single-instance": "single_instance",
    "expiry-date": "expiry_date",
}


class Then(Struct, frozen=True):
    """A job as it was; `not_kept` names the attributes of which nobody kept that."""

    job: Job
    not_kept: frozenset[str] = frozenset()


class Changes(Struct):
    """What was changed since an instant, the newest first."""

    of_jobs: dict[str, list[AuditEvent]] = field(default_factory=lambda: defaultdict(list))
    of_groups: list[AuditEvent] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[AuditEvent]) -> "Changes":
        """Sort events by what they are about."""
        found = cls()
        for event in events:
            if event.object_type == "job":
                found.of_jobs[event.object_name].append(event)
                continue
            found.of_groups.append(event)
            joined, left = _name_in(event.after), _name_in(event.before)
            if joined or left:
                found.of_jobs[joined or left].append(event)
        return found

    def deleted(self) -> list[str]:
        """Return the names of the jobs that were there and are deleted, by name."""
        return sorted(
            name for name, events in self.of_jobs.items() if _first(events) == "JOB-DELETED"
        )

    @property
    def loses_members(self) -> bool:
        """Whether a group that had jobs was deleted: nobody kept which."""
        return any(
            event.event == "GROUP-DELETED" and (event.before or {}).get("jobs")
            for event in self.of_groups
        )


def job_then(job: Job, events: Sequence[AuditEvent], at: Instant) -> Then:
    """Return a job as it was at `at`; `events` are its changes since, the newest first.

    But for what is kept elsewhere: holds tell whether it was enabled, revisions its schedule.
    """
    if not events:
        return Then(job)
    undoing = _Undoing(at, {*job.groups})
    for event in events:
        undoing.take_back(event, event.before if isinstance(event.before, Mapping) else {})
    members = {DEFAULT_GROUP} if GROUPS in undoing.lost else undoing.members
    ordered = [name for name in job.groups if name in members]
    ordered += sorted(members - {*ordered})
    was = replace(job, **undoing.values, groups=tuple(ordered))
    return Then(was, frozenset(undoing.lost))


class _Undoing(Struct):
    """Takes the changes of one job back, the newest first."""

    at: Instant
    members: set[str]
    values: dict[str, Any] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def take_back(self, event: AuditEvent, before: Mapping[str, Any]) -> None:
        """Take one change back."""
        match event.event:
            case "JOB-ACTIVATED" | "JOB-DEACTIVATED":
                self._was("active", bool(before.get("active")))
            case "JOB-EXPIRY-CHANGED":
                self._was("expiry_date", _instant(before.get("expiry_date")))
            case "JOB-SCHEDULE-CHANGED":
                self.lost |= {"schedule"}
            case "JOB-RETIRED":
                self._was("retired_at", None)
            case "GROUP-JOB-ADDED":
                self.members.discard(event.object_name)
            case "GROUP-JOB-REMOVED":
                self.members.add(event.object_name)
            case "JOB-UPDATED":
                self._take_load_back(event.reason, before)
            case _:
                pass

    def _take_load_back(self, reason: str, before: Mapping[str, Any]) -> None:
        self.lost |= _changed(reason)
        if "version" in before:
            self._was("version", str(before["version"]))
        if _IS_BACK in reason:
            self._was("retired_at", self.at)

    def _was(self, attribute: str, value: Any) -> None:
        self.values[attribute] = value
        self.lost.discard(attribute)


def groups_then(known: Iterable[Group], events: Sequence[AuditEvent]) -> dict[str, Group]:
    """Return the groups that were there, with their switches of then, by name."""
    found = {group.name: group for group in known}
    for event in events:
        name = event.object_name
        before = event.before if isinstance(event.before, Mapping) else {}
        if event.event == "GROUP-CREATED":
            found.pop(name, None)
        elif event.event == "GROUP-DELETED":
            found[name] = Group(
                0, name, str(before.get("description", "")), bool(before.get("enabled", True))
            )
        elif event.event == "GROUP-STATUS-CHANGED" and name in found:
            found[name] = replace(
                found[name],
                enabled=bool(before.get("enabled")),
                disabled_by="",
                disabled_at=None,
            )
    return found


def trigger_then(events: Iterable[AuditEvent], at: Instant) -> dict[str, Instant]:
    """Return the triggers that were to come, by job; `events` are the ones set by `at`."""
    found: dict[str, Instant | None] = {}
    for event in events:
        after = event.after if isinstance(event.after, Mapping) else {}
        found.setdefault(event.object_name, _instant(after.get("trigger")))
    return {name: trigger for name, trigger in found.items() if trigger and trigger > at}


def _name_in(value: Any) -> str:
    """Return the job that an event of a group is about; "": none."""
    name = value.get("job") if isinstance(value, Mapping) else None
    return name if isinstance(name, str) else ""


def _first(events: Sequence[AuditEvent]) -> str:
    """Return which came first: that a job was created, or that it was deleted; "": neither."""
    made = [each.event for each in events if each.event in {"JOB-CREATED", "JOB-DELETED"}]
    return made[-1] if made else ""


def _changed(reason: str) -> set[str]:
    """Return the attributes that a load changed."""
    found: set[str] = set()
    for said in reason.split("; "):
        for told in _CHANGED:
            if said.startswith(told):
                found.update(said.removeprefix(told).split(", "))
    return {_ATTRIBUTES.get(name, name) for name in found}


def _instant(value: Any) -> Instant | None:
    if not isinstance(value, str):
        return None
    try:
        return from_datetime(datetime.fromisoformat(value))
    except ValueError:
        return None
