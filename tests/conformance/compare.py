"""Compare the engine's due instants with the reference's and cronsim's around clock changes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.planner import planner_for
from tests.conformance.corpus import DEFAULT, cases
from tests.conformance.reference import THREE_HOURS, Window, read, with_debians_day_rule
from tests.conformance.transitions import Transition

AROUND = timedelta(hours=26)
SPARSE = 60  # cronsim needs up to 50 us a step: it is asked only where there are few

DAY_RULE = "day rule: cronsim, as Debian, calls a day field restricted unless it starts with *"
CORRECTION = "correction: cronsim makes up for a day that a zone skipped"
# A walker that steps whole hours: over a change that does not happen on the hour cronsim misses
# `30 * * * *` (Lord Howe, each autumn), and never answers for `*/15 2 * * *` (Colombo, 2006-04-15).
OFF_THE_HOUR = "off the hour: not asked, cronsim may never answer for wildcard jobs at this change"

Engine = Callable[[str, str, str, str, int, int], list[int]]


def ask_engine(
    expression: str, zone: str, gap: str, overlap: str, after: int, until: int
) -> list[int]:
    """Return the engine's answer, asked in the three ways that must agree."""
    planner = planner_for(parse_cron(expression, zone, gap, overlap))
    found = list(planner.between(after, until))
    counted = planner.count(after, until)
    if counted != ((found[0], found[-1], len(found)) if found else None):
        return [-1]
    step = max(len(found) // 40, 1)
    for i in range(0, len(found), step):
        previous = found[i - 1] if i else after
        if planner.next_after(previous) != found[i] or planner.previous_at(found[i]) != found[i]:
            return [-2]
        if i and planner.previous_at(found[i] - 1) != previous:
            return [-3]
    return found


@dataclass
class Tally:
    """What was compared, and what differed."""

    windows: int = 0
    instants: int = 0  # due instants of the reference, each compared with the engine's
    expressions: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)
    cronsim_instants: int = 0
    cronsim_named: Counter[str] = field(default_factory=Counter)
    cronsim_unnamed: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.windows += other.windows
        self.instants += other.instants
        self.expressions |= other.expressions
        self.differences += other.differences
        self.cronsim_instants += other.cronsim_instants
        self.cronsim_named += other.cronsim_named
        self.cronsim_unnamed += other.cronsim_unnamed


def compare_around(
    change: Transition,
    *,
    every_contract: bool = False,
    with_cronsim: bool = True,
    engine: Engine = ask_engine,
) -> Tally:
    """Compare all cases in the 52 hours around one clock change."""
    moment = datetime.fromtimestamp(change.second, UTC)
    window = Window(change.zone, moment - AROUND, moment + AROUND)
    tally = Tally(windows=1)
    for expression, gap, overlap in cases(change, every_contract=every_contract):
        rule = read(expression)
        wanted = window.due(rule, gap, overlap)
        after, until = window.first * 60_000_000, window.last * 60_000_000
        found = engine(expression, change.zone, gap, overlap, after, until)
        tally.instants += len(wanted)
        tally.expressions.add(expression)
        if found != wanted:
            tally.differences.append(
                f"{change.zone} {moment:%Y-%m-%d} '{expression}' {gap} {overlap}: "
                f"{_shown(set(found) ^ set(wanted))}"
            )
        if with_cronsim and (gap, overlap) == DEFAULT and len(wanted) <= SPARSE:
            _compare_cronsim(change, window, expression, wanted, tally)
    return tally


def _compare_cronsim(
    change: Transition,
    window: Window,
    expression: str,
    wanted: list[int],
    tally: Tally,
) -> None:
    on_the_hour = not any((change.second + one) % 3600 for one in (change.before, change.after))
    if read(expression).by_elapsed_time and not on_the_hour:
        tally.cronsim_named[OFF_THE_HOUR] += 1
        return
    found = cronsim_between(expression, change.zone, window.first * 60, window.last * 60)
    tally.cronsim_instants += len(found)
    if found == wanted:
        return
    name = named_difference(change, window, expression, wanted, found)
    if name:
        tally.cronsim_named[name] += 1
    else:
        moment = datetime.fromtimestamp(change.second, UTC)
        tally.cronsim_unnamed.append(
            f"{change.zone} {moment:%Y-%m-%d} '{expression}': {_shown(set(found) ^ set(wanted))}"
        )


def cronsim_between(expression: str, zone: str, after: int, until: int) -> list[int]:
    """Return cronsim's instants of `after < due <= until` (seconds), in microseconds."""
    found = []
    expression = expression.replace("-sun", "-7")  # cronsim has Sunday as the end of a week only so
    for moment in CronSim(expression, datetime.fromtimestamp(after, ZoneInfo(zone))):
        second = int(moment.timestamp())
        if second > until:
            break
        found.append(second * 1_000_000)
    return found


def named_difference(
    change: Transition, window: Window, expression: str, wanted: list[int], found: list[int]
) -> str:
    """Return the documented name of a difference between the rule and cronsim, or nothing."""
    minutes = (change.after - change.before) // 60
    rule = with_debians_day_rule(expression)
    if rule != read(expression) and found == window.due(rule, *DEFAULT):
        return DAY_RULE
    extra, lacking = set(found) - set(wanted), set(wanted) - set(found)
    if minutes > THREE_HOURS and not lacking and extra == {change.second * 1_000_000}:
        return CORRECTION
    return ""


def _shown(instants: set[int]) -> str:
    texts = [
        datetime.fromtimestamp(one // 1_000_000, UTC).strftime("%d %H:%MZ")
        for one in sorted(instants)[:6]
    ]
    return ", ".join(texts) or "the same instants, but not in the same way"
