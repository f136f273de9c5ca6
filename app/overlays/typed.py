"""The confirmation of what destroys: the targets, the consequences, and a word to type."""

from collections.abc import Callable, Sequence

from textual.geometry import Size

from app.overlays.overlay import Overlay
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.line_editor import LineEditor
from app.widgets.paint import own
from app.widgets.text_panel import Line

_MOST_TARGETS = 8


class TypedConfirmation(Overlay):
    """Does `yes` only when the expected word was typed; Enter on anything else cancels."""

    note = "esc cancel"
    is_text = True

    def __init__(
        self,
        title: str,
        targets: Sequence[str],
        consequences: Sequence[str],
        expected: str,
        yes: Callable[[], None],
        no: Callable[[], None],
    ) -> None:
        super().__init__()
        self.title = title
        self._targets = targets
        self._consequences = consequences
        self._expected = expected
        self._yes = yes
        self._no = no
        self._editor = LineEditor()
        self.wanted = Size(76, len(self._head()) + 3)

    @property
    def is_typed(self) -> bool:
        """Whether the word stands there."""
        return self._editor.text.strip() == self._expected

    def key(self, key: str, character: str | None) -> None:
        """Type; Enter does it when the word is right, and cancels when it is not."""
        if key == "enter":
            agreed = self.is_typed
            self.close()
            (self._yes if agreed else self._no)()
            return
        if key in {"escape", "ctrl+c"}:
            self.leave()
            return
        self._editor.key(key, character)
        self.refresh()

    def leave(self) -> None:
        """Cancel."""
        self.close()
        self._no()

    def lines(self, size: Size) -> Sequence[Line]:
        """Return targets, consequences, and what is typed."""
        lines = self._head()[: max(1, size.height - 2)]
        lines += [()] * (size.height - 2 - len(lines))
        text = self._editor.text
        role = "success" if self.is_typed else ""
        typed = [own(" > ", "prompt"), Piece(safe(text), role), own(" ", "caret")]
        ready = f" enter: {self.title}" if self.is_typed else " [enter: cancel]"
        return [*lines, typed, [Piece(safe(ready), "error" if self.is_typed else "key")]]

    def _head(self) -> list[Line]:
        lines: list[Line] = [[Piece(safe(f"   {name}"))] for name in self._targets[:_MOST_TARGETS]]
        if len(self._targets) > _MOST_TARGETS:
            more = len(self._targets) - _MOST_TARGETS
            lines.append([own(f"   and {more:,} more", "muted")])
        lines.append(())
        lines += [[Piece(safe(f" {text}"), "warning")] for text in self._consequences]
        lines += [
            (),
            [own(" Type "), Piece(SafeText(safe(self._expected)), "match"), own(" to go on:")],
        ]
        return lines
