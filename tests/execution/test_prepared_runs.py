"""A process is made ready for a run before its claim is durable: nothing of it runs without it."""

import signal
from pathlib import Path
from typing import Any

import pytest

from engine.domain.instance import Ending
from engine.domain.run import Exited, RunSpec
from tests.execution.driver import CLOCK, Driver, is_alive, kill, spec
from tests.execution.test_process_runs import body

NAME = "made-ready"


def children(driver: Driver) -> list[int]:
    """Return the processes of a driver's supervisor that are named after the job."""
    supervisor = driver.supervisor()
    text = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text()
    return [pid for pid in map(int, text.split()) if name_of(pid) == NAME]


def name_of(pid: int) -> str:
    """Return the name of a process; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def prepared(driver: Driver, run: RunSpec) -> int:
    """Have a run made ready, and return its process."""
    driver.executor.prepare([run])
    pids: list[int] = driver.until(lambda: children(driver), "a process made ready")
    return pids[0]


def witnessed(path: Path) -> str:
    """Return code that leaves a file."""
    return f"open({str(path)!r}, 'w').close()\ndef run():\n    pass\n"


def test_nothing_of_a_prepared_run_happens_before_it_is_submitted(
    driver: Driver, tmp_path: Path
) -> None:
    witness = tmp_path / "witness"
    run = spec(7, witnessed(witness), name=NAME)
    pid = prepared(driver, run)
    assert driver.run().ending is Ending.RETURNED  # the supervisor has had every chance
    assert not witness.exists()
    assert driver.log(NAME) == b""
    driver.executor.submit([run])
    ended = driver.exited(7)
    assert ended.ending is Ending.RETURNED
    assert ended.pid == pid
    assert witness.exists()


@pytest.mark.parametrize("changes", [{"lang": "shell"}, {"user": "root", "lang": "shell"}])
def test_a_shell_that_was_prepared_begins_when_it_is_submitted(
    driver: Driver, tmp_path: Path, changes: dict[str, Any]
) -> None:
    witness = tmp_path / "witness"
    run = spec(7, f"touch {witness}", name=NAME, **changes)
    prepared(driver, run)
    assert driver.run().ending is Ending.RETURNED
    assert not witness.exists()
    driver.executor.submit([run])
    assert driver.exited(7).ending is Ending.RETURNED
    assert witness.exists()


def test_what_is_dropped_leaves_no_process_and_no_word(driver: Driver, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    pid = prepared(driver, spec(7, witnessed(witness), name=NAME))
    driver.executor.drop_prepared()
    driver.until(lambda: not is_alive(pid), "its end")
    assert driver.run().ending is Ending.RETURNED
    assert not witness.exists()
    assert driver.find(Exited, 7) is None
    assert driver.log(NAME) == b""


def test_the_number_of_a_dropped_run_can_be_another_s(driver: Driver) -> None:
    prepared(driver, spec(7, body("job_save_info('the first')"), name=NAME))
    driver.executor.drop_prepared()
    driver.executor.submit([spec(7, body("job_save_info('the second')"), name=NAME)])
    assert driver.exited(7).ending is Ending.RETURNED
    assert driver.info(7) == "the second"


@pytest.mark.parametrize("changes", [{"cwd": "/no/such/folder"}, {"code": "def run(:"}])
def test_why_it_cannot_start_is_told_when_it_is_submitted(
    driver: Driver, changes: dict[str, Any]
) -> None:
    code = changes.pop("code", "def run(): pass")
    run = spec(7, code, name=NAME, **changes)
    prepared(driver, run)
    driver.run()
    assert driver.find(Exited, 7) is None
    driver.executor.submit([run])
    ended = driver.exited(7)
    assert ended.ending is Ending.START_FAILED
    assert ended.began is False


def test_a_prepared_process_that_was_killed_is_a_start_that_failed(driver: Driver) -> None:
    run = spec(7, name=NAME)
    pid = prepared(driver, run)
    kill(pid)
    driver.executor.submit([run])
    ended = driver.exited(7)
    assert ended.ending is Ending.START_FAILED
    assert "killed by SIGKILL" in ended.detail


def test_an_engine_that_goes_takes_what_it_had_prepared_along(
    driver: Driver, heir: Driver, tmp_path: Path
) -> None:
    witness = tmp_path / "witness"
    going_on = driver.submit(body("job_sleep(600)"))
    driver.started(going_on)
    pid = prepared(driver, spec(7, witnessed(witness), name=NAME))
    address = driver.executor.address
    driver.executor.detach()
    adopted = heir.executor.adopt(address)
    assert [each.job_instanceid for each in adopted.running] == [going_on]
    assert adopted.waiting == ()
    heir.until(lambda: not is_alive(pid), "its end")
    assert not witness.exists()
    heir.executor.kill(going_on)
    heir.exited(going_on)


def test_no_run_begins_by_a_word_that_comes_after_the_lease(driver: Driver, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    run = spec(7, witnessed(witness), name=NAME)
    pid = prepared(driver, run)
    kill(pid, signal.SIGSTOP)
    driver.executor.submit([run])
    driver.started(7)
    driver.executor.set_deadline(CLOCK.monotonic() + 0.05)
    ended = driver.exited(7)
    assert ended.ending is Ending.LEASE_LOST
    assert not witness.exists()


def test_where_no_process_is_free_a_prepared_run_waits_like_any_other(
    driver_of_one: Driver,
) -> None:
    driver = driver_of_one
    first = driver.submit(body("job_save_info(1); job_sleep(600)"))
    driver.called(first, "save_info")
    run = spec(7, name=NAME)
    driver.executor.prepare([run])
    driver.executor.submit([run])
    driver.executor.kill(first)
    driver.exited(first)
    assert driver.exited(7).ending is Ending.RETURNED


def test_only_as_many_are_prepared_as_are_kept_in_stock(driver: Driver) -> None:
    runs = [spec(number, name=NAME) for number in range(7, 12)]
    driver.executor.prepare(runs)
    driver.until(lambda: len(children(driver)) == 2, "two processes")
    driver.executor.submit(runs)
    assert {driver.exited(run.job_instanceid).ending for run in runs} == {Ending.RETURNED}


def test_a_run_of_the_pool_is_not_prepared(driver: Driver) -> None:
    run = spec(7, name=NAME, isolation="pool")
    driver.executor.prepare([run])
    driver.run()
    assert children(driver) == []
    driver.executor.submit([run])
    assert driver.exited(7).ending is Ending.RETURNED
