"""Rows, views and the pump, without any screen: places are kept, floods are bounded."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from app.pump import Pump
from app.store.changes import Changes
from app.store.events import Applied, Inbox, JobsGone, SnapshotBegun, SnapshotDone
from app.store.model import InstanceRow, JobRow
from app.store.store import ConsoleStore
from app.store.view import Order, TableView
from app.testing.harness import ManualClock
from engine.clock import SECOND
from engine.domain.instance import Cause, Status


def job(number: int, **values: object) -> JobRow:
    return JobRow(number, f"job-{number:03}", **values)  # type: ignore[arg-type]


def instance(number: int, jobid: int, status: Status, seconds: float = 1.0) -> InstanceRow:
    done = None if status is Status.IN_PROGRESS else round(seconds * SECOND)
    return InstanceRow(number, jobid, f"job-{jobid:03}", status, Cause.SCHEDULE, 0, done)


# -- the store ------------------------------------------------------------------------------------


def test_instances_tell_what_runs_how_it_ended_and_how_long_it_usually_takes() -> None:
    store = ConsoleStore()
    store.apply([job(1)])
    store.apply([instance(10, 1, Status.IN_PROGRESS)])
    assert store.jobs[1].running == (10,)
    assert store.live == {10}
    store.apply([instance(10, 1, Status.COMPLETE, 3.0), instance(11, 1, Status.ERROR, 5.0)])
    row = store.jobs[1]
    assert row.running == ()
    assert (row.last_status, row.last_instanceid, row.fails) == (Status.ERROR, 11, 1)
    assert [run.seconds for run in row.runs] == [3.0, 5.0]
    assert store.failing == 1


def test_a_job_that_changes_keeps_what_its_instances_told() -> None:
    store = ConsoleStore()
    store.apply(
        [job(1), instance(10, 1, Status.COMPLETE, 3.0), instance(11, 1, Status.IN_PROGRESS)]
    )
    store.apply([job(1, enabled=False)])
    row = store.jobs[1]
    assert (row.enabled, row.running, row.p50_seconds, row.last_instanceid) == (
        False,
        (11,),
        3.0,
        10,
    )
    assert store.held == 1


def test_a_job_that_is_told_anew_as_it_stands_has_not_changed() -> None:
    store = ConsoleStore()
    store.apply([job(1), job(2)])
    assert store.apply([job(1), job(2, enabled=False)]).jobs == {2}
    store.apply([SnapshotBegun(1)])
    changes = store.apply([job(1), SnapshotDone()])
    assert (changes.jobs, changes.jobs_gone) == (set(), {2})


def test_an_older_look_at_an_instance_never_brings_it_back_to_life() -> None:
    store = ConsoleStore()
    store.apply([job(1), instance(10, 1, Status.COMPLETE), instance(10, 1, Status.IN_PROGRESS)])
    assert store.live == set()
    assert store.jobs[1].running == ()


def test_a_snapshot_drops_what_it_does_not_name() -> None:
    store = ConsoleStore()
    store.apply([job(1), job(2)])
    changes = store.apply([SnapshotBegun(1), job(2), SnapshotDone(), Applied(7)])
    assert set(store.jobs) == {2}
    assert changes.jobs_gone == {1}
    assert "job-001" not in store.names
    assert store.seq == 7


def test_a_job_that_goes_takes_its_instances_along() -> None:
    store = ConsoleStore()
    store.apply([job(1), job(2)])
    store.apply([instance(10, 1, Status.IN_PROGRESS), instance(11, 1, Status.COMPLETE)])
    store.apply([instance(12, 2, Status.IN_PROGRESS)])
    changes = store.apply([instance(11, 1, Status.COMPLETE), JobsGone((1,))])
    assert set(store.instances) == store.live == {12}
    assert (changes.instances, changes.instances_gone) == (set(), {10, 11})


def test_a_job_under_the_number_of_another_keeps_nothing_of_it() -> None:
    store = ConsoleStore()
    store.apply([job(1), instance(10, 1, Status.ERROR)])
    changes = store.apply([SnapshotBegun(1), JobRow(1, "another"), SnapshotDone()])
    assert store.jobs == {1: JobRow(1, "another")}
    assert store.names == {"another": 1}
    assert not store.instances
    assert 1 in changes.jobs_gone & changes.jobs, "its mark goes, its row comes"
    assert store.failing == 0


# -- the view -------------------------------------------------------------------------------------


def view_of(rows: dict[int, JobRow], *, often: bool = False) -> TableView[int, JobRow]:
    by_fails: Order[JobRow] = Order("fails", lambda row: row.fails, changes_often=often)
    view = TableView(rows, lambda row: row.name, by_fails)
    view.rebuild()
    return view


def test_the_cursor_stays_on_its_row_when_others_come_go_and_move() -> None:
    rows = {number: job(number, fails=number) for number in range(10)}
    view = view_of(rows)
    view.move_to(5)
    rows[100] = job(100, fails=0)
    del rows[3]
    rows[5] = job(5, fails=50)
    view.apply({100, 5}, {3})
    view.settle()
    assert view.current is not None
    assert view.current.jobid == 5
    assert view.cursor_index == len(view) - 1


def test_the_cursor_goes_to_the_row_that_took_its_place() -> None:
    rows = {number: job(number, fails=number) for number in range(10)}
    view = view_of(rows)
    view.move_to(5)
    assert view.cursor_index == 5
    del rows[5]
    view.apply((), {5})
    assert view.current_key == 6


def test_rows_that_change_often_keep_their_place_until_the_order_settles() -> None:
    rows = {number: job(number, fails=number) for number in range(5)}
    view = view_of(rows, often=True)
    rows[0] = job(0, fails=99)
    assert view.apply({0}, ()) is False
    assert view.keys == [0, 1, 2, 3, 4]
    assert view.settle() is True
    assert view.keys == [1, 2, 3, 4, 0]


@pytest.mark.parametrize("reverse", [False, True])
def test_many_rows_move_at_once_to_where_a_rebuild_has_them(reverse: bool) -> None:
    rows = {number: job(number, fails=number % 7) for number in range(1000)}
    view = TableView(
        rows, lambda row: row.name, Order("fails", lambda row: row.fails, reverse=reverse)
    )
    view.rebuild()
    view.move_to(500)
    cursor = view.current_key
    moved = range(0, 900, 3)
    for number in moved:
        rows[number] = job(number, fails=number % 5)
    view.apply(moved, ())
    assert view.settle() is True
    keys = list(view.keys)
    assert [view.index_of(key) for key in keys] == list(range(1000))
    view.rebuild()
    assert (keys, view.current_key) == (view.keys, cursor)


def test_marks_that_the_filter_hides_are_counted_and_still_meant() -> None:
    rows = {number: job(number) for number in range(4)}
    view = view_of(rows)
    view.marks = {1, 3}
    view.set_filter("x", lambda row: row.jobid < 2)
    assert view.hidden_marks() == [3]
    assert view.targets() == [1, 3]


def test_rows_that_go_take_their_marks_along_however_much_changes_with_them() -> None:
    rows = {number: job(number) for number in range(300)}
    view = view_of(rows)
    view.marks = {1, 3}
    del rows[1]
    view.apply(rows.keys(), {1})
    assert view.marks == {3}


def test_rows_without_a_value_come_last_both_ways() -> None:
    rows = {1: job(1, p95_seconds=2.0), 2: job(2), 3: job(3, p95_seconds=1.0)}
    view = TableView(rows, lambda row: row.name, Order("p95", lambda row: row.p95_seconds))
    view.rebuild()
    assert view.keys == [3, 1, 2]
    view.sort_by(Order("p95", lambda row: row.p95_seconds, reverse=True))
    assert view.keys == [1, 3, 2]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10_000), often=st.booleans(), reverse=st.booleans())
def test_small_steps_lead_where_a_rebuild_leads(seed: int, often: bool, reverse: bool) -> None:
    dice = random.Random(seed)
    rows = {number: job(number, fails=dice.randrange(5)) for number in range(30)}
    order: Order[JobRow] = Order("fails", lambda row: row.fails, reverse, often)
    view = TableView(rows, lambda row: row.name, order)
    view.matches = lambda row: row.fails != 2
    view.rebuild()
    for _ in range(20):
        changed, gone = set(), set()
        for _ in range(dice.randrange(6)):
            number = dice.randrange(40)
            if dice.random() < 0.2 and number in rows:
                del rows[number]
                gone.add(number)
                changed.discard(number)
            else:
                rows[number] = job(number, fails=dice.randrange(5))
                changed.add(number)
                gone.discard(number)
        view.apply(changed, gone)
    view.settle()
    keys = list(view.keys)
    assert [view.index_of(key) for key in keys] == list(range(len(keys)))
    view.rebuild()
    assert keys == view.keys


# -- the inbox and the pump -----------------------------------------------------------------------


class Loop:
    """Timers that the test fires."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.waiting = 0

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((seconds, callback))

    def writes_waiting(self) -> int:
        return self.waiting

    def fire(self) -> float:
        seconds, callback = self.timers.pop(0)
        callback()
        return seconds


@pytest.fixture
def loop() -> Loop:
    return Loop()


def pump_of(loop: Loop, inbox: Inbox, painted: list[Changes]) -> tuple[Pump, ManualClock]:
    clock = ManualClock(0)
    return Pump(loop, inbox, ConsoleStore(), clock, painted.append), clock


def test_a_flood_is_one_frame_and_frames_keep_their_distance(loop: Loop) -> None:
    inbox = Inbox()
    painted: list[Changes] = []
    pump, clock = pump_of(loop, inbox, painted)
    inbox.put([job(number) for number in range(400)])
    pump.wake()
    assert len(painted) == 1
    assert len(painted[0].jobs) == 400
    inbox.put([job(1, enabled=False)])
    pump.wake()
    assert len(painted) == 1, "the next frame is a tenth of a second away"
    clock.pass_time(0.1)
    loop.fire()
    assert len(painted) == 2


def test_a_terminal_that_is_behind_gets_fewer_frames_and_then_the_newest(loop: Loop) -> None:
    inbox = Inbox()
    painted: list[Changes] = []
    pump, clock = pump_of(loop, inbox, painted)
    loop.waiting = 3
    inbox.put([job(1)])
    pump.wake()
    assert len(painted) == 1, "the first rows wait for nothing"
    painted.clear()
    for number in range(10):
        clock.pass_time(5)
        inbox.put([job(1, fails=number)])
        loop.fire() if loop.timers else pump.wake()
    assert painted == []
    assert pump.is_behind
    loop.waiting = 0
    clock.pass_time(5)
    loop.fire()
    assert [changes.jobs for changes in painted] == [{1}]


def test_the_pump_sleeps_when_nothing_waits(loop: Loop) -> None:
    inbox = Inbox()
    painted: list[Changes] = []
    pump, _clock = pump_of(loop, inbox, painted)
    woken: list[bool] = []
    inbox.wake = lambda: woken.append(True)
    inbox.put([job(1)])
    assert woken == [True]
    pump.wake()
    while loop.timers:
        loop.fire()
    inbox.put([job(2)])
    assert woken == [True, True]


def test_what_is_not_urgent_wakes_nobody_and_comes_with_the_next(loop: Loop) -> None:
    woken: list[bool] = []
    inbox = Inbox(wake=lambda: woken.append(True))
    inbox.put([job(1)], is_urgent=False)
    assert woken == []
    inbox.put([job(2)])
    assert woken == [True]
    painted: list[Changes] = []
    pump, _ = pump_of(loop, inbox, painted)
    pump.wake()
    assert painted[0].jobs == {1, 2}


def test_an_inbox_that_overflows_asks_for_a_snapshot_instead_of_growing(loop: Loop) -> None:
    inbox = Inbox(limit=100)
    asked: list[bool] = []
    pump, _clock = pump_of(loop, inbox, [])
    pump.on_overflow = lambda: asked.append(True)
    inbox.put([job(number) for number in range(200)])
    assert len(inbox) == 0
    pump.wake()
    assert asked == [True]


def test_a_fault_in_an_event_is_told_and_everything_read_anew_a_while_later(loop: Loop) -> None:
    inbox = Inbox()
    painted: list[Changes] = []
    pump, clock = pump_of(loop, inbox, painted)
    told: list[str] = []
    pump.on_fault = lambda error: told.append(type(error).__name__)
    pump.on_overflow = lambda: told.append("anew")
    pump.wake()
    inbox.put([job(1)])
    pump.wake()
    inbox.put([job(2)])
    pump.wake()
    inbox.put([JobRow([], "no number")])  # type: ignore[arg-type]
    loop.fire()
    assert told == ["TypeError", "anew"]
    assert [changes.jobs for changes in painted] == [{1}]
    inbox.put([job(3)])
    clock.pass_time(5)
    assert loop.fire() == 5
    assert [changes.jobs for changes in painted] == [{1}, {2, 3}], "what waited is not lost"


def test_gone_and_come_back_within_one_frame_is_there(loop: Loop) -> None:
    inbox = Inbox()
    painted: list[Changes] = []
    pump, clock = pump_of(loop, inbox, painted)
    inbox.put([job(1)])
    pump.wake()
    inbox.put([JobsGone((1,)), job(1, version="2")])
    clock.pass_time(1)
    pump.flush()
    assert 1 in painted[-1].jobs
    rows = {1: job(1)}
    view = view_of(rows)
    view.marks = {1}
    view.apply(painted[-1].jobs, painted[-1].jobs_gone)
    assert view.keys == [1]
    assert not view.marks, "it is another one"
