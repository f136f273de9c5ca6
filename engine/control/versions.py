"""The versions of tocsin and of what it stands on."""

import platform
import sqlite3
from functools import cache
from importlib.metadata import PackageNotFoundError, version

_PARTS = ("sqlalchemy", "psycopg", "croniter", "msgspec", "pyyaml", "click", "textual", "tzdata")


@cache
def own_version() -> str:
    """Return the version of tocsin; `0` where it runs from a folder that was never installed.

    It is that of the code which this process has loaded, whatever is installed beside it later.
    """
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "0"


def versions() -> dict[str, str]:
    """Return names and versions, tocsin first."""
    found = {
        "tocsin": own_version(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    for part in _PARTS:
        try:
            found[part] = version(part)
        except PackageNotFoundError:
            found[part] = "not installed"
    return found
