"""State data: what a job keeps for its next run; operators may look, set and clear."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.control.actor import Actor
from engine.control.context import Change, Context
from engine.control.outcome import Outcome
from engine.control.plain import LARGEST, is_plain
from engine.errors import StateDataError
from engine.persistence import jobs, state_data
from engine.persistence.state_data import StateData

__all__ = ["KEPT_SAVES", "State", "StateData"]

KEPT_SAVES = state_data.KEPT_SAVES  # of each job: older ones are gone


class State:
    """The service of state data."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, name: str) -> StateData | None:
        """Return a job's state data with when and by which instance they were saved; None: none.

        Raises:
            NotFoundError: no job has this name.
        """
        with self._context.read() as tx:
            return state_data.get(tx, jobs.get(tx, name).jobid)

    def history(self, name: str) -> list[StateData]:
        """Return the last saves and clearings, the newest first.

        Raises:
            NotFoundError: no job has this name.
        """
        with self._context.read() as tx:
            return list(state_data.history(tx, jobs.get(tx, name).jobid))

    def look(self, name: str, known: Mapping[int, StateData]) -> state_data.Look:
        """Return state data and history, what an earlier look made `known` without reading it.

        Raises:
            NotFoundError: no job has this name.
        """
        with self._context.read() as tx:
            return state_data.look(tx, jobs.get(tx, name).jobid, known)

    def set(self, name: str, data: Mapping[str, Any], actor: Actor) -> str:
        """Replace a job's state data. A run that goes on sees them at its next start.

        Raises:
            NotFoundError: no job has this name.
            StateDataError: the data are no mapping of plain values, or too large.
        """
        _check(data)
        with self._context.change(actor) as change:
            job = jobs.get(change.tx, name)
            before = state_data.get(change.tx, job.jobid)
            state_data.save(change.tx, job.jobid, data, None, change.now, actor.who)
            change.record(
                "JOB-STATE-SET",
                "job",
                name,
                before=None if before is None else before.data,
                after=dict(data),
            )
        return f"has {len(data)} key{'' if len(data) == 1 else 's'} of state data"

    def clear(self, names: Sequence[str], actor: Actor) -> list[Outcome]:
        """Delete jobs' state data: their next runs start afresh."""
        return self._context.each(names, actor, _clear)


def _check(data: Any) -> None:
    if not isinstance(data, Mapping) or not is_plain(data):
        raise StateDataError(
            'State data are a mapping of names to plain values, such as {"cursor": 12}.'
        )
    size = len(json.dumps(data))
    if size > LARGEST:
        raise StateDataError(f"State data of {size:,} characters are too large: {LARGEST:,}.")


def _clear(change: Change, name: str) -> str:
    job = jobs.get(change.tx, name)
    before = state_data.get(change.tx, job.jobid)
    if before is None:
        return "has no state data"
    state_data.clear(change.tx, job.jobid, change.now, change.actor.who)
    change.record("JOB-STATE-CLEARED", "job", name, before=before.data)
    return "state data cleared"
