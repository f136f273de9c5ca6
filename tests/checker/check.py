"""All invariants over one history and its witness."""

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.checker.accounting import Accounting
from tests.checker.lives import check_sessions
from tests.checker.rows import History
from tests.checker.states import check_states
from tests.checker.truth import check_switches, check_truth
from tests.checker.violation import Violation
from tests.checker.witness import Witness


@dataclass
class Verdicts:
    """What was checked, and what was found."""

    due: int
    instances: int
    begun: int
    seconds: float  # of processor time
    violations: list[Violation] = field(default_factory=list)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(one.invariant for one in self.violations)


def check(history: History, witness: Witness | None = None, *, one_store: bool = True) -> Verdicts:
    """Check everything; `one_store`: a SQLite store, on which one engine lives at a time."""
    witness = witness or Witness()
    began = time.process_time()
    accounting = Accounting(history)
    found = list(accounting.check())
    found += check_sessions(history, one_store=one_store)
    found += check_truth(history, witness)
    found += check_switches(history)
    found += check_states(history, witness)
    return Verdicts(
        due=accounting.due,
        instances=len(history.instances),
        begun=len(witness.begun),
        seconds=time.process_time() - began,
        violations=found,
    )
