from msgspec.structs import replace

from engine.domain.verdict import Hold, Reason, Stretch, Verdict
from engine.persistence import holds, jobs, verdicts
from engine.persistence.database import Database
from tests.support.stores import NOON, a_job, some_jobs


def test_a_hold_is_open_until_it_is_closed(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        holds.open_hold(tx, Hold(jobid, Reason.JOB_DISABLED, NOON, who="ops"))
        assert holds.open_holds(tx) == [Hold(jobid, Reason.JOB_DISABLED, NOON, who="ops")]
        assert holds.close_hold(tx, jobid, Reason.JOB_DISABLED, NOON + 5)
        assert not holds.close_hold(tx, jobid, Reason.JOB_DISABLED, NOON + 9)
        assert holds.open_holds(tx) == []
        assert holds.holds_between(tx, NOON, NOON + 9) == [
            Hold(jobid, Reason.JOB_DISABLED, NOON, NOON + 5, who="ops")
        ]


def test_only_the_holds_of_the_named_group_are_closed(store: Database) -> None:
    with store.begin() as tx:
        first, second = some_jobs(tx, 2)
        for jobid, group in ((first, "g"), (first, "h"), (second, "g")):
            holds.open_hold(tx, Hold(jobid, Reason.GROUP_DISABLED, NOON, detail=group))
        assert holds.close_holds(tx, first, Reason.GROUP_DISABLED, NOON + 1, "g") == 1
        assert [(each.jobid, each.detail) for each in holds.open_holds(tx)] == [
            (first, "h"),
            (second, "g"),
        ]


def test_an_engines_own_holds_are_apart_from_those_of_jobs(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        holds.open_hold(tx, Hold(None, Reason.PAUSED, NOON, engine_key="main"))
        holds.open_hold(tx, Hold(None, Reason.PAUSED, NOON, engine_key="other"))
        holds.open_hold(tx, Hold(jobid, Reason.JOB_DISABLED, NOON))
        assert holds.close_holds(tx, None, Reason.PAUSED, NOON + 1, engine_key="main") == 1
        assert [each.engine_key for each in holds.open_holds(tx)] == ["other", ""]


def test_holds_are_found_by_the_time_they_touch(store: Database) -> None:
    with store.begin() as tx:
        first, second = some_jobs(tx, 2)
        holds.open_hold(tx, Hold(first, Reason.JOB_DISABLED, NOON + 10, NOON + 20))
        holds.open_hold(tx, Hold(second, Reason.JOB_DISABLED, NOON + 15))
        holds.open_hold(tx, Hold(None, Reason.PAUSED, NOON + 12, NOON + 13))
        assert holds.holds_between(tx, NOON, NOON + 9) == []
        assert len(holds.holds_between(tx, NOON, NOON + 10)) == 1
        assert [each.jobid for each in holds.holds_between(tx, NOON, NOON + 50)] == [
            first,
            None,
            second,
        ]
        assert [each.jobid for each in holds.holds_between(tx, NOON + 20, NOON + 50)] == [second]
        assert [each.jobid for each in holds.holds_between(tx, NOON, NOON + 50, first)] == [
            first,
            None,
        ]


def test_stretches_come_back_whole_and_in_order(store: Database) -> None:
    with store.begin() as tx:
        first, second = some_jobs(tx, 2)
        later = Stretch(first, Verdict.MISSED, NOON + 20, NOON + 30, 11, Reason.NO_ENGINE, "A to B")
        earlier = Stretch(first, Verdict.COALESCED, NOON, NOON + 9, 10, None, "", "main", 77)
        other = Stretch(second, Verdict.SKIPPED, NOON, NOON, 1, Reason.HELD, "session 3")
        verdicts.add_many(tx, [other, later, earlier], NOON)
        assert verdicts.between(tx, NOON - 1, NOON + 40) == [earlier, later, other]
        assert verdicts.between(tx, NOON + 9, NOON + 19) == []
        assert verdicts.between(tx, NOON + 8, NOON + 20, first) == [earlier, later]
        assert verdicts.between(tx, NOON + 25, NOON + 26) == [later]


def test_a_stretch_grows(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        stretch = Stretch(jobid, Verdict.SKIPPED, NOON, NOON, 1, Reason.HELD)
        number = verdicts.add(tx, stretch, NOON)
        verdicts.extend(tx, number, NOON + 60, 3)
        found = verdicts.between(tx, NOON - 1, NOON)
        assert [(each.first_due, each.last_due, each.count) for each in found] == [
            (NOON, NOON + 60, 4)
        ]


def test_what_was_held_before_a_clock_was_set_back_stays_told(store: Database) -> None:
    with store.begin() as tx:
        gone, there = some_jobs(tx, 2)
        jobs.retire(tx, gone, NOON + 30)
        own = Hold(None, Reason.PAUSED, NOON + 10, who="ops", engine_key="main")
        peer = Hold(None, Reason.PAUSED, NOON + 10, engine_key="other")
        retired = Hold(gone, Reason.JOB_DISABLED, NOON)
        living = Hold(there, Reason.JOB_DISABLED, NOON + 10)
        for hold in (own, peer, retired, living):
            holds.open_hold(tx, hold)
        holds.set_back(tx, NOON + 60, NOON + 5, "main")
        kept = [replace(retired, until=NOON + 60), replace(own, until=NOON + 60)]
        found = holds.holds_between(tx, NOON, NOON + 90)
        assert [each for each in found if each.until is not None] == kept
        assert holds.open_holds(tx) == [
            retired,
            *(replace(each, since=NOON + 5) for each in (own, peer, living)),
        ]
