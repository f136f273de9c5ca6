"""Compare what the daemon ran with what the engine plans by default, and with the importer's rule.

Each difference has one of the names below, which `docs/time.md` explains, or it is a fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.definitions.importers.crontab_rule import CrontabRule
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.planner import planner_for
from engine.errors import CronError
from tests.conformance.debian_cron.evidence import Evidence
from tests.conformance.reference import read, with_debians_day_rule

Name = Literal["", "several at once", "day rule", "refused", "sunday", "unnamed"]
NAMES: dict[str, str] = {
    "several at once": "cron starts every skipped time of its own, tocsin makes them one instant",
    "day rule": "a day field that begins with * is not restricted for cron, whatever its step",
    "sunday": "a range that ends with `sun` ends the week for tocsin, for cron it runs backwards",
    "refused": "cron takes it and makes something else of it than it says, tocsin refuses it",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the crontab: what the daemon ran, and what we would."""

    evidence: Evidence
    planned: tuple[int, ...]
    by_rule: tuple[int, ...]  # what the importer believes that cron does
    name: Name  # of the difference between the daemon and the plan; "" where there is none

    @property
    def is_rule_true(self) -> bool:
        """Whether the importer's rule names exactly the instants at which the daemon ran."""
        return list(self.by_rule) == sorted(set(self.evidence.instants))


def compare(evidence: Evidence) -> Compared:
    """Compare one line."""
    after, until = evidence.window
    by_rule = tuple(CrontabRule(evidence.expression, evidence.zone).instants(after, until))
    try:
        schedule = parse_cron(evidence.expression, evidence.zone)
    except CronError:
        return Compared(evidence, (), by_rule, "refused")
    planned = tuple(planner_for(schedule).between(after, until))
    return Compared(evidence, planned, by_rule, _name(evidence, planned, by_rule))


def _name(evidence: Evidence, planned: Sequence[int], by_rule: Sequence[int]) -> Name:
    ran = evidence.instants
    if ran == list(planned):
        return ""
    if sorted(set(ran)) == list(planned):
        return "several at once"
    if evidence.expression.endswith("-sun") and not ran:
        return "sunday"
    is_day_rule = with_debians_day_rule(evidence.expression) != read(evidence.expression)
    return "day rule" if is_day_rule and sorted(set(ran)) == list(by_rule) else "unnamed"
