"""The rows of a table as CSV, as they are shown."""

import csv
import io
from typing import Any

from app.presentation.pieces import plain
from app.widgets.grid import Grid

_FORMULA_STARTS = ("=", "+", "-", "@")


def rows_as_csv(grid: Grid[Any, Any]) -> str:
    """Return all rows of `grid` in their order, with the columns that are not hidden.

    What a spreadsheet would take for a formula gets an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = [column for column in grid.columns if column.id not in grid.choice.hidden]
    writer.writerow([column.title for column in columns])
    for key in grid.view.keys:
        row = grid.view.rows.get(key)
        if row is not None:
            writer.writerow([_harmless(plain(column.cell(row))) for column in columns])
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) and len(text) > 1 else text
