"""Keep what tocsin itself is made of out of jobs' reach: `import engine` never finds ours.

The engine's site-packages are open to jobs, for the libraries in it. Where tocsin is installed
there too, its packages `app` and `engine` lie beside them.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

OURS = ("app", "engine")


class _Finder:
    """Finds packages of these names only outside of the engine's own folders."""

    def __init__(self, hidden: Sequence[str]) -> None:
        self._hidden = set(hidden)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the user's own package, or refuse."""
        if path is not None or name not in OURS:
            return None
        elsewhere = [entry for entry in sys.path if entry not in self._hidden]
        for finder in sys.meta_path:
            if finder is not self and getattr(finder, "__name__", "") == "PathFinder":
                spec = finder.find_spec(name, elsewhere, target)
                if spec is not None:
                    return spec
        message = f"No module named {name!r}"
        raise ModuleNotFoundError(message, name=name)


def hide(folders: Sequence[str]) -> None:
    """Let no import of this process find our packages in these folders."""
    sys.meta_path.insert(0, _Finder(folders))
