"""The environment as this process was given it, where Python changed it since.

Where the locale is C, Python puts a UTF-8 one in its place before anything here runs (PEP 538): in
`LC_CTYPE`, which wins over `LANG`. What the terminal can draw goes by what the user said.
"""

from collections.abc import Mapping
from pathlib import Path

_AT_START = Path("/proc/self/environ")


def given_environment(
    environment: Mapping[str, str], at_start: Path = _AT_START
) -> Mapping[str, str]:
    """Return `environment` without an `LC_CTYPE` that nobody gave."""
    if "LC_CTYPE" not in environment:
        return environment
    try:
        given = at_start.read_bytes().split(b"\0")
    except OSError:
        return environment
    if any(each.startswith(b"LC_CTYPE=") for each in given):
        return environment
    return {name: value for name, value in environment.items() if name != "LC_CTYPE"}
