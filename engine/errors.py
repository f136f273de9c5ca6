"""Every refusal a caller can react to: one class each, with Qorus's code where it has one.

An error says what, where, why and what to do in one line (`str(error)`); `detail` may add more
lines. The command line prints the first line on standard error and exits with 1; the console shows
it on its status line.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar

_LONGEST_NAME = 160  # characters


class TocsinError(Exception):
    """A refusal with a code, one clear line, and perhaps more detail."""

    code: ClassVar[str] = "ERROR"

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class NotFoundError(TocsinError):
    """Something was named that does not exist; the nearest existing name is offered."""

    code = "NOT-FOUND"

    def __init__(
        self,
        noun: str,
        name: str,
        known: Iterable[str] = (),
        *,
        listing: str = "",
        numbered: bool = False,
    ) -> None:
        if len(name) > _LONGEST_NAME:  # a file given for a name, say
            name = f"{name[:_LONGEST_NAME]}…"
        near = get_close_matches(name, list(known), n=1, cutoff=0.6)
        hint = f" Nearest: '{near[0]}'." if near else ""
        where = f" `{listing}` names them all." if listing else ""
        missing = f"There is no {noun} {name}" if numbered else f"No {noun} is named '{name}'"
        super().__init__(f"{missing}.{hint}{where}")
        self.noun = noun
        self.name = name


class JobError(TocsinError):
    """A job refuses the call as it stands (Qorus: JOB-ERROR)."""

    code = "JOB-ERROR"


class JobDisabledError(TocsinError):
    """The job's operator switch is off (JOB-DISABLED)."""

    code = "JOB-DISABLED"


class GroupDisabledError(TocsinError):
    """One of the job's groups is disabled (Qorus: GROUP-DISABLED)."""

    code = "GROUP-DISABLED"


class GroupError(TocsinError):
    """A group refuses the call, for instance because it is DEFAULT (GROUP-ERROR)."""

    code = "GROUP-ERROR"


class ScheduleError(TocsinError):
    """Both or neither kind of schedule, or an interval out of range (Qorus: JOB-SCHEDULE-ERROR)."""

    code = "JOB-SCHEDULE-ERROR"


class CronError(TocsinError):
    """A cron field is not in the grammar, or the schedule can never fire (Qorus: CRON-ERROR).

    `position` counts characters from 1; None: no place is at fault. `reason` is the message without
    that place, which the message names where it `tells_position`.
    """

    code = "CRON-ERROR"

    def __init__(
        self,
        reason: str,
        *,
        field: str = "",
        position: int | None = None,
        tells_position: bool = False,
    ) -> None:
        told = f"{reason.removesuffix('.')} (position {position})." if tells_position else reason
        super().__init__(told)
        self.reason = reason
        self.field = field
        self.position = position
        self.tells_position = tells_position


class DefinitionError(TocsinError):
    """One or more definitions are wrong; nothing was written. `problems` holds one line each."""

    code = "DEFINITION-ERROR"

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems[0] if problems else "no problem", detail="\n".join(problems[1:]))
        self.problems = problems


class EngineError(TocsinError):
    """No engine is alive, another owns the store, or it is paused, draining or stopping."""

    code = "ENGINE-ERROR"


class StoreError(TocsinError):
    """The database cannot be used: newer, foreign, locked, full, or out of reach (STORE-ERROR)."""

    code = "STORE-ERROR"


class StoreVersionError(StoreError):
    """The store is of a revision that this program cannot use: look, but do not change it."""


class StateDataError(TocsinError):
    """State data are no mapping of plain values, or too large (Qorus: JOB-STATE-ERROR)."""

    code = "JOB-STATE-ERROR"


class UsageError(TocsinError):
    """The call itself is wrong; the command line exits with 2."""

    code = "USAGE"
