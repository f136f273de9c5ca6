"""How a run ended: what was imposed on it, what its code said, how its process exited."""

from __future__ import annotations

from . import kernel, signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RETURNED, JOB_ERROR = "returned", "job-error"
EXCEPTION, EXIT_CODE, SIGNAL = "exception", "exit-code", "signal"
START_FAILED, TIMEOUT, LEASE_LOST = "start-failed", "timeout", "lease-lost"
ENGINE_STOPPED = "engine-stopped"

LONGEST_LINE = 1_000  # characters of the line for people; the error has the rest
START_FAILURE = "START-FAILED"  # the name of the error where there is no exception


class Facts:
    """What is known of a run's end."""

    __slots__ = (
        "began",
        "code",
        "cpu_seconds",
        "failed",
        "failure",
        "imposed",
        "imposed_detail",
        "said",
    )

    def __init__(self) -> None:
        self.imposed: str | None = None  # the ending that somebody imposed
        self.imposed_detail = ""
        self.failure: list[str] | None = None  # why it could not start: name, text, traceback
        self.said: list[Any] | None = (
            None  # kind, exit code, error, whether it saw the wish to stop
        )
        self.code: int | None = None  # of the process; negative: the signal that killed it
        self.began = False
        self.failed = False  # it recorded an error above WARNING
        self.cpu_seconds: float | None = None

    def impose(self, ending: str, detail: str) -> None:
        """Let the run end this way; the first who says so is right."""
        if self.imposed is None:
            self.imposed, self.imposed_detail = ending, detail


_oom_kills = kernel.out_of_memory_kills()


def conclude(facts: Facts, limits: dict[str, Any], *, speaks: bool) -> tuple[str, str, Any]:
    """Return the ending, one line for people, and the error (name, text, traceback) or None.

    `speaks`: its process runs our code, which says how the job's own code ended.
    """
    kind, error, saw_stop = "", None, False
    if facts.said is not None:
        kind, _, error, saw_stop = facts.said
    finished = kind == RETURNED and facts.code == 0 and not saw_stop
    if facts.imposed == LEASE_LOST and not speaks and facts.code is not None:
        finished = facts.code >= 0  # it is killed without a word: what exits was over before
    if facts.imposed is not None and (facts.imposed == TIMEOUT or not finished):
        return facts.imposed, facts.imposed_detail, error
    if facts.failure is not None:
        return START_FAILED, f"could not start: {facts.failure[1]}", facts.failure
    if speaks and not facts.began:
        text = f"its process ended ({_exit_text(facts.code)}) before the job's code began"
        return START_FAILED, f"could not start: {text}", [START_FAILURE, text, ""]
    if facts.code is not None and facts.code < 0:
        return SIGNAL, _signal_text(-facts.code, facts, limits), error
    if kind == EXCEPTION and error is not None:
        return EXCEPTION, _one_line(f"{error[0]}: {error[1]}" if error[1] else error[0]), error
    if facts.code:
        return EXIT_CODE, f"exit code {facts.code}", error
    if facts.failed:
        return JOB_ERROR, "it recorded an error above WARNING", None
    return RETURNED, "", None


def _exit_text(code: int | None) -> str:
    if code is None:
        return "unknown"
    return f"killed by {signals.name(-code)}" if code < 0 else f"exit code {code}"


def _signal_text(number: int, facts: Facts, limits: dict[str, Any]) -> str:
    global _oom_kills
    text = f"killed by {signals.name(number)}"
    seconds = limits.get("cpu")
    if number == signals.SIGXCPU or (
        number == signals.SIGKILL and seconds and (facts.cpu_seconds or 0) >= seconds
    ):
        return f"{text}: it used up its limit of {seconds} s of processor time"
    if number == signals.SIGKILL:
        kills = kernel.out_of_memory_kills()
        if kills > _oom_kills:
            _oom_kills = kills
            return f"{text}: the kernel's out-of-memory killer struck on this machine meanwhile"
        return f"{text}, which nobody here sent"
    return text


def _one_line(text: str) -> str:
    first, _, rest = text.partition("\n")
    if len(first) > LONGEST_LINE:
        first, rest = first[:LONGEST_LINE], "..."
    return f"{first} ..." if rest else first
