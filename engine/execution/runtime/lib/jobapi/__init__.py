"""What a job's code may call.

All of these names are in a job's namespace already; `from jobapi import ...` serves editors, type
checkers and modules that a job imports. A call that is wrong raises `JobApiError` in the job and
does nothing else. Calls that save something return once it is on disk; while no engine is there to
save it (it is being restarted) they wait. Only the job's own process may call, from any of its
threads.
"""

from __future__ import annotations

import time

from . import values as _values
from .errors import JobApiError, JobStopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta
    from typing import Any

__all__ = [
    "JobApiError",
    "JobStopError",
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

LARGEST = 1 << 20  # bytes of JSON: info, state data, the info of an error
SEVERITIES = ("INFO", "WARNING", "MINOR", "MAJOR", "FATAL")
LEVELS = {"DEBUG": "DEBUG", "INFO": "INFO", "WARN": "WARN", "WARNING": "WARN", "ERROR": "ERROR"}
_LONGEST_CODE = 240  # characters of an error's code
_LONGEST_TEXT = 60_000  # characters of a description
_PROGRESS_PAUSE = 0.1  # seconds


# -- info and state data


def job_save_info(info: Any) -> None:
    """Replace this instance's `info` by any plain data, at most 1 MiB; people and reports read it.

    Raises:
        JobApiError: it is not plain data, or too large.
    """
    _call("save_info", info=_sized("info", info))


def job_info() -> dict[str, Any]:
    """Return facts about this job and this instance, as they were when it started.

    Among them `name`, `version`, `jobid`, `job_instanceid`, `started`, `options`, `last_executed`;
    instants are text in UTC.
    """
    info: dict[str, Any] = _values.plain("info", _facts()["info"])
    return info


def job_save_state_data(data: Mapping[str, Any]) -> None:
    """Save the job's state data, a mapping of plain data of at most 1 MiB, durably and at once.

    They are kept until an instance of the job is COMPLETE: after an ERROR or a CRASH the next one
    finds them.

    Raises:
        JobApiError: it is no mapping of plain data, or too large; what was saved before stays.
    """
    if not hasattr(data, "keys"):
        message = f"state data must be a mapping, not {_values.kind(data)}"
        raise JobApiError(message)
    saved = _sized("state data", data)
    _call("save_state_data", data=saved)
    _facts()["state"] = saved


def job_get_state_data() -> dict[str, Any] | None:
    """Return the state data last saved, by this instance or an earlier one, or None."""
    state = _facts()["state"]
    return None if state is None else _values.plain("state data", state)


def job_fencing_token() -> int:
    """Return a number that is higher in each later run, for systems that check it."""
    return int(_facts()["fence"])


def get_option(name: str | None = None, default: Any = None) -> Any:
    """Return an option of the job, or `default` where there is none; without a name, all."""
    options = _values.plain("options", _facts()["options"])
    return options if name is None else options.get(name, default)


# -- errors and warnings


def job_err(err: str, fmt: str = "", *args: Any) -> None:
    """Record a business error of severity MAJOR, described by `fmt % args`; the code goes on."""
    job_error(err, _values.formatted(fmt, args), business=True)


def job_error(
    err: str, desc: str = "", info: Any = None, severity: str = "MAJOR", business: bool = False
) -> None:
    """Record an error; the code goes on. A severity above WARNING makes the instance ERROR.

    `severity` is one of INFO, WARNING, MINOR, MAJOR, FATAL.

    Raises:
        JobApiError: the code is empty, the severity is none of these, or `info` is not plain data.
    """
    known = str(severity).upper()
    if known not in SEVERITIES:
        message = f"severity {severity!r} is none of {', '.join(SEVERITIES)}"
        raise JobApiError(message)
    if not str(err or "").strip():
        message = f"an error needs a code, such as 'FILE-MISSING', not {err!r}"
        raise JobApiError(message)
    _call(
        "error",
        severity=known,
        error=_values.text_of(err)[:_LONGEST_CODE],
        description=_values.text_of(desc)[:_LONGEST_TEXT],
        info=None if info is None else _sized("info", info),
        business_error=bool(business),
    )


def job_warn(err: str, fmt: str = "", *args: Any) -> None:
    """Record a business warning; the description is `fmt % args`."""
    job_warning(err, _values.formatted(fmt, args), business=True)


def job_warning(err: str, desc: str = "", info: Any = None, business: bool = False) -> None:
    """Record a warning: the instance can still be COMPLETE."""
    job_error(err, desc, info, "WARNING", business)


# -- time


def job_set_trigger(when: datetime | timedelta | float | str) -> bool:
    """Ask for one run before the next scheduled one; False: that moment is past, or not earlier.

    `when` is a number of seconds from now, a timedelta, a datetime with a time zone, or an ISO 8601
    text with one.

    Raises:
        JobApiError: it is none of these.
    """
    at, seconds = _values.moment(when)
    return bool(_call("set_trigger", at=at, in_seconds=seconds))


def job_sleep(seconds: float) -> bool:
    """Sleep; False: the job was asked to stop, perhaps before the time was over. Then finish soon.

    Raises:
        JobStopError: it was told so by an earlier call.
        JobApiError: `seconds` is no number, or negative.
    """
    length = _values.number("seconds", seconds)
    if length < 0:
        message = f"a job cannot sleep {seconds} seconds"
        raise JobApiError(message)
    channel = _line()
    if channel.stop_seen:
        message = "the job was asked to stop, and job_sleep() has said so"
        raise JobStopError(message)
    return not channel.wait_stop(length, time.monotonic)


def job_progress(fraction: float, text: str = "") -> None:
    """Tell how far the run is, from 0 to 1. Of calls in quick succession some are left out.

    Raises:
        JobApiError: `fraction` is no number from 0 to 1.
    """
    global _progress_at
    share = _values.number("fraction", fraction)
    if not 0 <= share <= 1:
        message = f"progress is a number from 0 to 1, not {fraction}"
        raise JobApiError(message)
    now = time.monotonic()
    if share < 1 and now - _progress_at < _PROGRESS_PAUSE:
        return
    _progress_at = now
    _call("progress", fraction=share, text=_values.text_of(text)[:_LONGEST_CODE])


# -- the job's log


def log(text: object, *args: Any, level: str = "INFO") -> None:
    """Write `text % args` into the job's log, at one of the levels DEBUG, INFO, WARN, ERROR.

    Raises:
        JobApiError: there is no such level, or the text does not take these arguments.
    """
    known = LEVELS.get(str(level).upper())
    if known is None:
        message = f"level {level!r} is none of DEBUG, INFO, WARN, ERROR"
        raise JobApiError(message)
    _line().say("log", known, _values.formatted(text, args))


def log_debug(text: object, *args: Any) -> None:
    """Write a line of level DEBUG."""
    log(text, *args, level="DEBUG")


def log_info(text: object, *args: Any) -> None:
    """Write a line of level INFO."""
    log(text, *args)


def log_warning(text: object, *args: Any) -> None:
    """Write a line of level WARN."""
    log(text, *args, level="WARN")


def log_error(text: object, *args: Any) -> None:
    """Write a line of level ERROR; it does not make the instance ERROR, `job_error` does."""
    log(text, *args, level="ERROR")


# -- inside

_channel: Any = None
_run: Callable[[], dict[str, Any]] | None = None
_known: dict[str, Any] | None = None
_progress_at = 0.0


def _begin(channel: Any, run: Callable[[], dict[str, Any]]) -> None:
    """Serve the run behind `channel` from now on; `run` returns what is known of it."""
    global _channel, _run, _known, _progress_at
    _channel, _run, _known, _progress_at = channel, run, None, 0.0


def _line() -> Any:
    if _channel is None:
        message = "this process is no job that tocsin started"
        raise JobApiError(message)
    return _channel


def _facts() -> dict[str, Any]:
    global _known
    _line()
    if _known is None and _run is not None:
        _known = _run()
    return _known or {}


def _call(name: str, **arguments: Any) -> Any:
    channel = _line()
    try:
        return channel.call(name, arguments)
    except channel.Refused as refusal:
        message = str(refusal)
    raise JobApiError(message)


def _sized(what: str, data: Any) -> Any:
    plain = _values.plain(what, data)
    size = _line().size_of(plain)
    if size > LARGEST:
        message = f"{what} of {size} bytes is too large: at most {LARGEST}"
        raise JobApiError(message)
    return plain
