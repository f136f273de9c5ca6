"""A change has the time at which it could be made, not the one at which it was asked for."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.control import Actor
from engine.definitions.applying import Loader, load
from engine.persistence import audit
from engine.persistence.transaction import Transaction
from engine.testing.manual import ManualEngine
from tests.support.builders import definition, every

pytestmark = pytest.mark.parametrize("kind", ["postgresql"])  # on a file one writes at a time


def wait_for_lock(tx: Transaction) -> None:
    """Wait until some transaction waits for a lock that another one holds."""
    for _ in range(2000):
        if tx.run_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one():
            return
    pytest.fail("nobody waits")


def test_a_change_that_waited_for_a_claim_is_later_than_the_claim(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        engine.add(definition("job", every(60)))
        with ThreadPoolExecutor(1) as pool:
            with engine.database.begin() as tx:
                tx.hold_configuration()
                change = pool.submit(engine.system.jobs.set_enabled, ["job"], False, actor)
                wait_for_lock(tx)
                claimed_at = engine.clock.advance(1)
            assert change.result()[0].ok
        with engine.database.read() as tx:
            newest = audit.query(tx, limit=1)[0]
        assert newest.object_name == "job"
        assert newest.created >= claimed_at


def test_definitions_that_waited_for_a_claim_are_later_than_the_claim(
    engine: ManualEngine,
) -> None:
    loader = Loader("tester", "test")
    with engine, ThreadPoolExecutor(1) as pool:
        with engine.database.begin() as tx:
            tx.hold_configuration()
            made = [definition("job", every(60))]
            change = pool.submit(load, engine.database, made, loader, engine.clock)
            wait_for_lock(tx)
            claimed_at = engine.clock.advance(1)
        change.result()
        with engine.database.read() as tx:
            newest = audit.query(tx, limit=1)[0]
        assert newest.object_name == "job"
        assert newest.created >= claimed_at
