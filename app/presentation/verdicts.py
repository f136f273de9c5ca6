"""Verdicts, causes and endings in words."""

from collections.abc import Mapping

from app.presentation.quantities import count
from app.sanitize import SafeText, safe_line
from engine.domain.instance import Cause, Ending

_CAUSES: Mapping[Cause, str] = {
    Cause.SCHEDULE: "schedule",
    Cause.SKIPPED: "catch-up",
    Cause.MANUAL: "manual",
    Cause.TRIGGER: "trigger",
}
_ENDINGS: Mapping[Ending, str] = {
    Ending.RETURNED: "returned",
    Ending.EXCEPTION: "an exception was not caught",
    Ending.JOB_ERROR: "an error above WARNING was recorded",
    Ending.EXIT_CODE: "exited with a code",
    Ending.SIGNAL: "killed by a signal",
    Ending.TIMEOUT: "timed out",
    Ending.CANCELLED: "cancelled",
    Ending.START_FAILED: "could not be started",
    Ending.LEASE_LOST: "no engine came back in time",
    Ending.ENGINE_STOPPED: "still running when the engine's grace ended",
    Ending.LOST: "nothing tells how it ended",
    Ending.NEVER_BEGUN: "claimed, but its code never began",
}


def cause_text(cause: Cause, who: str = "") -> SafeText:
    """Return why an instance was started: "schedule", "catch-up", "manual ops"."""
    return SafeText(f"{_CAUSES[cause]} {safe_line(who, 60)}".rstrip())


def ending_text(
    ending: Ending | None, exit_code: int | None = None, exit_signal: int | None = None
) -> SafeText:
    """Return how an instance ended, in words; "" while it goes on."""
    if ending is None:
        return SafeText("")
    if ending is Ending.EXIT_CODE and exit_code is not None:
        return SafeText(f"exited with {exit_code}")
    if exit_signal is not None and ending in {Ending.SIGNAL, Ending.TIMEOUT, Ending.CANCELLED}:
        return SafeText(f"{_ENDINGS[ending]}, signal {exit_signal}".replace("a signal, ", ""))
    return SafeText(_ENDINGS[ending])


def ledger_text(counts: Mapping[str, int]) -> SafeText:
    """Return the sums of a ledger in one line; `counts` has the keys of `ledger --json`."""
    words = ("due", "ran", "late", "coalesced", "skipped", "missed", "pending", "unexplained")
    return SafeText("  ".join(f"{word} {count(counts[word])}" for word in words if word in counts))
