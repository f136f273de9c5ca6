"""A form: fields to type in, and what they would mean, shown and checked as they are typed."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field
from textual.geometry import Size

from app.overlays.overlay import Overlay
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.line_editor import LineEditor
from app.widgets.paint import own
from app.widgets.text_panel import Line

Values = Mapping[str, str]


class FormField(Struct):
    """One field. One with `choices` is turned with the arrow keys or by typing a first letter."""

    name: str
    label: str
    value: str = ""
    help: str = ""
    choices: Sequence[str] = ()
    editor: LineEditor = field(default_factory=LineEditor)

    def __post_init__(self) -> None:
        self.editor = LineEditor(self.value)


class Preview(Struct, frozen=True):
    """What the values mean: lines to show, or why they are refused."""

    lines: Sequence[Line] = ()
    problem: str = ""
    problem_field: str = ""


class Form(Overlay):
    """Fields, a live preview, and one thing that Enter does."""

    note = "tab field  enter do it  esc cancel"
    is_text = True

    def __init__(
        self,
        title: str,
        fields: Sequence[FormField],
        submit: Callable[[Values], None],
        *,
        preview: Callable[[Values], Preview] = lambda values: Preview(),  # noqa: ARG005
        verb: str = "save",
        height: int = 18,
    ) -> None:
        super().__init__()
        self.title = title
        self._fields = list(fields)
        self._submit = submit
        self._preview = preview
        self._verb = verb
        self._at = 0
        self._label_width = max(len(each.label) for each in fields) + 2
        self._last: tuple[tuple[str, ...], Preview] = ((), Preview())
        self.wanted = Size(76, max(height, len(fields) + 4))

    @property
    def values(self) -> dict[str, str]:
        """What the fields hold."""
        return {each.name: each.editor.text.strip() for each in self._fields}

    def set_value(self, name: str, value: str) -> None:
        """Fill a field."""
        for each in self._fields:
            if each.name == name:
                each.editor.set(value)
        self.refresh()

    def key(self, key: str, character: str | None) -> None:
        """Type, go from field to field, submit or cancel."""
        current = self._fields[self._at]
        if key in {"escape", "ctrl+c"}:
            self.leave()
            return
        if key == "enter":
            self._enter()
        elif key in {"tab", "down"}:
            self._at = (self._at + 1) % len(self._fields)
        elif key in {"shift+tab", "up"}:
            self._at = (self._at - 1) % len(self._fields)
        elif current.choices:
            self._turn(current, key, character)
        else:
            current.editor.key(key, character)
        self.refresh()

    def paste(self, text: str) -> None:
        """Take pasted text into the field."""
        current = self._fields[self._at]
        if not current.choices:
            current.editor.insert(text)
        self.refresh()

    def second(self) -> None:
        """Tell what the values mean by now: times in them go on."""
        self._preview_anew()
        self.refresh()

    def _turn(self, current: FormField, key: str, character: str | None) -> None:
        choices = list(current.choices)
        text = current.editor.text
        at = choices.index(text) if text in choices else 0
        if key in {"right", "space"}:
            current.editor.set(choices[(at + 1) % len(choices)])
        elif key == "left":
            current.editor.set(choices[(at - 1) % len(choices)])
        elif character and character.isprintable():
            found = next((each for each in choices if each.startswith(character)), None)
            current.editor.set(found or text)

    def _enter(self) -> None:
        preview = self._preview_anew()
        if preview.problem:
            names = [each.name for each in self._fields]
            if preview.problem_field in names:
                self._at = names.index(preview.problem_field)
            return
        values = self.values
        self.close()
        self._submit(values)

    def _previewed(self) -> Preview:
        """Return what was found last where the same is typed still."""
        if tuple(self.values.values()) != self._last[0] or not self._last[0]:
            return self._preview_anew()
        return self._last[1]

    def _preview_anew(self) -> Preview:
        values = self.values
        self._last = (tuple(values.values()), self._preview(values))
        return self._last[1]

    def lines(self, size: Size) -> Sequence[Line]:
        """Return the fields, then what they mean."""
        lines = [self._line(each, size.width) for each in self._fields]
        preview = self._previewed()
        lines.append([own(" " + "-" * (size.width - 2), "border")])
        if preview.problem:
            lines.append([Piece(SafeText(f" {safe(preview.problem)}"), "error")])
        else:
            lines.append([own(f" enter: {self._verb}", "key")])
        lines += [[own(" "), *line] for line in preview.lines]
        help_text = self._fields[self._at].help
        room = size.height - 1
        lines = [*lines[:room], *[()] * (room - len(lines))]
        return [*lines, [Piece(safe(f" {help_text}"), "muted")]]

    def _line(self, each: FormField, width: int) -> Line:
        is_here = each is self._fields[self._at]
        label = Piece(safe(f" {each.label:<{self._label_width}}"), "key" if is_here else "muted")
        if each.choices:
            pieces = [label]
            for choice in each.choices:
                is_chosen = choice == each.editor.text
                role = ("cursor" if is_here else "title") if is_chosen else "muted"
                pieces += [Piece(safe(f" {choice} "), role), own(" ")]
            return pieces
        text, at = each.editor.text, each.editor.position
        if not is_here:
            return [label, Piece(safe(text))]
        start = max(0, at - max(8, width - self._label_width - 4))
        return [
            label,
            Piece(safe(text[start:at])),
            Piece(safe(text[at : at + 1]) or SafeText(" "), "caret"),
            Piece(safe(text[at + 1 :])),
        ]
