"""What commands print: aligned text or one JSON document; notes go to standard error.

Everything that comes from data goes through `app.sanitize`, so that a name or an error cannot steer
the terminal. There is no colour, and nothing is cut off when the output is not a terminal.
"""

import json
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from app.cells import cell_width, cut
from app.cli.fitting import fitted
from app.sanitize import SafeText, ellipsis, safe, safe_line
from engine.clock import Instant, to_datetime

NOTHING = "-"
_INDENT, _MOST_BELOW = "    ", 3


def print_json(document: Any) -> None:
    """Print one JSON document: an array with one element a line, or an indented object."""
    if isinstance(document, list):
        lines = ",\n".join(json.dumps(each, allow_nan=False) for each in document)
        sys.stdout.write(f"[\n{lines}\n]\n" if document else "[]\n")
    else:
        sys.stdout.write(json.dumps(document, indent=2, allow_nan=False) + "\n")


def print_table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], *, prose: bool = False
) -> None:
    """Print rows under headers, aligned; on a terminal they are made to fit its width.

    `prose`: the last column is text that people must read: where it does not fit into the line of
    a terminal it goes below it, in up to three lines.
    """
    cells = [[_cell(each) for each in row] for row in rows]
    most = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if most:
        year = time.localtime().tm_year
        cells = fitted(headers, cells, most, year=year, free=1 if prose else 0)
    widths = [cell_width(header) for header in headers]
    for row in cells:
        widths = [max(known, cell_width(cell)) for known, cell in zip(widths, row, strict=True)]
    numeric = [
        any(row[column] != NOTHING for row in cells)
        and all(row[column].lstrip("-").isdecimal() or row[column] == NOTHING for row in cells)
        for column in range(len(headers))
    ]
    printed: list[str] = []
    for number, row in enumerate([list(headers), *cells]):
        aligned = [
            _aligned(cell, wide, right=right)
            for cell, wide, right in zip(row, widths, numeric, strict=True)
        ]
        line = "  ".join(aligned).rstrip()
        if prose and number and most and cell_width(line) > most:
            lines = ["  ".join(aligned[:-1]).rstrip(), *_below(row[-1], most)]
        else:
            lines = [line]
        printed += (cut(SafeText(each), most) if most else each for each in lines)
    sys.stdout.write("".join(f"{line}\n" for line in printed))


def _below(text: str, most: int) -> list[str]:
    """Return what stands below a row of a table; nothing where there is nothing to say."""
    if text == NOTHING:
        return []
    return textwrap.wrap(
        text,
        most,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_on_hyphens=False,
        max_lines=_MOST_BELOW,
        placeholder=f" {ellipsis()}",
    )


def print_fields(fields: Mapping[str, object]) -> None:
    """Print names and values, one a line; what is None is left out."""
    shown = {name: value for name, value in fields.items() if value is not None}
    wide = max((len(name) for name in shown), default=0)
    for name, value in shown.items():
        first, *rest = str(value).split("\n") or [""]
        sys.stdout.write(f"{name:<{wide}}  {safe_line(first)}".rstrip() + "\n")
        for line in rest:
            sys.stdout.write(f"{'':<{wide}}  {safe_line(line)}".rstrip() + "\n")


def print_line(text: str) -> None:
    """Print one line of text."""
    sys.stdout.write(safe(text) + "\n")


def note(text: str) -> None:
    """Tell something beside the result, on standard error."""
    sys.stdout.flush()
    sys.stderr.write(f"tocsin: {safe(text)}\n")


def show_instant(instant: Instant | None, zone: tzinfo | None = None) -> str:
    """Return an instant in ISO 8601 with its offset, to the second; zone None: the machine's."""
    if instant is None:
        return NOTHING
    return to_datetime(instant).astimezone(zone).isoformat(timespec="seconds")


def show_exactly(instant: Instant, zone: tzinfo) -> str:
    """Return an instant in ISO 8601 with its offset, with microseconds where it has any."""
    return to_datetime(instant).astimezone(zone).isoformat()


def show_seconds(seconds: float | None) -> str:
    """Return a length of time in one short cell."""
    if seconds is None:
        return NOTHING
    if 0 < seconds < 0.0995:  # noqa: PLR2004 - shorter than 0.1 s shows
        return f"{seconds * 1000:.0f}ms"
    if seconds < 60:  # noqa: PLR2004 - seconds of a minute
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return f"{minutes}m{rest:02}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{hours}h{minutes:02}m"
    return f"{hours // 24}d{hours % 24:02}h"


def _cell(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe_line(str(value))


def _aligned(cell: str, wide: int, *, right: bool) -> str:
    padding = " " * (wide - cell_width(cell))
    return padding + cell if right else cell + padding
