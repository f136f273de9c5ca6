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


def test_a_later_look_reads_only_what_was_saved_since(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        assert state_data.look(tx, jobid, {}) == (None, {})
        state_data.save(tx, jobid, {"at": 1}, 11, NOON)
        first = state_data.look(tx, jobid, {})
        (save,) = first.saves.values()
        assert save == StateData(jobid, {"at": 1}, 11, NOON)
        assert first.current is save
        assert state_data.look(tx, jobid, first.saves).current is save
        state_data.save(tx, jobid, {"at": 2}, 11, NOON + 1)
        later = state_data.look(tx, jobid, first.saves)
        assert [each.data for each in later.saves.values()] == [{"at": 2}, {"at": 1}]
        assert list(later.saves.values())[1] is save
        assert later.current is next(iter(later.saves.values()))


def test_a_look_tells_that_the_data_are_gone(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        state_data.save(tx, jobid, {"at": 1}, 11, NOON)
        known = state_data.look(tx, jobid, {}).saves
        state_data.clear(tx, jobid, NOON + 1, "ops")
        gone = state_data.look(tx, jobid, known)
        assert gone.current is None
        assert [each.data for each in gone.saves.values()] == [None, {"at": 1}]


def test_a_look_takes_the_save_of_another_job_for_none_of_its_own(store: Database) -> None:
    with store.begin() as tx:
        first, second = some_jobs(tx, 2)
        state_data.save(tx, second, {"at": 2}, 11, NOON)
        ((number, save),) = state_data.look(tx, second, {}).saves.items()
        other = StateData(first, {"at": 1}, 11, NOON)
        assert state_data.look(tx, second, {number: other}) == (save, {number: save})


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
