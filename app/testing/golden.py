"""Compare a frame with the one that was looked at and kept: text, reviewable in a diff.

`TOCSIN_UPDATE_FRAMES=1` writes the frames anew; look at the difference before it is committed.
"""

import difflib
import os
from pathlib import Path

UPDATE = "TOCSIN_UPDATE_FRAMES"


def check_frame(path: Path, frame: str) -> None:
    """Raise when `frame` is not what `path` holds.

    Raises:
        AssertionError: it differs, or nothing was kept yet; the text shows the difference.
    """
    text = frame + "\n"
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if kept != text:
        lines = difflib.unified_diff(
            kept.splitlines(), text.splitlines(), "kept", "now", lineterm="", n=1
        )
        raise AssertionError("\n".join([f"{path.name} differs ({UPDATE}=1 keeps it):", *lines]))
