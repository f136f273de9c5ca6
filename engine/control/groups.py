"""Groups: one switch for many jobs.

While a group is disabled each of its jobs has an open hold under the group's name, so that the
ledger can say who kept it from running, and since when; membership changes open and close the same
holds.
"""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from engine.control.actor import Actor
from engine.control.context import Change, Context
from engine.control.job_view import iso
from engine.control.outcome import Outcome
from engine.domain.group import DEFAULT_GROUP, Group
from engine.domain.verdict import Reason
from engine.errors import GroupError
from engine.persistence import groups, holds, jobs
from engine.persistence.transaction import Transaction

_NAME = re.compile(r"[A-Za-z0-9_-]{1,160}")


class GroupView(Struct, frozen=True):
    """A group with the names of its jobs."""

    group: Group
    jobs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The group's name."""
        return self.group.name

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {
            "groupid": self.group.groupid,
            "name": self.group.name,
            "description": self.group.description,
            "enabled": self.group.enabled,
            "disabled_by": self.group.disabled_by or None,
            "disabled": iso(self.group.disabled_at),
            "jobs": list(self.jobs),
        }


class Groups:
    """The service of groups. DEFAULT holds every job and cannot be changed."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def all(self) -> list[GroupView]:
        """Return every group with its jobs' names, DEFAULT first, then by name."""
        with self._context.read() as tx:
            found = groups.all_groups(tx)
            members: dict[str, list[str]] = {group.name: [] for group in found}
            names = {job.jobid: job.name for job in jobs.all_jobs(tx)}
            for jobid, named in groups.memberships(tx).items():
                for group in named:
                    if jobid in names and group in members:
                        members[group].append(names[jobid])
        members[DEFAULT_GROUP] = list(names.values())
        ordered = sorted(found, key=lambda group: (group.name != DEFAULT_GROUP, group.name))
        return [GroupView(group, tuple(sorted(members[group.name]))) for group in ordered]

    def get(self, name: str) -> GroupView:
        """Return one group with its jobs' names.

        Raises:
            NotFoundError: no group has this name.
        """
        with self._context.read() as tx:
            group = groups.get(tx, name)
        return next(view for view in self.all() if view.group.groupid == group.groupid)

    def create(self, name: str, actor: Actor, *, description: str = "") -> str:
        """Create an empty, enabled group.

        Raises:
            GroupError: the name is not accepted, or taken.
        """
        with self._context.change(actor) as change:
            if not _NAME.fullmatch(name):
                raise GroupError(
                    f"'{name}' is no name of a group: 1 to 160 letters a to z or A to Z, "
                    "digits, '_' and '-'."
                )
            groups.create(change.tx, name, description)
            change.record("GROUP-CREATED", "group", name, after={"description": description})
        return "created"

    def delete(self, names: Sequence[str], actor: Actor) -> list[Outcome]:
        """Delete groups; their jobs stay, and may run again if nothing else stops them."""
        return self._context.each(names, actor, _delete)

    def set_enabled(self, names: Sequence[str], enabled: bool, actor: Actor) -> list[Outcome]:
        """Throw groups' switches: a disabled group's jobs run neither by schedule nor by hand."""

        def act(change: Change, name: str) -> str:
            return _set_enabled(change, name, enabled)

        return self._context.each(names, actor, act)

    def add(self, name: str, job_names: Sequence[str], actor: Actor) -> list[Outcome]:
        """Make jobs members of a group; one outcome per job.

        Raises:
            NotFoundError, GroupError: there is no such group, or it is DEFAULT.
        """
        self._check(name)

        def act(change: Change, job_name: str) -> str:
            group = _changeable(change.tx, name)
            job = jobs.get(change.tx, job_name)
            if not groups.add(change.tx, name, [job.jobid]):
                return f"is in group '{name}' already"
            if not group.enabled:
                who = change.actor.who
                holds.open_of_group(change.tx, name, [job.jobid], change.now, who)
            change.record("GROUP-JOB-ADDED", "group", name, after={"job": job_name})
            return f"added to group '{name}'"

        return self._context.each(job_names, actor, act)

    def remove(self, name: str, job_names: Sequence[str], actor: Actor) -> list[Outcome]:
        """Take jobs out of a group; one outcome per job.

        Raises:
            NotFoundError, GroupError: there is no such group, or it is DEFAULT.
        """
        self._check(name)

        def act(change: Change, job_name: str) -> str:
            _changeable(change.tx, name)
            job = jobs.get(change.tx, job_name)
            if not groups.remove(change.tx, name, [job.jobid]):
                raise GroupError(f"job '{job_name}' is not in group '{name}'.")
            _release(change, job.jobid, name)
            change.record("GROUP-JOB-REMOVED", "group", name, before={"job": job_name})
            return f"removed from group '{name}'"

        return self._context.each(job_names, actor, act)

    def _check(self, name: str) -> None:
        with self._context.read() as tx:
            _changeable(tx, name)


def _delete(change: Change, name: str) -> str:
    group = _changeable(change.tx, name)
    members = groups.members(change.tx, name)
    if not group.enabled:
        holds.close_of_group(change.tx, name, change.now)
    groups.delete(change.tx, name)
    change.record(
        "GROUP-DELETED",
        "group",
        name,
        before={"description": group.description, "enabled": group.enabled, "jobs": len(members)},
    )
    return f"deleted; it had {len(members)} job{'' if len(members) == 1 else 's'}"


def _set_enabled(change: Change, name: str, enabled: bool) -> str:
    group = _changeable(change.tx, name)
    if group.enabled == enabled:
        return f"is {'enabled' if enabled else 'disabled'} already"
    groups.set_enabled(change.tx, name, enabled, change.actor.who, change.now)
    if enabled:
        holds.close_of_group(change.tx, name, change.now)
    else:
        jobids = groups.members(change.tx, name)
        holds.open_of_group(change.tx, name, jobids, change.now, change.actor.who)
    change.record(
        "GROUP-STATUS-CHANGED",
        "group",
        name,
        before={"enabled": group.enabled},
        after={"enabled": enabled},
    )
    return "enabled" if enabled else "disabled"


def _changeable(tx: Transaction, name: str) -> Group:
    group = groups.get(tx, name)
    if group.name == DEFAULT_GROUP:
        raise GroupError(
            f"group '{DEFAULT_GROUP}' holds every job and cannot be changed, disabled or deleted."
        )
    return group


def _release(change: Change, jobid: int, group_name: str) -> None:
    holds.close_holds(change.tx, jobid, Reason.GROUP_DISABLED, change.now, detail=group_name)
