"""A virtual log: draws the lines in sight, taken apart and coloured; never the file."""

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Any

from textual.strip import Strip

from app.ansi import coloured_line
from app.boundary import guarded
from app.cells import window as cut_window, wrap
from app.presentation.instants import local
from app.presentation.pieces import Piece, plain
from app.presentation.quantities import size as byte_size
from app.sanitize import LINE_LIMIT, SafeText, ellipsis, safe, safe_line
from app.store.log_lines import Parsed
from app.store.log_scan import LogLine
from app.store.log_stamps import local_day, local_time
from app.store.log_window import LogWindow
from app.widgets.paint import fitted, own, width_of
from app.widgets.panel import Frame, Panel
from app.widgets.text_panel import Line
from engine.clock import Instant

_LEVEL_ROLES = {
    "ERROR": "error", "MAJOR": "error", "FATAL": "crash", "CRITICAL": "crash", "MINOR": "error",
    "WARN": "warning", "WARNING": "warning", "DEBUG": "muted", "TRACE": "muted",
    "ERR": "warning", "ERR~": "warning",
}  # fmt: skip
_WHEEL = 3
_ORIGIN_WIDTH = 18


class LogPanel(Panel):
    """Shows a `LogWindow`."""

    def __init__(self, *, id: str | None = None, frame: Frame = "none", title: str = "") -> None:  # noqa: A002
        super().__init__(id=id, frame=frame)
        self.title = title
        self.log_window = LogWindow()
        self.needle = ""
        self.zone: tzinfo = UTC
        self.today = ""  # "2026-11-23"; lines of other days are shown with theirs
        self.is_wrapped = False
        self.shows_instance = True
        self._origin_width = 0  # of the name of a line's log, where several are merged
        self.busy = ""
        self.level = 0
        self.empty_text = "nothing logged yet"
        self.ends_text = ""  # why nothing comes behind the end; "": something may
        self.can_grow = True  # False: what wrote it has ended
        self.moved: Callable[[], None] = lambda: None
        self.opened: Callable[[LogLine], None] = lambda _line: None
        self._rows: list[Line] = []
        self._owners: list[LogLine | None] = []  # which line a row is of
        self._set_off: set[int] = set()  # rows of the line that was gone to
        self._shows_day = False

    def is_read(self, now: Instant, zone: tzinfo) -> None:
        """Tell times in the reader's `zone`, with the day where it is not that of `now`."""
        self.zone = zone
        self.today = f"{local(now, zone):%Y-%m-%d}"

    def say_if_empty(self, text: str) -> None:
        """Say `text` where no line stands."""
        if text != self.empty_text:
            self.empty_text = text
            self.refresh()

    def tell_origins(self, names: Sequence[str]) -> None:
        """Tell of each line which of these logs it is of; () for one log by itself."""
        widest = max((len(name) for name in names), default=0)
        self._origin_width = min(widest, _ORIGIN_WIDTH)

    # -- frame -----------------------------------------------------------------------------------

    def title_pieces(self) -> Sequence[Piece]:
        """Return the name of the log."""
        return [Piece(safe(self.title))]

    def note_pieces(self) -> Sequence[Piece]:
        """Return whether it follows, and how much is new."""
        window = self.log_window
        if self.busy:
            return [Piece(safe(self.busy), "warning")]
        if window.is_following and self.ends_text:
            return [Piece(safe(self.ends_text), "warning")]
        if window.is_following and not self.can_grow:
            return [own("at its end", "muted")]
        if window.is_following:
            return [Piece(self.paint.symbols.live, "success"), own(" follow", "muted")]
        if window.new_lines:
            return [own(f"+{window.new_lines:,} new, G to follow", "warning")]
        end = self.log_window.size
        at = window.lines[window.top].offset if window.top < len(window.lines) else end
        return [own(f"{at / max(1, end):.0%} of {byte_size(end)}", "muted")]

    # -- lines -----------------------------------------------------------------------------------

    def show(self) -> None:
        """Draw the lines that differ from what is drawn."""
        before, was_set_off = self._rows, self._set_off
        rows = self._fill()
        self._rows = [row for row, _ in rows]
        self._owners = [line for _, line in rows]
        self._set_off = self._rows_set_off()
        for y in range(self.body.height):
            if _at(before, y) != _at(self._rows, y) or y in was_set_off ^ self._set_off:
                self.refresh_line(y)
        self.refresh_frame()

    def _rows_set_off(self) -> set[int]:
        """Return the rows of the line that was gone to."""
        current = self.log_window.current
        if current is None:
            return set()
        return {y for y in range(len(self._owners)) if offset_of(self._owners, y) == current}

    @property
    def text_in_sight(self) -> str:
        """What the panel shows, line by line."""
        return "\n".join(plain(row) for row in self._rows)

    def _fill(self) -> list[tuple[Line, LogLine | None]]:
        height, width = self.body.height, self.body.width
        window = self.log_window
        shown = window.shown(height)
        self._shows_day = self._has_other_days(shown)
        is_following, wanted = window.is_following, -1
        rows: list[tuple[Line, LogLine | None]] = []
        for line in reversed(shown) if is_following else shown:
            drawn = self._rows_of(line, width)
            rows = drawn + rows if is_following else rows + drawn
            if line.offset == window.current:
                wanted = len(rows)  # all of the line that was gone to, and its marks, are in sight
            if len(rows) >= height and (is_following or window.current is None or wanted >= 0):
                break
        if is_following and height:
            return rows[-height:]
        top = max(0, min(wanted - height, len(rows) - height))
        return rows[top : top + height]

    def rows_of(self, line: LogLine) -> int:
        """Return how many rows a line takes: one, more where wrapped, and its marks."""
        marks = len(self.log_window.marks_before(line)) if self.log_window.marks else 0
        return marks + (len(self._wrapped(line, self.body.width)) if self.is_wrapped else 1)

    def _rows_of(self, line: LogLine, width: int) -> list[tuple[Line, LogLine | None]]:
        """Return a line as one row, or wrapped as several, and the marks that stand after it."""
        drawn = self._wrapped(line, width) if self.is_wrapped else [self._row(line, width)]
        rows: list[tuple[Line, LogLine | None]] = [(row, line) for row in drawn]
        marks = self.log_window.marks_before(line)
        return [*rows, *((_mark_row(mark.text, width), None) for mark in marks)]

    def _has_other_days(self, shown: Sequence[LogLine]) -> bool:
        stamps = (self.log_window.parsed(line).stamp for line in shown)
        return any(stamp and local_day(stamp, self.zone) != self.today for stamp in stamps)

    def cut_lines(self) -> list[LogLine]:
        """Return the lines in sight of which something is not shown, from the top."""
        found: dict[int, LogLine] = {}
        for row, line in zip(self._rows, self._owners, strict=True):
            if line is not None and (
                self.log_window.parsed(line).left_out
                or len(line.head) > LINE_LIMIT
                or (not self.is_wrapped and width_of(row) > self.body.width)
            ):
                found.setdefault(line.offset, line)
        return list(found.values())

    def _row(self, line: LogLine, width: int) -> Line:
        pieces = self._pieces(line)
        left = self.log_window.left
        if not left:
            return self._highlit(pieces)
        head = pieces[:-1] if len(pieces) > 1 else []
        rest = cut_window(SafeText(pieces[-1].text), left, width)
        return self._highlit([*head, Piece(rest, pieces[-1].role)])

    def _wrapped(self, line: LogLine, width: int) -> list[Line]:
        pieces = self._pieces(line)
        head = plain(pieces[:-1])
        parts = wrap(SafeText(pieces[-1].text), max(10, width - len(head)))
        role = pieces[-1].role
        first = self._highlit([*pieces[:-1], Piece(parts[0], role)])
        indent = own(" " * len(head))
        return [first, *(self._highlit([indent, Piece(part, role)]) for part in parts[1:])]

    def _pieces(self, line: LogLine) -> list[Piece]:
        parsed = self.log_window.parsed(line)
        if not parsed.stamp:
            return [*self._origin(line), Piece(_text(parsed))]
        role = _LEVEL_ROLES.get(parsed.level, "")
        time = local_time(parsed.stamp, self.zone, with_day=self._shows_day)
        pieces = [
            Piece(safe(f"{time} "), "muted"),
            *self._origin(line),
            Piece(safe(f"{parsed.level:<5} "), role or "muted"),
        ]
        if parsed.job_instanceid is not None and self.shows_instance:
            pieces.append(own(f"#{parsed.job_instanceid} ", "muted"))
        return [*pieces, Piece(_text(parsed), role if role != "muted" else "")]

    def _origin(self, line: LogLine) -> Line:
        """Return which log a line is of, where several are merged."""
        width = self._origin_width
        return [*fitted((Piece(safe(line.origin), "accent"),), width), own(" ")] if width else ()

    def _highlit(self, pieces: list[Piece]) -> Line:
        """Return the pieces with every match of the search set off."""
        needle = self.needle
        if not needle:
            return pieces
        shown: list[Piece] = []
        for text, role in pieces:
            if role == "accent":  # whose line it is: that is chosen, not searched
                shown.append(Piece(SafeText(text), role))
                continue
            haystack = text if needle != needle.lower() else text.lower()
            at = 0
            while True:
                found = haystack.find(needle, at)
                if found < 0:
                    break
                if found > at:
                    shown.append(Piece(SafeText(text[at:found]), role))
                shown.append(Piece(SafeText(text[found : found + len(needle)]), "match"))
                at = found + len(needle)
            if at < len(text):
                shown.append(Piece(SafeText(text[at:]), role))
        return shown

    # -- drawing ---------------------------------------------------------------------------------

    def body_line(self, y: int, width: int) -> Strip:
        """Return one line."""
        if not self.log_window.lines:
            return self.paint.strip([own(f" {self.empty_text}", "muted")] if y == 0 else (), width)
        under = "cursor-idle" if y in self._set_off else ""
        return self.paint.strip(_at(self._rows, y), width, under)

    @guarded("a click")
    def on_click(self, event: Any) -> None:
        """Open the whole line on a double click."""
        y = event.y - self.body.y
        line = self._owners[y] if 0 <= y < len(self._owners) else None
        if line is not None and event.chain > 1:
            self.opened(line)

    @guarded("a new size")
    def on_resize(self) -> None:
        """Fill the new size."""
        self.moved()

    @guarded("the wheel")
    def on_mouse_scroll_down(self) -> None:
        """Scroll down."""
        self.log_window.scroll(_WHEEL)
        self.moved()

    @guarded("the wheel")
    def on_mouse_scroll_up(self) -> None:
        """Scroll up."""
        self.log_window.scroll(-_WHEEL)
        self.moved()


def offset_of(owners: Sequence[LogLine | None], y: int) -> int | None:
    """Return where the line in row `y` begins; None where there is none, or a mark."""
    line = owners[y] if y < len(owners) else None
    return None if line is None else line.offset


def _at(rows: Sequence[Line], y: int) -> Line:
    return rows[y] if y < len(rows) else ()


def _text(parsed: Parsed) -> SafeText:
    """Return the text of a line: escape sequences of output dropped, everything else visible."""
    text = parsed.text.decode("utf-8", "replace")
    left_out = parsed.left_out + max(0, len(parsed.text) - LINE_LIMIT)
    if not left_out:
        return coloured_line(text)[0] if "\x1b" in text else safe_line(text)
    text = text[:LINE_LIMIT]
    shown = coloured_line(text)[0] if "\x1b" in text else safe_line(text)
    more = f" +{byte_size(left_out)}, enter opens it"
    return SafeText(f"{shown}{ellipsis()}{SafeText(more)}")


def _mark_row(text: str, width: int) -> Line:
    line = f"---- {text} "
    return [Piece(safe(line + "-" * max(0, width - len(line))), "mark")]
