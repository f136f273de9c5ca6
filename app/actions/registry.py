"""The registry of actions: the one source of keys, key bar, help, commands, menus and docs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace

from app.actions.extras import Extras
from app.actions.scene import Scene
from app.widgets.key_names import key_name

PANES = ("jobs", "groups", "instances", "logs", "state", "schedule", "engine")


class Danger(IntEnum):
    """How hard an action is to take back; decides how it is confirmed."""

    NONE = 0  # looks and copies
    REVERSIBLE = 1
    HARD = 2
    DESTRUCTIVE = 3


def _possible(scene: Scene) -> str:
    del scene
    return ""


def _all(scene: Scene) -> Scene:
    return scene


def _none(scene: Scene) -> Sequence[str]:
    del scene
    return ()


class Action(Struct, frozen=True):
    """One thing that an operator can do."""

    id: str  # "jobs.run": what key settings name
    title: str
    help: str
    run: Callable[[Scene], None]
    keys: tuple[str, ...] = ()
    panes: tuple[str, ...] = ()  # where its keys work; (): everywhere
    danger: Danger = Danger.NONE
    refusal: Callable[[Scene], str] = _possible  # why not, in one line; "": it is possible
    bar: int = 0  # its place on the key bar, 1 first; 0: not there
    past_bar: int = 0  # its place there while a moment of the past is shown, before the others
    is_of_now: bool = False  # it tells what is kept of no moment of the past
    verbs: tuple[str, ...] = ()  # names on the command line
    takes: str = ""  # what the command line may give it, for help
    on: str = ""  # what names on the command line are: jobs, job (one, then its argument), ...
    named: str = ""  # the action that is meant instead where names follow its verb
    extras: Extras | None = None  # words of its own on the command line
    narrowed: Callable[[Scene], Scene] = _all  # to those of the rows that it is done to
    consequences: Callable[[Scene], Sequence[str]] = _none  # told before it destroys
    is_motion: bool = False  # kept out of menus
    is_of_engine: bool = False  # it is about the engine: rows that are chosen mean nothing to it
    asks_itself: bool = False  # opens a form or a list of its own: that is confirmation enough

    def works_in(self, pane: str) -> bool:
        """Whether its keys work in `pane`."""
        return not self.panes or pane in self.panes


class KeyClashError(ValueError):
    """Two actions want one key in one pane."""


class Registry:
    """All actions, by id, by key and pane, and by verb."""

    def __init__(self, actions: Iterable[Action] = ()) -> None:
        self._actions: dict[str, Action] = {}
        self._keys: dict[tuple[str, str], Action] = {}
        self._verbs: dict[str, Action] = {}
        for action in actions:
            self.add(action)

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())

    def __getitem__(self, action_id: str) -> Action:
        return self._actions[action_id]

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._actions

    def add(self, action: Action) -> None:
        """Take an action in.

        Raises:
            KeyClashError: another one has its key in one of its panes.
        """
        if action.id in self._actions:
            raise KeyClashError(f"two actions are called {action.id}")
        self._actions[action.id] = action
        for verb in action.verbs:
            if verb in self._verbs:
                raise KeyClashError(f"{action.id} and {self._verbs[verb].id} are both :{verb}")
            self._verbs[verb] = action
        for key in action.keys:
            self._bind(key, action)

    def _bind(self, key: str, action: Action) -> None:
        for pane in action.panes or PANES:
            owner = self._keys.setdefault((pane, key), action)
            if owner is not action:
                raise KeyClashError(
                    f"key {key!r} in {pane} is bound to both {owner.id} and {action.id}"
                )

    def by_key(self, pane: str, key: str) -> Action | None:
        """Return what `key` does in `pane`."""
        return self._keys.get((pane, key))

    def has_key(self, key: str) -> bool:
        """Whether `key` does anything in any pane."""
        return self.elsewhere(key) is not None

    def key_of(self, action_id: str) -> str:
        """Return what does it, as people write it: its first key, else `:verb`, else its title."""
        action = self._actions[action_id]
        if action.keys:
            return key_name(action.keys[0])
        return f":{action.verbs[0]}" if action.verbs else f"'{action.title}'"

    def elsewhere(self, key: str) -> Action | None:
        """Return an action that `key` has in another pane."""
        return next((action for (_, known), action in self._keys.items() if known == key), None)

    def by_verb(self, verb: str) -> Action | None:
        """Return the action that is called `verb` on the command line."""
        return self._verbs.get(verb)

    @property
    def verbs(self) -> Sequence[str]:
        """Every verb, sorted."""
        return sorted(self._verbs)

    def in_pane(self, pane: str) -> list[Action]:
        """Return what can be done in `pane`, in the order of definition."""
        return [action for action in self if action.works_in(pane)]

    def remapped(self, keys: Mapping[str, Sequence[str]]) -> "Registry":
        """Return a registry where the actions named in `keys` have other keys.

        Raises:
            KeyClashError: an id is unknown, or two actions want one key.
        """
        unknown = [action_id for action_id in keys if action_id not in self]
        if unknown:
            raise KeyClashError(f"no action is called {unknown[0]}")
        return Registry(
            replace(action, keys=tuple(keys[action.id])) if action.id in keys else action
            for action in self
        )
