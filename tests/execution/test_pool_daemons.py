"""Daemons that pooled runs leave behind; their mark names a worker, which outlives each run."""

from typing import Any

from engine.domain.instance import Ending
from tests.execution.driver import Driver, is_alive
from tests.execution.test_process_runs import body

DAEMON = """
import subprocess
told = subprocess.run("sleep 600 >/dev/null 2>&1 & echo $!", shell=True, stdout=subprocess.PIPE)
job_save_info(int(told.stdout))
"""


def test_a_daemon_that_a_pooled_run_leaves_behind_is_ended(driver: Driver) -> None:
    pid = driver.told(body(DAEMON), isolation="pool")
    driver.until(lambda: not is_alive(pid), "the end of the daemon")
    assert driver.run(isolation="pool").ending is Ending.RETURNED


def test_a_daemon_is_ended_where_its_worker_has_no_pause_between_runs(drivers: Any) -> None:
    driver: Driver = drivers(pool_workers=1)
    pid = driver.told(body(DAEMON), isolation="pool")

    def gone() -> bool:
        driver.submit(isolation="pool")
        return not is_alive(pid)

    driver.until(gone, "the end of the daemon")


def test_a_daemon_of_a_pooled_run_that_goes_on_is_left_alone(drivers: Any) -> None:
    driver: Driver = drivers(pool_workers=2)
    number = driver.submit(body(DAEMON + "job_sleep(600)"), isolation="pool")
    driver.called(number, "save_info")
    pid = driver.info(number)
    for _ in range(3):  # after each of them it is looked for what was left behind
        assert driver.run(isolation="pool").ending is Ending.RETURNED
        assert driver.run().ending is Ending.RETURNED
    assert is_alive(pid)
    driver.executor.ask(number)
    assert driver.exited(number).ending is Ending.RETURNED
    driver.until(lambda: not is_alive(pid), "the end of the daemon")
