"""The line where the console speaks and is spoken to: messages, questions, and what is typed."""

from textual import events
from textual.strip import Strip

from app.boundary import guarded
from app.cells import cell_width, cut
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.one_line import OneLine
from app.widgets.paint import own, paint_of, width_of
from app.widgets.prompt import Prompt


class StatusLine(OneLine):
    """Shows the prompt, else the question, else the last message with a hint at the right."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._prompt: Prompt | None = None
        self._question = ""
        self._verb = ""
        self._message = SafeText("")
        self._role = ""
        self._hint = ""

    @property
    def message(self) -> str:
        """The last message."""
        return self._message

    @property
    def role(self) -> str:
        """How it is shown."""
        return self._role

    def say(self, text: str, role: str = "", hint: str = "") -> None:
        """Show a message; `hint` stands at the right (`u undo`)."""
        message, hint = safe(text), safe(hint)
        if (message, role, hint) != (self._message, self._role, self._hint):
            self._message, self._role, self._hint = message, role, hint
            self.refresh()

    @guarded("a click")
    def on_click(self, event: events.Click) -> None:
        """Show the messages where the hint names them."""
        if ":messages" in self._hint and event.x >= self.size.width - len(self._hint) - 1:
            self.post_message(self.Clicked("messages"))

    @property
    def is_covered(self) -> bool:
        """Whether something else than the message stands on the line."""
        return self._prompt is not None or bool(self._question)

    def is_cut(self, text: str) -> bool:
        """Whether the line is too short for a message."""
        return cell_width(safe(text)) + 2 > self.size.width > 0

    def ask(self, text: str, verb: str) -> None:
        """Show a question; "" takes it away."""
        self._question, self._verb = text, verb
        self.refresh()

    def type(self, prompt: Prompt | None) -> None:
        """Show a prompt; None takes it away."""
        self._prompt = prompt
        self.refresh()

    @property
    def text(self) -> str:
        """What the line says."""
        return "".join(piece.text for piece in self._line())

    def _line(self) -> list[Piece]:
        width = self.size.width
        if self._prompt is not None:
            return [own(" "), *self._prompt.pieces(width - 1)]
        if self._question:
            answers = [
                own("   [y] ", "key"),
                own(self._verb, "question"),
                own("   [N] ", "key"),
                own("keep", "question"),
            ]
            room = width - width_of(answers) - 2  # the names give way, never the answers
            asked = cut(safe(self._question), room)
            return [own(" "), Piece(asked, "question"), *answers]
        hint = self._hint
        taken = cell_width(self._message)
        if taken + len(hint) + 4 > width:
            hint = hint.partition(": ")[0]  # the message goes before what the hint adds
        if hint.endswith("unread") and taken + len(hint) + 4 > width:
            hint = ""  # it comes again when the message goes
        room = width - (len(hint) + 4 if hint else 1)
        line = [own(" "), Piece(cut(self._message, room), self._role)]
        if hint:
            line += [own(" " * (width - width_of(line) - len(hint) - 1)), own(hint, "key")]
        return line

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        del y
        under = "question" if self._question and self._prompt is None else ""
        return paint_of(self).strip(self._line(), self.size.width, under)
