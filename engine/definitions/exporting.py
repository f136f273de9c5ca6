"""A definition → YAML that loads to the same definition.

Code that was read from a file which still holds it is named by its path; any other code, and every
library object, is written into the text, so that the export stands on its own.
"""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.clock import Instant, from_datetime, to_datetime
from engine.definitions import scalars
from engine.definitions.files import LARGEST_CODE, UnreadableError, read_text
from engine.domain.job import Definition, Execution, Limits
from engine.domain.schedule import CronSchedule

_SAFE: Final = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*\Z")
_UNITS: Final = (("G", 2**30), ("M", 2**20), ("K", 2**10))
_SHORT_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_LAST_SHORT: Final = 0xFFFF
_BYTE_ORDER_MARK: Final = 0xFEFF
_NO_CHARACTER: Final = 0xFFFE  # the last two code points of every plane


def export(definition: Definition) -> str:
    """Return `definition` as one YAML document.

    It loads to an equal definition, but for where it stands (`source`, `source_line`).
    """
    lines = [
        f"name: {in_yaml(definition.name)}",
        f"version: {in_yaml(definition.version)}",
    ]
    if definition.description:
        lines.append(f"desc: {in_yaml(definition.description)}")
    if definition.author:
        lines.append(f"author: {in_yaml(definition.author)}")
    lines += _schedule(definition)
    if definition.groups:
        lines.append(f"groups: [{', '.join(in_yaml(name) for name in definition.groups)}]")
    if definition.tags:
        lines.append(f"tags: {_flow(definition.tags)}")
    lines.append(f"run-skipped: {_flow(definition.run_skipped)}")
    lines.append(f"single-instance: {_flow(definition.single_instance)}")
    lines.append(f"active: {_flow(definition.active)}")
    if definition.retention is not None:
        lines.append(f"retention: {_flow(definition.retention)}")
    if definition.options:
        lines.append("options:")
        lines += [f"  {in_yaml(key)}: {_flow(value)}" for key, value in definition.options.items()]
    lines += _execution(definition.execution)
    return "\n".join(lines) + "\n"


def _schedule(definition: Definition) -> list[str]:
    schedule = definition.schedule
    if isinstance(schedule, CronSchedule):
        lines = [f'schedule: "{schedule.expression}"']
        contract = {"dst-gap": schedule.dst_gap, "dst-overlap": schedule.dst_overlap}
        defaults = {"dst-gap": "after", "dst-overlap": "first"}
        lines += [f"{key}: {value}" for key, value in contract.items() if value != defaults[key]]
    else:
        lines = [f"duration: {schedule.seconds}"]
    lines.append(f"timezone: {in_yaml(schedule.timezone)}")
    if definition.expiry_date is not None:
        lines.append(f"expiry-date: {_expiry(definition.expiry_date, schedule.timezone)}")
    return lines


def _expiry(expiry: Instant, timezone: str) -> str:
    """Return a date where the job expires with its first moment, else the instant in UTC."""
    moment = to_datetime(expiry)
    try:
        zone = ZoneInfo(timezone)
        day = moment.astimezone(zone).date()
        start = dt.datetime.combine(day, dt.time(), zone)
        if from_datetime(start) == expiry:
            return day.isoformat()
    except (OverflowError, ZoneInfoNotFoundError):  # an end of all time, or a zone that is gone
        pass
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _execution(execution: Execution) -> list[str]:
    lines = [f"lang: {execution.lang}", f"isolation: {execution.isolation}"]
    for key in ("interpreter", "cwd", "user"):
        value = getattr(execution, key)
        if value is not None:
            lines.append(f"{key}: {in_yaml(value)}")
    if execution.timeout is not None:
        lines.append(f"timeout: {_flow(execution.timeout)}")
    if execution.env:
        lines.append("env:")
        lines += [f"  {in_yaml(key)}: {in_yaml(value)}" for key, value in execution.env.items()]
    lines += _limits(execution.limits)
    if execution.library and execution.lang != "shell":  # it was accepted once, and never loaded
        lines.append("library:")
        for part in execution.library:
            lines.append(f"  - name: {in_yaml(part.name)}")
            lines += _code("    code", part.code)
    if execution.code_path is not None and _still_holds(execution):
        lines.append(f"code: {in_yaml(execution.code_path)}")
    else:
        if execution.code_path is not None:
            lines.append(f"# read from {in_yaml(execution.code_path)}, which has changed since")
        lines += _code("code", execution.code)
    return lines


def _limits(limits: Limits) -> list[str]:
    given = {
        key: value
        for key in ("memory", "cpu", "files", "processes")
        if (value := getattr(limits, key)) is not None
    }
    if not given:
        return []
    written = [
        f"{key}: {_size(value) if key == 'memory' else value}" for key, value in given.items()
    ]
    return [f"limits: {{{', '.join(written)}}}"]


def _size(memory: int) -> str:
    unit = next(((name, size) for name, size in _UNITS if memory % size == 0), None)
    return f'"{memory // unit[1]}{unit[0]}"' if unit else str(memory)


def _still_holds(execution: Execution) -> bool:
    try:
        return read_text(Path(execution.code_path or ""), LARGEST_CODE) == execution.code
    except UnreadableError:
        return False


def _code(key: str, code: str) -> list[str]:
    """Return code as a block, which is always taken for the text itself and never for a path."""
    body, newlines = code.rstrip("\n"), len(code) - len(code.rstrip("\n"))
    if not body or any(not _is_raw(char) and char not in "\n\t" for char in code):
        return [f"{key}: {_quoted(code)}"]
    indentation = " " * (len(key) - len(key.lstrip()) + 2)
    # A block that begins with spaces or empty lines must say how deep it is indented.
    indicator = "2" if code[0] in " \n\t" else ""
    chomping = ("-", "", "+")[min(newlines, 2)]
    lines = [f"{key}: |{indicator}{chomping}"]
    lines += [f"{indentation}{line}" if line else "" for line in body.split("\n")]
    return lines + [""] * max(newlines - 1, 0)


def _flow(value: Any) -> str:
    """Return plain data on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return in_yaml(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{in_yaml(key)}: {_flow(each)}' for key, each in value.items())}}}"
    return f"[{', '.join(_flow(each) for each in value)}]"


def _number(value: float) -> str:
    text = repr(value)
    if not math.isfinite(value) or "e" not in text:
        return text
    digits, _, exponent = text.partition("e")
    sign = "" if exponent[0] in "+-" else "+"
    return f"{digits if '.' in digits else digits + '.0'}e{sign}{exponent}"


def in_yaml(value: str) -> str:
    """Return a text bare where nothing could be read into it, else in double quotes."""
    if _SAFE.match(value) and scalars.kind_of(value) == "str":
        return value
    return _quoted(value)


def _quoted(value: str) -> str:
    return '"' + "".join(_escaped(char) for char in value) + '"'


def _escaped(char: str) -> str:
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
    if _is_raw(char):
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= _LAST_SHORT else f"\\U{code:08x}"


def _is_raw(char: str) -> bool:
    """Whether YAML keeps the character as it is: no control, line end or byte-order mark."""
    code = ord(char)
    if code == _BYTE_ORDER_MARK or code & _NO_CHARACTER == _NO_CHARACTER:
        return False
    return unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"}
