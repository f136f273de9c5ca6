"""Which due instants passed, among those of many jobs."""

from app.client.due_times import DueTimes


def test_what_passed_is_told_once_and_the_first_to_come_is_known() -> None:
    dues = DueTimes()
    for jobid, due in ((7, 100), (3, 50), (9, None), (12, 50)):
        dues.keep(jobid, due)
    assert dues.first() == 50
    assert dues.take_passed(50) == []
    assert dues.take_passed(60) == [3, 12]
    assert dues.take_passed(60) == []
    assert dues.first() == 100


def test_a_job_that_is_due_no_more_is_forgotten_and_so_are_all() -> None:
    dues = DueTimes()
    dues.keep(1, 10)
    dues.keep(2, 20)
    dues.keep(1, None)
    assert dues.first() == 20
    dues.clear()
    assert dues.first() is None
    assert dues.take_passed(99) == []
