from engine.persistence import state_data
from engine.persistence.database import Database
from engine.persistence.state_data import KEPT_SAVES, StateData
from tests.support.stores import NOON, a_job, some_jobs


def test_a_job_has_the_state_data_it_saved_last(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        assert state_data.get(tx, jobid) is None
        state_data.save(tx, jobid, {"at": 1}, 11, NOON)
        state_data.save(tx, jobid, {"at": [1, {"ž": None}]}, 12, NOON + 1)
        assert state_data.get(tx, jobid) == StateData(
            jobid, {"at": [1, {"ž": None}]}, 12, NOON + 1, saves=2
        )


def test_saves_and_clearings_are_kept_newest_first(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        state_data.save(tx, jobid, {"at": 1}, 11, NOON)
        assert state_data.clear(tx, jobid, NOON + 1, "ops")
        assert not state_data.clear(tx, jobid, NOON + 2, "ops")
        state_data.save(tx, jobid, {"at": 2}, None, NOON + 3, "ops")
        assert state_data.history(tx, jobid) == [
            StateData(jobid, {"at": 2}, None, NOON + 3, who="ops"),
            StateData(jobid, None, None, NOON + 1, who="ops"),
            StateData(jobid, {"at": 1}, 11, NOON),
        ]


def test_the_history_is_bounded_per_job(store: Database) -> None:
    with store.begin() as tx:
        first, second = some_jobs(tx, 2)
        state_data.save(tx, second, {"at": -1}, 1, NOON)
        for number in range(KEPT_SAVES + 5):
            state_data.save(tx, first, {"at": number}, 1, NOON + number)
        kept = state_data.history(tx, first)
        assert len(kept) == KEPT_SAVES
        assert kept[-1].data == {"at": 5}
        assert len(state_data.history(tx, second)) == 1


def test_large_data_come_back_exactly(store: Database) -> None:
    large = {"filler": "€" * 1_000_000, "numbers": list(range(1000))}
    with store.begin() as tx:
        jobid = a_job(tx)
        state_data.save(tx, jobid, large, 1, NOON)
    with store.read() as tx:
        found = state_data.get(tx, jobid)
    assert found is not None
    assert found.data == large


def test_the_jobs_that_have_state_data_are_told(store: Database) -> None:
    with store.begin() as tx:
        first, second = some_jobs(tx, 2)
        state_data.save(tx, first, {}, None, NOON)
        assert set(state_data.of_jobs(tx, [first, second])) == {first}
