"""The expressions to compare: what people write, what breaks schedulers, what aims at a change."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

from tests.conformance.transitions import Transition

ORDINARY = (
    "* * * * *",
    "*/5 * * * *",
    "*/15 * * * *",
    "0 * * * *",
    "30 * * * *",
    "0 */2 * * *",
    "0 */6 * * *",
    "0 0 * * *",
    "30 2 * * *",
    "0 3 * * *",
    "0 12 * * *",
    "59 23 * * *",
    "0 8-18 * * mon-fri",
    "*/10 9-17 * * 1-5",
    "0 0 * * sun",
    "0 6 * * 6,7",
    "0 0 1 * *",
    "15 4 1,15 * *",
    "0 5 * * fri-sun,mon",
)
NASTY = (
    "0,15,30,45 2 * * *",
    "*/15 2 * * *",
    "0 2,3 * * *",
    "30 1-3 * * *",
    "30 */2 * * *",
    "0-59 1,2 * * *",
    "1-59/7 0-4/2 * * *",
    "* 0 * * *",
    "* 2 * * *",
    "0 * 29-31 * *",
    "7 0-23 * * *",
    "0 0 31 * *",
    "0 0 29 2 *",
    "30 4 1,15 * fri",
    "0 0 13 * 5",
    "30 2 8-14 3 0",
    "30 1 25-31 10 sun",
    "10-20 2 * 3,4,9,10,11 5-7",
    "0 0,1,2,3 * * *",
    "59 0,1,2,3,23 * * *",
    "1 0 * * *",
    "*/37 1-5 * * *",
    "23 1-22/3 * * *",
    "0 0 1-31 * mon",
)
CONTRACTS = tuple(product(("after", "skip", "shift"), ("first", "last", "both")))
DEFAULT = ("after", "first")


def aimed(change: Transition) -> tuple[str, ...]:
    """Return expressions whose times lie in, before and after this very clock change."""
    low = datetime.fromtimestamp(change.second + min(change.before, change.after), UTC)
    high = datetime.fromtimestamp(change.second + max(change.before, change.after), UTC)
    middle = low + (high - low) / 2
    return (
        f"{low.minute} {low.hour} * * *",
        f"{middle.minute} {middle.hour} * * *",
        f"{high.minute} {high.hour} * * *",
        f"0,15,30,45 {low.hour} * * *",
        f"*/15 {middle.hour} * * *",
        f"0,59 {low.hour},{high.hour} * * *",
        f"{middle.minute} {middle.hour} {middle.day} {middle.month} *",
        f"0-59/20 {middle.hour} * * {middle.isoweekday()}",
    )


def cases(change: Transition, *, every_contract: bool) -> Iterator[tuple[str, str, str]]:
    """Yield expression, gap and overlap to compare around `change`."""
    for expression in (*ORDINARY, *NASTY):
        yield expression, *DEFAULT
    for expression in aimed(change):
        for gap, overlap in CONTRACTS if every_contract else (DEFAULT, ("shift", "last")):
            yield expression, gap, overlap
    for gap, overlap in CONTRACTS[1:]:
        yield "0,15,30,45 0-3 * * *", gap, overlap
