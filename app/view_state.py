"""What the console remembers between two starts: cursor, filter, sort and columns of each pane.

One small JSON file beside the store, replaced as a whole. A file that cannot be read is ignored
with a message: forgetting the place is no reason not to open.
"""

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.sanitize import SafeText, safe_line

FILE = "console-state.json"
VERSION = 1
LARGEST_FILE = 4_000_000  # bytes

ViewState = dict[str, dict[str, Any]]  # pane, or a part of the console → plain JSON values


def load_view_state(folder: Path) -> tuple[ViewState, SafeText]:
    """Return what was saved in `folder`, and a message if it could not be used ("" if it could)."""
    path = folder / FILE
    try:
        if path.stat().st_size > LARGEST_FILE:
            return {}, safe_line(f"{path} is too large; the last view is forgotten")
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, SafeText("")
    except (OSError, ValueError, RecursionError) as error:
        return {}, safe_line(f"{path} cannot be read ({error}); the last view is forgotten")
    views = content.get("views") if isinstance(content, dict) else None
    if not isinstance(views, dict) or not all(isinstance(view, dict) for view in views.values()):
        return {}, safe_line(f"{path} holds no view; the last view is forgotten")
    if content.get("version") != VERSION:
        return {}, safe_line(f"{path} is of another version; the last view is forgotten")
    return views, SafeText("")


def save_view_state(folder: Path, views: ViewState) -> SafeText:
    """Write `views` in place of what was saved; return what went wrong, or ""."""
    path = folder / FILE
    text = json.dumps({"version": VERSION, "views": views}, separators=(",", ":"))
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{FILE}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()
        return safe_line(f"the view was not saved: {error.strerror}")
    return SafeText("")
