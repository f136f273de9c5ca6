"""The ways to find an action: key help, the menu of the selection, the palette, commands."""

from collections.abc import Callable, Iterator, Sequence

from app.actions.command import complete_command, read_command
from app.actions.perform import why_not
from app.actions.registry import Action, Registry
from app.actions.scene import Scene
from app.overlays.choice import Choice
from app.overlays.entries import Entry, heading
from app.presentation.console_words import console_words
from app.widgets.bars import PANE_TITLES
from app.widgets.key_names import key_name
from app.widgets.line_editor import LineEditor
from app.widgets.prompt import Prompt
from engine.errors import TocsinError

_MOST_FOUND = 200


class Menus:
    """Holds what the menus remember: typed commands, and what was chosen lately."""

    def __init__(self) -> None:
        self._registry = Registry()
        self.commands: list[str] = []
        self.recent: list[str] = []

    def over(self, registry: Registry) -> None:
        """Show the actions of `registry`."""
        self._registry = registry

    def actions(self) -> Iterator[Action]:
        """Return the actions that open the menus."""
        yield Action("help", "Keys", "Keys and help for this pane", self._help, ("?", "f1"), bar=30,
                     verbs=("help", "keys"))  # fmt: skip
        yield Action("menu", "Actions", "Everything that can be done here", self._menu, ("a",),
                     bar=29)  # fmt: skip
        yield Action("command", "Cmd", "Type a command", self._command, (":",), bar=31)
        yield Action("palette", "Palette", "Find any action, job or group", self._palette,
                     ("ctrl+p",), verbs=("palette",))  # fmt: skip

    # -- entries ---------------------------------------------------------------------------------

    def _entry(self, action: Action, scene: Scene) -> Entry:
        keys = " ".join(key_name(key) for key in action.keys[:2])
        verbs = f":{action.verbs[0]} {action.takes}".strip() if action.verbs else ""
        return Entry(
            f"{action.title:<18}", self._runner(action, scene), key=keys, more=action.help,
            reason=why_not(action, scene), note=verbs, words=f"{action.id} {verbs}",
        )  # fmt: skip

    def _runner(self, action: Action, scene: Scene) -> Callable[[], None]:
        def run() -> None:
            if action.id in self.recent:
                self.recent.remove(action.id)
            self.recent.insert(0, action.id)
            scene.console.perform_in(action, scene)

        return run

    def _help(self, scene: Scene) -> None:
        here = [action for action in self._registry.in_pane(scene.pane) if action.keys]
        own = [action for action in here if action.panes]
        common = [action for action in here if not action.panes]

        def entries() -> list[Entry]:
            now = scene.renewed()
            return [
                heading(PANE_TITLES[scene.pane]),
                *(self._entry(action, now) for action in own),
                heading("Everywhere"),
                *(self._entry(action, now) for action in common),
            ]

        scene.console.open(Choice("Keys", entries, width=96, key_width=11, explains=True))

    def _menu(self, scene: Scene) -> None:
        acts = [
            action
            for action in self._registry.in_pane(scene.pane)
            if action.panes and not action.is_motion
        ]

        def entries() -> list[Entry]:
            now = scene.renewed()
            return [self._entry(action, now) for action in acts]

        scene.console.open(Choice("Actions", entries, width=96))

    def _palette(self, scene: Scene) -> None:
        acts = [action for action in self._registry if not action.is_motion]
        rank = {action_id: index for index, action_id in enumerate(self.recent)}
        acts.sort(key=lambda action: rank.get(action.id, len(rank)))

        def entries() -> list[Entry]:
            now = scene.renewed()
            return [self._entry(action, now) for action in acts]

        scene.console.open(
            Choice("Palette", entries, width=96, more_entries=lambda text: _places(scene, text))
        )

    # -- the command line ------------------------------------------------------------------------

    def _command(self, scene: Scene) -> None:
        console = scene.console

        def entered(text: str) -> None:
            if not text.strip():
                return
            if text not in self.commands[-1:]:
                self.commands.append(text)
            try:
                now = console.travel.now
                command = read_command(text, self._registry, scene, now, console.zone)
            except TocsinError as error:
                console.say(console_words(error.message, console.zone), "error")
                return
            console.perform_in(command.action, command.scene)

        console.prompt(
            Prompt(
                ":",
                LineEditor("", self.commands),
                entered=entered,
                complete=lambda text, position: complete_command(
                    text, position, self._registry, console
                ),
            )
        )


def _places(scene: Scene, text: str) -> Sequence[Entry]:
    """Return the jobs and groups that the palette can go to."""
    words = text.lower().split()
    console = scene.console

    def go(pane: str, name: str) -> Callable[[], None]:
        return lambda: console.go_to(pane, name)

    found = [
        Entry(name, go("jobs", name), key="job")
        for name in console.store.names
        if all(word in name.lower() for word in words)
    ][:_MOST_FOUND]
    found += [
        Entry(name, go("groups", name), key="group")
        for name in console.store.groups
        if all(word in name.lower() for word in words)
    ]
    return found
