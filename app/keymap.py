"""Check the keys that a user gave to actions: unknown actions, keys that are not free, clashes."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol

from app.sanitize import SafeText, safe_line
from app.settings import LoadedSettings
from app.widgets.key_names import arriving, nearest_key

# Keys that never arrive, or not as themselves: terminals, tmux and screen own them.
_NOT_FREE = {
    "ctrl+b": "tmux owns it",
    "ctrl+s": "it stops the terminal's output",
    "ctrl+q": "it starts the terminal's output again",
    "ctrl+z": "it suspends",
    "ctrl+h": "terminals send it for backspace",
    "ctrl+i": "terminals send it for tab",
    "ctrl+j": "terminals send it for enter",
    "ctrl+m": "terminals send it for enter",
    "ctrl+[": "terminals send it for escape",
}


class Bound(Protocol):
    """What is asked of an action: the registry's have all of it."""

    @property
    def id(self) -> str:
        """Its name in the settings: "jobs.run"."""
        ...

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys it has by default."""
        ...

    @property
    def panes(self) -> tuple[str, ...]:
        """Where its keys work; (): everywhere."""
        ...


def check_keys(
    loaded: LoadedSettings, actions: Iterable[Bound], all_panes: Sequence[str]
) -> tuple[Mapping[str, tuple[str, ...]], list[SafeText]]:
    """Return the remappings that can be used, and what is wrong with the others.

    A clash is told with the file and line of the remapping and the names of both owners.
    """
    known = {action.id: action for action in actions}
    problems: list[SafeText] = []
    accepted: dict[str, tuple[str, ...]] = {}
    for action_id, typed in loaded.settings.keys.items():
        place = loaded.key_places.get(action_id, SafeText("settings"))
        if action_id not in known:
            likely = get_close_matches(action_id, known, n=1)
            hint = f" Nearest: '{likely[0]}'." if likely else " `?` lists them all."
            problems.append(safe_line(f"{place}: no action is called '{action_id}'.{hint}"))
            continue
        strange = [key for key in typed if not arriving(key)]
        if strange:
            near = nearest_key(strange[0])
            hint = f" Nearest: '{near}'." if near else ""
            message = f"'{action_id}' cannot have {strange[0]}: no key is called that.{hint}"
            problems.append(safe_line(f"{place}: {message}"))
            continue
        keys = tuple(map(arriving, typed))
        taken = [key for key in keys if key in _NOT_FREE]
        if taken:
            reason = _NOT_FREE[taken[0]]
            problems.append(safe_line(f"{place}: '{action_id}' cannot have {taken[0]}: {reason}."))
            continue
        accepted[action_id] = keys
    return _without_clashes(accepted, known, all_panes, loaded, problems), problems


def _without_clashes(
    accepted: dict[str, tuple[str, ...]],
    known: Mapping[str, Bound],
    all_panes: Sequence[str],
    loaded: LoadedSettings,
    problems: list[SafeText],
) -> Mapping[str, tuple[str, ...]]:
    """Drop remappings, one by one, until no key has two owners in a pane."""
    while True:
        clash = _first_clash(accepted, known, all_panes)
        if clash is None:
            return accepted
        key, pane, one, other = clash
        blamed = one if one in accepted else other
        place = loaded.key_places.get(blamed, SafeText("settings"))
        problems.append(
            safe_line(f"{place}: key '{key}' in {pane} belongs to both '{one}' and '{other}'.")
        )
        del accepted[blamed]


def _first_clash(
    accepted: Mapping[str, tuple[str, ...]], known: Mapping[str, Bound], all_panes: Sequence[str]
) -> tuple[str, str, str, str] | None:
    owners: dict[tuple[str, str], str] = {}
    for action in known.values():
        for key in accepted.get(action.id, action.keys):
            for pane in action.panes or all_panes:
                owner = owners.setdefault((pane, key), action.id)
                if owner == action.id:
                    continue
                if owner in accepted or action.id in accepted:
                    return key, pane, owner, action.id
    return None
