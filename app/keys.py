"""Where a key goes: the question, the prompt, then the pane's action of that key."""

from typing import Protocol

from app.actions.question import Question
from app.actions.registry import Registry
from app.frame import Frame
from app.held import Guard
from app.overlays.overlay import Overlay, OverlayBox
from app.panes.switcher import Switcher
from app.widgets.bars import PANE_TITLES
from app.widgets.key_names import written
from app.widgets.line_editor import WORD_KEYS
from app.widgets.prompt import Prompt
from engine.clock import Clock


class Keyboard(Protocol):
    """What a key may reach."""

    clock: Clock
    registry: Registry
    frame: Frame
    panes: Switcher
    overlays: OverlayBox

    def perform(self, action_id: str, argument: str = "", key: str = "") -> None:
        """Perform an action on the present selection."""
        ...

    def prompt(self, prompt: Prompt | None) -> None:
        """Let a line be typed on the status line."""
        ...

    def say(self, text: str, role: str = "") -> None:
        """Show a message."""
        ...

    def show_frame(self) -> None:
        """Repaint the lines around the pane, where they differ."""
        ...


class KeyRouter:
    """Takes every key of the console, one after the other."""

    def __init__(self, console: Keyboard) -> None:
        self._console = console
        self.prompt: Prompt | None = None
        self.question: Question | None = None
        self._key = ""  # the last one
        self._guard: Guard | None = None  # of the topmost overlay, until something else is typed

    def key(self, key: str, character: str | None) -> None:
        """Take one key, or two: Escape and what was typed behind it arrive as alt and that."""
        if character is not None and key.startswith("alt+") and not self._is_one(key):
            base = character if character.isalnum() else key.removeprefix("alt+")
            self._press("escape", "\x1b")
            self._press(base, character)
        else:
            self._press(key, None if key.startswith("alt+") else character)

    def _is_one(self, key: str) -> bool:
        """Return whether `key`, with alt, means something: an action anywhere, or words here."""
        if self._console.registry.has_key(key):
            return True
        overlay = self._console.overlays.top
        is_text = self.prompt is not None or (overlay is not None and overlay.is_text)
        return self.question is None and is_text and key in WORD_KEYS

    def _press(self, key: str, character: str | None) -> None:
        self._key = key
        if self.question is not None:
            self._answer(written(key, character))
        elif self.prompt is not None:
            self._type(self.prompt, key, character)
        elif self._console.overlays.top is not None:
            self._hand_over(self._console.overlays.top, key, character)
        else:
            self._act(written(key, character))

    def paste(self, text: str) -> None:
        """Take pasted text; it never presses keys."""
        if self.prompt is not None and self.question is None:
            self.prompt.paste(text)
            self._console.frame.status.refresh()
        elif self._console.overlays.top is not None and self.question is None:
            self._guard = None
            self._console.overlays.top.paste(text)

    def ask(self, question: Question) -> None:
        """Open a question."""
        self.question = question
        self._console.frame.status.ask(question.text, question.verb)

    def opened(self) -> None:
        """An overlay came on top: the key that brought it there may be held down."""
        self._guard = Guard(self._console.clock.monotonic(), self._key)

    def second(self) -> None:
        """A second passed: an unanswered question answers itself with No."""
        if self.question is not None and self.question.is_over(self._console.clock.monotonic()):
            self._close_question("no answer: nothing was done")

    def drop(self) -> None:
        """Leave what is typed or asked: the rows that it is about go out of sight."""
        if self.question is not None:
            self._close_question(f"not done: {self.question.verb}")
        prompt = self.prompt
        if prompt is not None:
            self._console.prompt(None)
            prompt.left()

    def _hand_over(self, overlay: Overlay, key: str, character: str | None) -> None:
        """Give a key to the topmost overlay, but none that was meant for what it covers."""
        guard = self._guard
        if guard is not None:
            can_choose = key == "enter" or (overlay.takes_letters and key == guard.opener)
            if can_choose and guard.is_early(key, self._console.clock.monotonic()):
                return
            self._guard = None  # who types on is at home here: what follows is meant
        overlay.key(key, character)
        below = self._console.overlays.top
        if below is not None and below is not overlay:
            self.opened()
        self._console.show_frame()

    def _answer(self, key: str) -> None:
        question = self.question
        if question is None:
            return
        agreed = question.key(key, self._console.clock.monotonic())
        if agreed is None:
            return
        self._close_question("" if agreed else f"not done: {question.verb}")
        if agreed:
            question.yes()

    def _close_question(self, message: str) -> None:
        self.question = None
        self._console.frame.status.ask("", "")
        if message:
            self._console.say(message)

    def _type(self, prompt: Prompt, key: str, character: str | None) -> None:
        if key == "enter":
            self._console.prompt(None)
            prompt.entered(prompt.editor.text)
        elif key in {"escape", "ctrl+c"} or (key == "backspace" and not prompt.editor.text):
            self._console.prompt(None)
            prompt.left()
        elif prompt.key(key, character):
            self._console.frame.status.refresh()
        self._console.show_frame()

    def _act(self, key: str) -> None:
        console = self._console
        pane = console.panes.current_name
        action = console.registry.by_key(pane, key)
        if action is not None:
            console.perform(action.id, key=key)
            return
        other = console.registry.elsewhere(key)
        if other is not None:
            where = ", ".join(PANE_TITLES[each] for each in other.panes)
            console.say(f"{key}: {other.title} works in {where}", "warning")
