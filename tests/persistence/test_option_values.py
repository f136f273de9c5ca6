"""`true`, `1` and `1.0` are three values of an option, though Python takes them for equal."""

from typing import Any

import pytest

from engine.definitions.applying import Loader, load, stored_jobs
from engine.definitions.loading import Outcome, plan
from engine.persistence import jobs
from engine.persistence.database import Database
from engine.testing.clock import ManualClock
from tests.support.stores import NOON, a_definition, a_job

BEFORE = {"dry_run": 0, "n": 1, "deep": {"list": [1, True]}}


@pytest.mark.parametrize(
    "changed",
    [
        {"dry_run": False, "n": 1, "deep": {"list": [1, True]}},
        {"dry_run": 0, "n": 1.0, "deep": {"list": [1, True]}},
        {"dry_run": 0, "n": 1, "deep": {"list": [True, 1]}},
    ],
)
def test_a_load_changes_an_option_to_a_value_that_python_takes_for_equal(
    store: Database, changed: dict[str, Any]
) -> None:
    clock, loader = ManualClock(NOON), Loader("ann", "here")
    load(store, [a_definition(options=BEFORE)], loader, clock)
    (item,) = load(store, [a_definition(options=changed)], loader, clock).items
    assert (item.outcome, item.changes) == (Outcome.CHANGED, ("options",))
    assert options_of(store) == str(changed)


def test_options_in_another_order_are_unchanged(store: Database) -> None:
    with store.begin() as tx:
        a_job(tx, options={"a": 1, "b": {"c": 1, "d": 2}})
        again = a_definition(options={"b": {"d": 2, "c": 1}, "a": 1})
        assert plan([again], stored_jobs(tx)).unchanged == ["report"]


def test_an_operators_option_that_python_takes_for_equal_outlives_a_load(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, options={"flag": True, "n": 1})
        jobs.set_options(tx, jobid, {"flag": 1})
        assert jobs.get(tx, "report").overridden == {"options"}
        later = a_definition(options={"flag": True, "n": 1}, version="2")
        jobs.update_definition(tx, jobid, later, NOON, override=False)
    assert options_of(store) == "{'flag': 1, 'n': 1}"
    with store.begin() as tx:
        jobs.set_options(tx, jobid, {"flag": True})
        assert jobs.get(tx, "report").overridden == frozenset()


def options_of(store: Database) -> str:
    """Return a job's options as Python writes them, which tells `1` from `True`."""
    with store.read() as tx:
        return str(dict(jobs.get(tx, "report").options))
