"""The scripted engine's answers about jobs and groups, as those desks ask for them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.client.views import Answer, DueView
from app.testing.stage import ScriptedStage
from engine.clock import SECOND, Instant, to_iso
from engine.domain.group import DEFAULT_GROUP
from engine.domain.instance import Cause
from engine.domain.schedule import Schedule
from engine.errors import GroupError, JobError, TocsinError


class ScriptedJobDesk:
    """Answers from a `ScriptedStage`."""

    def __init__(self, engine: ScriptedStage) -> None:
        self._engine = engine

    # -- jobs ------------------------------------------------------------------------------------

    def run(self, name: str, options: Mapping[str, Any] | None, *, force: bool) -> int:
        """Start an instance or refuse."""
        self._engine.order(f"run {name}" + (f" {json.dumps(options)}" if options else ""))
        reason = self._engine.obstacle(name, for_run=True, force=force)
        if reason:
            raise JobError(reason)
        return self._engine.begin(name, cause=Cause.MANUAL, who="ops")

    def enable(self, names: Sequence[str]) -> list[Answer]:
        """Enable jobs."""
        return self._each("enable", names, enabled=True)

    def disable(self, names: Sequence[str]) -> list[Answer]:
        """Disable jobs."""
        return self._each("disable", names, enabled=False)

    def activate(self, names: Sequence[str]) -> list[Answer]:
        """Activate jobs."""
        return self._each("activate", names, active=True)

    def deactivate(self, names: Sequence[str]) -> list[Answer]:
        """Deactivate jobs."""
        return self._each("deactivate", names, active=False)

    def reset(self, names: Sequence[str]) -> list[Answer]:
        """Reset jobs."""
        return self._each("reset", names)

    def _each(self, verb: str, names: Sequence[str], **values: Any) -> list[Answer]:
        answers = []
        for name in names:
            try:
                self._engine.order(f"{verb} {name}")
                if name in self._engine.refuse:
                    raise JobError(self._engine.refuse[name])
                self._engine.change(name, **values)
                answers.append(Answer(name, ok=True))
            except TocsinError as error:
                answers.append(Answer(name, ok=False, text=error.message))
        return answers

    def set_schedule(self, name: str, schedule: Schedule) -> None:
        """Change a schedule."""
        self._engine.order(f"schedule {name}")
        self._engine.change(name, schedule=schedule)

    def set_expiry(self, name: str, expiry: Instant | None) -> None:
        """Change an expiry date."""
        self._engine.order(f"expire {name}")
        self._engine.change(name, expiry_date=expiry)

    def set_trigger(self, name: str, at: Instant | None) -> None:
        """Set a trigger."""
        self._engine.order(f"trigger {name}")
        self._engine.change(name, trigger_at=at)

    def definition(self, name: str) -> str:
        """Return something like a definition."""
        job = self._engine.job(name)
        return f"name: {name}\nversion: '{job.version}'\ndesc: {job.description}\n"

    def why(self, name: str, at: Instant | None) -> list[str]:
        """Return the reasons."""
        del at
        reason = self._engine.obstacle(name, for_run=False)
        return [reason or f"job '{name}' may run"]

    def next_dues(self, name: str, count: int) -> list[DueView]:
        """Return every fifth minute from the next one on."""
        first = self._engine.nexts[name]
        dues = [first + index * 300 * SECOND for index in range(count)]
        return [DueView(due, to_iso(due)) for due in dues]

    # -- groups ----------------------------------------------------------------------------------

    def enable_groups(self, names: Sequence[str]) -> list[Answer]:
        """Enable groups."""
        return [self._switch_group(name, enabled=True) for name in names]

    def disable_groups(self, names: Sequence[str]) -> list[Answer]:
        """Disable groups."""
        return [self._switch_group(name, enabled=False) for name in names]

    def _switch_group(self, name: str, *, enabled: bool) -> Answer:
        if name == DEFAULT_GROUP:
            return Answer(name, ok=False, text="group 'DEFAULT' holds every job.")
        self._engine.order(f"{'enable' if enabled else 'disable'} group {name}")
        now = None if enabled else self._engine.clock.now()
        who = "" if enabled else "ops"
        self._engine.change_group(name, enabled=enabled, disabled_by=who, disabled_at=now)
        return Answer(name, ok=True)

    def create_group(self, name: str, description: str) -> None:
        """Create a group."""
        if name in self._engine.groups:
            raise GroupError(f"group '{name}' exists already.")
        self._engine.order(f"create group {name}")
        self._engine.add_group(name, description=description)

    def delete_groups(self, names: Sequence[str]) -> list[Answer]:
        """Delete groups."""
        for name in names:
            self._engine.order(f"delete group {name}")
            self._engine.drop_group(name)
        return [Answer(name, ok=True) for name in names]

    def add_to_group(self, group: str, names: Sequence[str]) -> list[Answer]:
        """Put jobs into a group."""
        return [self._member(group, name, belongs=True) for name in names]

    def remove_from_group(self, group: str, names: Sequence[str]) -> list[Answer]:
        """Take jobs out of a group."""
        return [self._member(group, name, belongs=False) for name in names]

    def _member(self, group: str, name: str, *, belongs: bool) -> Answer:
        self._engine.order(f"{'add' if belongs else 'remove'} {name} {group}")
        rest = tuple(each for each in self._engine.job(name).groups if each != group)
        self._engine.change(name, groups=(group, *rest) if belongs else rest)
        return Answer(name, ok=True)
