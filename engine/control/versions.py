"""The versions of tocsin and of what it stands on."""

import platform
import sqlite3

from engine.version import __version__

_PARTS = ("sqlalchemy", "psycopg", "croniter", "msgspec", "pyyaml", "click", "textual", "tzdata")


def versions() -> dict[str, str]:
    """Return names and versions, tocsin first."""
    from importlib.metadata import PackageNotFoundError, version

    found = {
        "tocsin": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    for part in _PARTS:
        try:
            found[part] = version(part)
        except PackageNotFoundError:
            found[part] = "not installed"
    return found
