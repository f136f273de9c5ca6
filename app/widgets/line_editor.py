"""One line of text being typed: no widget, no blinking, just the text and its cursor."""

import re

_WORD_BEHIND = re.compile(r"\s*\S+")
WORD_KEYS = frozenset({"alt+b", "alt+f", "alt+d", "alt+backspace"})  # as readline has them


class LineEditor:
    """Text, cursor, and a history that the arrow keys walk.

    Text that is `selected` goes with the first character that is typed; a motion key keeps it.
    """

    def __init__(
        self, text: str = "", history: list[str] | None = None, *, selected: bool = False
    ) -> None:
        self.text = text
        self.is_selected = selected and bool(text)  # all of it
        self.position = len(text)
        self._history = history if history is not None else []
        self._at = len(self._history)
        self._draft = text

    def set(self, text: str) -> None:
        """Replace the whole text."""
        self.is_selected = False
        self.text = text
        self.position = len(text)

    def insert(self, text: str) -> None:
        """Put `text` (one line of it) at the cursor."""
        text = " ".join(text.splitlines())
        if self.is_selected:
            self.set("")
        self.text = self.text[: self.position] + text + self.text[self.position :]
        self.position += len(text)

    def key(self, key: str, character: str | None) -> bool:
        """Take one key; False when it means nothing here."""
        move = _MOVES.get(key)
        if move is not None:
            if self.is_selected and key in _TAKES_AWAY:
                self.set("")
            else:
                self.is_selected = False
                move(self)
            return True
        if character is not None and character.isprintable():
            self.insert(character)
            return True
        return False

    def left(self) -> None:
        """Move left."""
        self.position = max(0, self.position - 1)

    def right(self) -> None:
        """Move right."""
        self.position = min(len(self.text), self.position + 1)

    def home(self) -> None:
        """Move to the start."""
        self.position = 0

    def end(self) -> None:
        """Move to the end."""
        self.position = len(self.text)

    def backspace(self) -> None:
        """Delete the character before the cursor."""
        if self.position:
            self.text = self.text[: self.position - 1] + self.text[self.position :]
            self.position -= 1

    def delete(self) -> None:
        """Delete the character under the cursor."""
        self.text = self.text[: self.position] + self.text[self.position + 1 :]

    def delete_word(self) -> None:
        """Delete the word before the cursor."""
        end = self.position
        self.word_left()
        self.text = self.text[: self.position] + self.text[end:]

    def delete_next_word(self) -> None:
        """Delete the word behind the cursor."""
        self.text = self.text[: self.position] + _WORD_BEHIND.sub(
            "", self.text[self.position :], count=1
        )

    def word_left(self) -> None:
        """Move to the start of the word before the cursor."""
        before = self.text[: self.position].rstrip()
        self.position = len(before) - sum(map(len, before.rsplit(None, 1)[-1:]))

    def word_right(self) -> None:
        """Move to the end of the word behind the cursor."""
        word = _WORD_BEHIND.match(self.text, self.position)
        self.position = word.end() if word else len(self.text)

    def delete_to_start(self) -> None:
        """Delete everything before the cursor."""
        self.text = self.text[self.position :]
        self.position = 0

    def delete_to_end(self) -> None:
        """Delete everything from the cursor on."""
        self.text = self.text[: self.position]

    def older(self) -> None:
        """Show the previous entry of the history."""
        if self._at > 0:
            if self._at == len(self._history):
                self._draft = self.text
            self._at -= 1
            self.set(self._history[self._at])

    def newer(self) -> None:
        """Show the next entry of the history, at last what was being typed."""
        if self._at < len(self._history):
            self._at += 1
            at_end = self._at == len(self._history)
            self.set(self._draft if at_end else self._history[self._at])


_MOVES = {
    "left": LineEditor.left,
    "right": LineEditor.right,
    "ctrl+b": LineEditor.left,
    "home": LineEditor.home,
    "ctrl+a": LineEditor.home,
    "end": LineEditor.end,
    "ctrl+e": LineEditor.end,
    "backspace": LineEditor.backspace,
    "ctrl+h": LineEditor.backspace,
    "delete": LineEditor.delete,
    "ctrl+w": LineEditor.delete_word,
    "alt+backspace": LineEditor.delete_word,
    "alt+d": LineEditor.delete_next_word,
    "ctrl+left": LineEditor.word_left,
    "alt+left": LineEditor.word_left,
    "alt+b": LineEditor.word_left,
    "ctrl+right": LineEditor.word_right,
    "alt+right": LineEditor.word_right,
    "alt+f": LineEditor.word_right,
    "ctrl+u": LineEditor.delete_to_start,
    "ctrl+k": LineEditor.delete_to_end,
    "up": LineEditor.older,
    "down": LineEditor.newer,
}
_TAKES_AWAY = {"backspace", "ctrl+h", "delete", "ctrl+w", "ctrl+u", "alt+backspace", "alt+d"}
