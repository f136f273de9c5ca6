"""Read whole lines of a log: those that are longer than what one row, or the panel, shows."""

from collections.abc import Sequence
from datetime import tzinfo

from textual.geometry import Size

from app.actions.scene import Console
from app.overlays.choice import Choice
from app.overlays.entries import Entry
from app.overlays.text import TextView
from app.presentation.pieces import Piece
from app.presentation.quantities import size
from app.sanitize import ellipsis, safe_line
from app.store.log_lines import parse_line
from app.store.log_reader import LogReader
from app.store.log_scan import LogLine
from app.store.log_stamps import local_time
from app.widgets.paint import own
from app.widgets.text_panel import Line

_MOST = 1 << 20  # bytes of a line
_PART = 10_000  # characters that are wrapped as one
_ROW = 100  # characters of a row, about
_ROWS = 60
_PREVIEW = 80


def choose_line(
    console: Console, reader: LogReader, lines: Sequence[LogLine], zone: tzinfo, needle: str = ""
) -> None:
    """Read the one line that is cut, or let one of several be chosen."""

    def entry(line: LogLine) -> Entry:
        parsed = parse_line(line)
        time = local_time(parsed.stamp, zone, with_day=False)
        start = parsed.text[: 4 * _PREVIEW].decode("utf-8", "replace")
        more = ellipsis() if parsed.left_out or len(start) > _PREVIEW else ""
        text = f"{time} {size(line.length):>6}  {safe_line(start[:_PREVIEW])}{more}"
        return Entry(text.strip(), lambda: read_line(console, reader, line, needle))

    if len(lines) == 1:
        read_line(console, reader, lines[0], needle)
    elif lines:
        entries = [entry(line) for line in lines]
        console.open(Choice("Read which line?", entries, can_type=False, key_width=0, width=110))
    else:
        console.say("every line in sight is shown whole")


def read_line(console: Console, reader: LogReader, line: LogLine, needle: str = "") -> None:
    """Show all of a line, up to a mebibyte, with every control character visible.

    It is shown from where it has the `needle` on.
    """
    wanted = min(line.length, _MOST)

    def read(data: bytes) -> None:
        text = data.decode("utf-8", "replace").rstrip("\r\n")
        starts = range(0, max(1, len(text)), _PART)
        lines: list[Line] = [[Piece(safe_line(text[at : at + _PART], _PART))] for at in starts]
        if line.length > wanted:
            lines.append([own(f"and {size(line.length - wanted)} more", "warning")])
        title = f"Line of {size(line.length)}"
        view = TextView(title, lines, copy=console.outside.copy, needle=needle)
        view.wanted = Size(view.wanted.width, min(_ROWS, len(text) // _ROW + len(lines) + 5))
        console.open(view)

    console.request(lambda _desk: reader.whole(line, wanted), read)
