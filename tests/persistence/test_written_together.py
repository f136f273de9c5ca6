"""Two engines that write the first row of something at the same moment: one waits for the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import URL

from engine.persistence import state_data
from engine.persistence.database import Transaction
from tests.persistence.test_postgresql import wait_for_lock
from tests.support.stores import NOON, a_job, opened


def together(url: URL, write: Callable[[Transaction, int], Any]) -> list[Any]:
    """Let a second writer come while the first has not committed; return what both got."""
    with opened(url) as first, opened(url) as second, ThreadPoolExecutor(1) as pool:

        def come() -> Any:
            with second.begin() as tx:
                return write(tx, 2)

        with first.begin() as tx:
            found = [write(tx, 1)]
            other = pool.submit(come)
            wait_for_lock(tx)
        return [*found, other.result()]


def test_of_first_state_data_that_two_engines_save_at_once_the_later_stay(
    postgres_url: URL,
) -> None:
    with opened(postgres_url) as store:
        with store.begin() as tx:
            jobid = a_job(tx)
        together(
            postgres_url,
            lambda tx, number: state_data.save(tx, jobid, {"of": number}, number, NOON + number),
        )
        with store.read() as tx:
            kept = state_data.get(tx, jobid)
            saves = state_data.history(tx, jobid)
    assert kept == state_data.StateData(jobid, {"of": 2}, 2, NOON + 2, saves=2)
    assert [each.data for each in saves] == [{"of": 2}, {"of": 1}]
