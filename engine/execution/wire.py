"""Runs and reports as the lines that pass between the engine and its supervisor.

A run travels as three lines of JSON: what the supervisor needs, what all runs of one revision share
(a worker keeps it compiled under these very bytes), and what belongs to this run alone.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from msgspec.structs import asdict

from engine.domain.instance import Ending
from engine.domain.run import Exited, RunError, RunSpec, Started


def run_lines(verb: Literal["submit", "prepare"], spec: RunSpec, log_path: str) -> list[bytes]:
    """Return the three lines that hand one run over, to begin at once or at the word."""
    return [_header_line(verb, spec, log_path), program_line(spec), _run_line(spec)]


def is_pooled(spec: RunSpec) -> bool:
    """Return whether a run goes to a worker of the pool."""
    execution = spec.execution
    return (
        execution.isolation == "pool"
        and execution.lang == "python"
        and execution.interpreter is None
        and execution.user is None
    )


def _header_line(verb: str, spec: RunSpec, log_path: str) -> bytes:
    execution = spec.execution
    facts = {
        "name": spec.name,
        "pool": is_pooled(spec),
        "lang": execution.lang,
        "limits": {"cpu": execution.limits.cpu},
        "log": log_path,
        "timeout": execution.timeout,
        "grace": spec.grace,
    }
    return line([verb, spec.job_instanceid, facts])


def program_line(spec: RunSpec) -> bytes:
    """Return what all runs of this job's revision share."""
    execution = spec.execution
    return line(
        {
            "name": spec.name,
            "lang": execution.lang,
            "code": execution.code,
            "code_path": execution.code_path,
            "library": [[item.name, item.code] for item in execution.library],
            "interpreter": execution.interpreter,
            "env": execution.env,
            "cwd": execution.cwd,
            "user": execution.user,
            "limits": asdict(execution.limits),
        }
    )


def _run_line(spec: RunSpec) -> bytes:
    return line(
        {
            "id": spec.job_instanceid,
            "fence": spec.fence,
            "cause": spec.cause,
            "due_at": spec.due_at,
            "started": spec.started,
            "options": spec.options,
            "info": spec.job_info,
            "state": spec.state,
        }
    )


def line(data: Any) -> bytes:
    """Return plain data as one line of JSON."""
    return json.dumps(data, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(value: object) -> object:
    """Let through what JSON has no form for: any mapping as an object, the rest (dates) as text."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def started_from(item: list[Any]) -> Started:
    """Return the report that `[id, pid, at, log_file, log_start]` stands for."""
    return Started(*item)


def exited_from(record: Mapping[str, Any]) -> Exited:
    """Return the report that an exit record holds.

    Raises:
        KeyError, TypeError, ValueError: it is no exit record.
    """
    return Exited(
        job_instanceid=record["id"],
        ending=Ending(record["ending"]),
        ended_at=record["at"],
        began=record["began"],
        exit_code=record.get("code"),
        exit_signal=record.get("signal"),
        error=_error_from(record.get("error")),
        errors_above_warning=record.get("failed", False),
        detail=record.get("detail", ""),
        pid=record.get("pid"),
        log_file=record.get("log", ""),
        log_start=record.get("log_start"),
        log_end=record.get("log_end"),
        cpu_seconds=record.get("cpu"),
        max_rss=record.get("rss"),
    )


def _error_from(told: object) -> RunError | None:
    """Return an error, whatever an older supervisor let a job say."""
    if not told:
        return None
    parts = [str(part) for part in told] if isinstance(told, list) else [str(told)]
    name, description, traceback = [*parts, "", ""][:3]
    return RunError(name, description, traceback)
