"""What is being typed on the status line: a filter, a search, a command. It never blinks."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from app.presentation.pieces import Piece
from app.sanitize import safe
from app.widgets.line_editor import LineEditor
from app.widgets.paint import own
from app.widgets.typed_text import Part, typed_pieces


class Completion(Struct):
    """What may stand at the cursor: one of `words` replaces the word that begins at `start`."""

    start: int
    words: Sequence[str] = ()


def _nothing(text: str) -> None:
    del text


def _no_words(text: str, position: int) -> Completion:
    del text
    return Completion(position)


def _right(text: str) -> Sequence[Part]:
    del text
    return ()


class Prompt(Struct):
    """One prompt: its sign, its editor, and whom it tells."""

    sign: str  # "/", ":", "&"
    editor: LineEditor
    changed: Callable[[str], None] = _nothing  # at each key
    entered: Callable[[str], None] = _nothing  # at enter
    left: Callable[[], None] = lambda: None  # at escape
    complete: Callable[[str, int], Completion] = _no_words
    wrong: Callable[[str], Sequence[Part]] = _right  # the parts of a text that are underlined
    problem: str = ""  # why what is typed would be refused; shown at the right
    _words: Completion | None = None
    _turn: int = 0

    def key(self, key: str, character: str | None) -> bool:
        """Take one key; False when it means nothing here."""
        if key in {"tab", "shift+tab"}:
            self._next_word(-1 if key == "shift+tab" else 1)
            self.changed(self.editor.text)
            return True
        before = self.editor.text
        taken = self.editor.key(key, character)
        if taken:
            self._words = None
            if self.editor.text != before:
                self.changed(self.editor.text)
        return taken

    def paste(self, text: str) -> None:
        """Take pasted text, as one line."""
        self.editor.insert(text)
        self._words = None
        self.changed(self.editor.text)

    def _next_word(self, step: int) -> None:
        if self._words is None or not self._words.words:
            self._words = self.complete(self.editor.text, self.editor.position)
            self._turn = 0 if step > 0 else -1
        else:
            self._turn += step
        words = self._words.words
        if not words:
            return
        word = words[self._turn % len(words)]
        rest = self.editor.text[self.editor.position :]
        head = self.editor.text[: self._words.start] + word
        self.editor.set(head + rest)
        self.editor.position = len(head)

    def pieces(self, width: int) -> list[Piece]:
        """Return the line: sign, text with the cursor in it, then what could be completed."""
        text, position = self.editor.text, self.editor.position
        if self.editor.is_selected:
            hint = "  type to replace it"
            return [own(self.sign, "prompt"), *selected_pieces(text), own(hint, "muted")]
        room = max(8, width - 2)
        start = max(0, position - room + 1)
        wrong = [(max(0, first - start), last - start) for first, last in self.wrong(text)]
        typed = typed_pieces(text[start:], wrong, caret=position - start)
        pieces = [own(self.sign, "prompt"), *typed]
        if self.problem:
            pieces.append(Piece(safe(f"  {self.problem}"), "error"))
        else:
            words = self._words or self.complete(text, position)
            if words.words:
                most = 8
                pieces.append(own("  "))
                pieces.append(Piece(safe("  ".join(words.words[:most])), "muted"))
        return pieces


def selected_pieces(text: str) -> list[Piece]:
    """Return text that goes with the first character that is typed, and the cursor behind it."""
    return [Piece(safe(text), "caret"), own(" ")]
