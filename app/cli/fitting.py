"""Makes a table fit the width of a terminal: shorter instants first, then the widest columns.

Where a table does not fit, an instant of this year loses its offset and its year, then every
instant its seconds, and then the widest columns are cut, so that each column stays in sight. What
goes into a pipe or a file is not touched.
"""

import re
from collections.abc import Sequence

from app.cells import cell_width, cut
from app.sanitize import SafeText

GAP = 2  # cells between two columns
_INSTANT = re.compile(r"(\d{4}-)(\d\d-\d\d)T(\d\d:\d\d)(:\d\d)(?:[+-]\d\d:\d\d)")
_SHORTER = re.compile(r"(?:\d{4}-)?\d\d-\d\d \d\d:\d\d")
_NARROWEST = 8  # cells of a column that was cut

Rows = list[list[str]]


def fitted(headers: Sequence[str], rows: Rows, most: int, *, year: int, free: int = 0) -> Rows:
    """Return `rows` so that they fit into `most` cells under `headers`, as far as that is possible.

    Args:
        headers: the titles of the columns; they are never cut.
        rows: a text for each column.
        most: cells of a line.
        year: this one; an instant in it may go without it.
        free: so many last columns go elsewhere where they do not fit, and are left as they are.
    """
    kept = len(headers) - free
    for shorten in (_as_it_is, _without_offset, _without_seconds):
        shorter = [[*(shorten(cell, year) for cell in row[:kept]), *row[kept:]] for row in rows]
        widths = [
            max([cell_width(header), *(cell_width(row[column]) for row in shorter)])
            for column, header in enumerate(headers[:kept])
        ]
        beside = sum(GAP + cell_width(header) for header in headers[kept:])
        if _total(widths) + beside <= most:
            return shorter
    least = [
        widths[column]
        if any(_SHORTER.fullmatch(row[column]) for row in shorter)
        else max(_NARROWEST, cell_width(header))
        for column, header in enumerate(headers[:kept])
    ]  # half an instant would be another one
    while _total(widths) > most:
        widest = max(range(kept), key=lambda column: widths[column] - least[column])
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    return [
        [
            *(cut(SafeText(cell), wide) for cell, wide in zip(row[:kept], widths, strict=True)),
            *row[kept:],
        ]
        for row in shorter
    ]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _as_it_is(cell: str, year: int) -> str:
    del year
    return cell


def _without_offset(cell: str, year: int) -> str:
    found = _INSTANT.fullmatch(cell)
    return f"{_day(found, year)} {found[3]}{found[4]}" if found else cell


def _without_seconds(cell: str, year: int) -> str:
    found = _INSTANT.fullmatch(cell)
    return f"{_day(found, year)} {found[3]}" if found else cell


def _day(found: re.Match[str], year: int) -> str:
    return found[2] if found[1] == f"{year}-" else found[1] + found[2]
