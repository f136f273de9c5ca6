"""The environment variables that tell a run what it is."""

from __future__ import annotations

import time

from .plain import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def environment_of(
    program: dict[str, Any], run: dict[str, Any], told: dict[str, Any]
) -> dict[str, str]:
    """Return what a run finds in its environment beside what it inherits.

    The job's own variables win over everything but those by which we find its processes and it
    finds us.
    """
    variables = {
        "TOCSIN_JOB": program["name"],
        "TOCSIN_INSTANCE": str(run["id"]),
        "TOCSIN_FENCE": str(run["fence"]),
        "TOCSIN_CAUSE": run["cause"],
        "TOCSIN_STARTED": instant(run["started"]),
    }
    if run["due_at"] is not None:
        variables["TOCSIN_DUE"] = instant(run["due_at"])
    for name, value in run["options"].items():
        variables[f"TOCSIN_OPTION_{option_name(name)}"] = option_text(value)
    variables.update(program["env"])
    variables["TOCSIN_RUN"] = told["mark"]
    tools = dict(told["tools"])
    folder = tools.pop("folder", None)
    variables.update(tools)
    if folder and program["lang"] == "shell":
        variables["PATH"] = folder + ":" + variables.get("PATH", told["path"])
    return variables


def option_name(name: str) -> str:
    """Return an option's name as part of a variable's: upper case, `_` for odd characters."""
    return "".join([char if char.isascii() and char.isalnum() else "_" for char in name]).upper()


def option_text(value: Any) -> str:
    """Return an option's value as text: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else dumps(value).decode()


def instant(micros: int) -> str:
    """Return an instant as `2026-11-22T19:00:00.000000Z`."""
    second, rest = divmod(micros, 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)) + f".{rest:06d}Z"
