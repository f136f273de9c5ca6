"""What a campaign was and what it showed, as figures that a stranger can check."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.evidence import Figures
from tests.chaos.lives import PEACE
from tests.chaos.nemesis import Fault

_SHOWN = 10
_SIGKILLS = ("engine killed", "supervisor killed", "worker killed", "guard killed", "host killed")
_RECOVERS = "backend killed"  # by SIGKILL: the server ends all others, and recovers
_RESTARTS = "database crashed and restarted"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    seed: int
    rounds: int = 1
    seconds: float = 20.0  # of harm in a round
    engines: int = 3
    jobs: int = 30
    lease: float = 1.0
    calm: float = 6.0  # seconds without harm at the end of a round
    on_sqlite: bool = False
    pace: float = 1.0  # 2: twice as long between two harms
    minutes: float | None = None  # no round begins after them
    odds: Mapping[str, int] = field(default_factory=dict)  # of faults, instead of the usual ones
    hosts: bool = False  # each engine on a host of its own
    alone: float = 0.0  # seconds of a round in which one engine at a time is hurt


@dataclass
class Report:
    """What a campaign was and what it showed."""

    plan: Plan
    rounds: int = 0  # that were ended and checked
    seconds: float = 0.0  # since the campaign began
    faults: list[Fault] = field(default_factory=list)
    zombies: int = 0  # engines that went on after they had been stopped for longer than the lease
    figures: Figures = field(default_factory=Figures)
    refused_starts: int = 0
    failure: str = ""  # why the campaign ended before its time

    def counted(self, *kinds: str) -> int:
        """Return how many faults were of any of these kinds."""
        return sum(fault.kind in kinds for fault in self.faults)

    def progress(self) -> str:
        """Return the line that is told after a round."""
        figures = self.figures
        return (
            f"round {self.rounds} of {self.plan.rounds}, {self.seconds / 60:.1f} min: "
            f"{len(self.faults)} faults ({self._harms()}), {figures.due} due, "
            f"{figures.begun} runs, {len(figures.violations)} violations"
        )

    def _harms(self) -> str:
        killed = self.counted(*_SIGKILLS, _RECOVERS)
        restarts = self.counted(_RESTARTS, _RECOVERS)
        return f"{killed} SIGKILL, {self.zombies} zombies, {restarts} restarts"

    def lines(self) -> Iterator[str]:
        """Yield the report as lines."""
        plan, figures = self.plan, self.figures
        store = "SQLite" if plan.on_sqlite else "PostgreSQL"
        yield f"seed {plan.seed}: {self.rounds} rounds of {plan.seconds:g} s on {store},"
        yield (
            f"  {plan.engines} engines, {plan.jobs} jobs, lease {plan.lease:g} s, "
            f"pace {plan.pace:g}, {self.seconds / 60:.1f} minutes"
        )
        if plan.hosts:
            yield "  each engine on a host of its own (UTS, PID and mount namespace, boot id)"
        if plan.alone:
            yield f"  then {plan.alone:g} s of each round with one engine hurt at a time"
        if plan.odds:
            yield "  " + ", ".join(f"odds of '{kind}' {n}" for kind, n in plan.odds.items())
        if self.failure:
            yield f"ENDED EARLY        {self.failure}"
        yield from self._of_faults()
        lost = sum(
            int(one.text.split()[0]) for one in figures.violations if one.invariant == "lost"
        )
        share = 100.0 * (figures.due - lost) / figures.due if figures.due else 100.0
        yield f"due instants       {figures.due}, {share:.4g} % accounted for"
        statuses = ", ".join(f"{n} {name}" for name, n in sorted(figures.instances.items()))
        yield f"instances          {statuses}; {figures.begun} begun by their own word"
        kinds = Counter(one.invariant for one in figures.violations)
        yield f"overlaps           {kinds['overlap']} of single_instance runs, by witness files"
        yield f"doubled runs       {kinds['ran-twice'] + kinds['doubled']}"
        yield f"false CRASH        {kinds['false-crash']}"
        yield f"ends nobody saw    {figures.untold} (their supervisor was killed at that moment)"
        yield f"closed late        {figures.unrescued} (no engine had {PEACE:g} s of peace before)"
        if plan.hosts:
            yield f"ends out of sight  {figures.out_of_sight} (only the lost engine's host knew)"
        yield (
            f"stale, refused     {figures.late_results} late results, "
            f"{figures.fenced_out} engines that went on after their session was dead"
        )
        longest = plan.lease + 1
        beyond = sum(seconds > longest for seconds in figures.take_overs)
        yield f"take-over          {_spread(figures.take_overs)}; {beyond} over {longest:g} s"
        yield f"  others hurt too  {_spread(figures.disturbed)}"
        yield f"exec to first run  {_spread(figures.restarts)}"
        yield f"  hurt meanwhile   {_spread(figures.hurt_starts)}"
        if gaps := figures.gaps:
            shortest = f"{min(gaps):.3f} s between two holders of a job"
            yield f"smallest gap       {shortest}, of {len(gaps)}"
        yield f"refused starts     {self.refused_starts} (told in one line)"
        yield f"orphans            {figures.orphans}"
        yield f"violations         {len(figures.violations)}"
        for kind, number in kinds.most_common():
            yield f"  {number:6} {kind}"
            for one in [one for one in figures.violations if one.invariant == kind][:_SHOWN]:
                yield f"         {one.job}: {one.text}"

    def _of_faults(self) -> Iterator[str]:
        yield f"faults             {len(self.faults)}"
        for kind, number in Counter(fault.kind for fault in self.faults).most_common():
            yield f"  {number:6} {kind}"
        yield f"SIGKILLs           {self.counted(*_SIGKILLS, _RECOVERS)}"
        yield f"SIGSTOP zombies    {self.zombies} (working, and stopped for longer than the lease)"
        if not self.plan.on_sqlite:
            crashed, recovered = self.counted(_RESTARTS), self.counted(_RECOVERS)
            yield (
                f"database restarts  {crashed + recovered}: {crashed} shut down at once and "
                f"started, {recovered} recovered from a killed backend"
            )


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    if not ordered:
        return "none"
    middle = ordered[len(ordered) // 2]
    high = ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]
    return f"p50 {middle:.2f} s, p99 {high:.2f} s, max {ordered[-1]:.2f} s, of {len(ordered)}"
