"""What job code may call. The names are in a job's namespace already; `from jobapi import ...` serves editors and helpers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

__all__ = [
    "JobApiError",
    "get_option",
    "job_err",
    "job_error",
    "job_fencing_token",
    "job_get_state_data",
    "job_info",
    "job_progress",
    "job_save_info",
    "job_save_state_data",
    "job_set_trigger",
    "job_sleep",
    "job_warn",
    "job_warning",
    "log",
    "log_debug",
    "log_error",
    "log_info",
    "log_warning",
]


class JobApiError(Exception):
    """The job API refuses a call."""

    code = "JOB-API-ERROR"


_channel: Any = None
_run: dict[str, Any] = {}


def _begin(channel: Any, program: Mapping[str, Any], run: dict[str, Any]) -> None:
    global _channel, _run
    _channel, _run = channel, run


def _call(name: str, **arguments: Any) -> Any:
    try:
        return _channel.call(name, arguments)
    except Exception as error:
        raise JobApiError(str(error)) from None


def job_save_info(info: Any) -> None:
    """Replace the instance's info."""
    _call("save_info", info=info)


def job_info() -> dict[str, Any]:
    """Return facts about the job and this instance."""
    return dict(_run["info"])


def job_save_state_data(data: Mapping[str, Any]) -> None:
    """Save the job's state data."""
    _call("save_state_data", data=dict(data))
    _run["state"] = dict(data)


def job_get_state_data() -> dict[str, Any] | None:
    """Return the job's state data."""
    return json.loads(json.dumps(_run["state"]))


def job_error(err: str, desc: str = "", info: Any = None, severity: str = "MAJOR", business: bool = False) -> None:
    """Record an error."""
    _call("error", severity=severity, error=err, description=desc, info=info, business_error=business)


def job_err(err: str, fmt: str = "", *args: Any) -> None:
    """Record a business error."""
    job_error(err, fmt % args if args else fmt, business=True)


def job_warning(err: str, desc: str = "", info: Any = None, business: bool = False) -> None:
    """Record a warning."""
    job_error(err, desc, info, "WARNING", business)


def job_warn(err: str, fmt: str = "", *args: Any) -> None:
    """Record a business warning."""
    job_warning(err, fmt % args if args else fmt, business=True)


def job_set_trigger(when: Any) -> bool:
    """Ask for an earlier run."""
    return bool(_call("set_trigger", at=None, in_seconds=float(when)))


def job_sleep(seconds: float) -> bool:
    """Sleep; False: asked to stop."""
    return not _channel.wait_stop(seconds, time.monotonic)


def job_progress(fraction: float, text: str = "") -> None:
    """Tell how far the run is."""
    _call("progress", fraction=fraction, text=text)


def job_fencing_token() -> int:
    """Return this run's fencing token."""
    return int(_run["fence"])


def get_option(name: str, default: Any = None) -> Any:
    """Return an option of the job."""
    return _run["options"].get(name, default)


def log(text: str, *args: Any, level: str = "INFO") -> None:
    """Write a line to the job's log."""
    _channel.say("log", level, text % args if args else text)


def log_info(text: str, *args: Any) -> None:
    """Write an INFO line."""
    log(text, *args)


def log_debug(text: str, *args: Any) -> None:
    """Write a DEBUG line."""
    log(text, *args, level="DEBUG")


def log_warning(text: str, *args: Any) -> None:
    """Write a WARN line."""
    log(text, *args, level="WARN")


def log_error(text: str, *args: Any) -> None:
    """Write an ERROR line."""
    log(text, *args, level="ERROR")
