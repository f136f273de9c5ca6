"""State data and their history, with what it leaves out: a run that was COMPLETE cleared them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from app.client.views import SavedState, StateView
from engine.clock import Instant
from engine.control.state import KEPT_SAVES, StateData
from engine.control.system import System
from engine.domain.instance import Status
from engine.errors import NotFoundError

End = tuple[Instant, int]  # when a run was COMPLETE, and its id


class SavedStates:
    """The state data of the job that was asked for last: what was read of them is kept."""

    def __init__(self) -> None:
        self._last = _Read("", {}, {})  # replaced as a whole: any thread may ask

    def of(self, system: System, name: str) -> StateView:
        """Return the state data of a job and the history of their saves and clearings.

        What did not change since is the same object as the last time.

        Raises:
            NotFoundError: no job has this name.
        """
        last = self._last
        known = last.saves if last.name == name else {}
        data, saves = system.state.look(name, known)
        shown = {
            key: last.shown[key]
            if known.get(key) is each
            else SavedState(each.saved_at, each.data, each.job_instanceid, each.who)
            for key, each in saves.items()
        }
        self._last = _Read(name, saves, shown)
        history = with_clearings(
            list(shown.values()), lambda save: _end(system, name, save), data is not None
        )
        is_cut = len(saves) >= KEPT_SAVES
        if data is None:
            return StateView(name, None, history=history, is_cut=is_cut)
        return StateView(name, data.data, data.saved_at, data.job_instanceid, history, is_cut)


class _Read(NamedTuple):
    name: str  # of the job
    saves: Mapping[int, StateData]  # by the ids of their rows
    shown: Mapping[int, SavedState]


def with_clearings(
    saves: Sequence[SavedState],
    ended: Callable[[SavedState], End | None],
    has_data: bool,
) -> tuple[SavedState, ...]:
    """Return `saves`, the newest first, with a tombstone where a run cleared the data.

    `ended` returns the first run that was COMPLETE after a save, or None. Where that run is not
    recorded any more, the history stays as it is.
    """
    shown: list[SavedState] = []
    after: SavedState | None = None
    for save in saves:
        if save.data is not None and _may_be_cleared(save, after, has_data=has_data):
            end = ended(save)
            if end is not None and (after is None or end[0] <= after.saved_at):
                shown.append(SavedState(end[0], None, end[1], "COMPLETE"))
        shown.append(save)
        after = save
    return tuple(shown)


def _may_be_cleared(save: SavedState, after: SavedState | None, *, has_data: bool) -> bool:
    """Whether data could have gone between a save and the one after (None: and now)."""
    if after is None:
        return not has_data
    by_one_run = save.job_instanceid is not None and save.job_instanceid == after.job_instanceid
    return after.data is not None and not by_one_run


def _end(system: System, name: str, save: SavedState) -> End | None:
    """Return the end of the first run of the job that was COMPLETE after a save."""
    found = system.instances.query(
        job=name, statuses=(Status.COMPLETE,), since=save.saved_at, ascending=True, limit=1
    )
    with suppress(NotFoundError):
        if save.job_instanceid is not None:
            found.append(system.instances.info(save.job_instanceid).view)
    return min(
        (
            (each.instance.completed, each.instance.job_instanceid)
            for each in found
            if each.instance.jobstatus is Status.COMPLETE and each.instance.completed is not None
        ),
        default=None,
    )
