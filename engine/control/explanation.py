"""An explanation: what became of an instant, the causes line by line, and what to do."""

from typing import Any

from msgspec import Struct, field

from engine.clock import Instant
from engine.control.job_view import iso
from engine.control.why_words import exact_moment, moment


class Explanation(Struct, frozen=True):
    """The answer of `why`."""

    job: str
    timezone: str
    instant: Instant | None  # that was asked about, or the next due one; None: nothing is due
    verdict: str  # ran, late, coalesced, skipped, missed, pending, unexplained, not due, unknown,
    # will run, will not run
    causes: tuple[str, ...]
    advice: tuple[str, ...] = ()
    instances: tuple[int, ...] = ()  # that it speaks of

    @property
    def lines(self) -> tuple[str, ...]:
        """The whole answer for people, the verdict first."""
        when = "" if self.instant is None else f" at {moment(self.instant, self.timezone)}"
        return (f"{self.job}{when}: {self.verdict}", *self.causes, *self.advice)

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {
            "job": self.job,
            "instant": iso(self.instant),
            "local": None if self.instant is None else exact_moment(self.instant, self.timezone),
            "verdict": self.verdict,
            "causes": list(self.causes),
            "advice": list(self.advice),
            "instances": list(self.instances),
        }


class Draft(Struct):
    """An explanation in the making."""

    verdict: str = ""
    causes: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    instances: list[int] = field(default_factory=list)

    def say(self, cause: str) -> None:
        """Add a cause, as a sentence without its dot."""
        if f"{cause}." not in self.causes:
            self.causes.append(f"{cause}.")

    def head(self, of_whom: str) -> None:
        """Say of whom the next causes tell."""
        self.causes.append(f"{of_whom}:")

    def advise(self, advice: str) -> None:
        """Add what to do, if there is something and it was not said."""
        if advice and advice not in self.advice:
            self.advice.append(advice)

    def finish(self, job: str, timezone: str, instant: Instant | None) -> Explanation:
        """Return the explanation."""
        return Explanation(
            job,
            timezone,
            instant,
            self.verdict,
            tuple(self.causes),
            tuple(self.advice),
            tuple(dict.fromkeys(self.instances)),
        )
