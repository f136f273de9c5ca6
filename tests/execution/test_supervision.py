"""The supervisor: deadlines, its own end, and who may talk to it."""

import os
import select
import signal
from pathlib import Path

import pytest

from engine.domain.instance import Ending
from engine.domain.run import Exited
from engine.execution.launch import launch
from engine.execution.runtime.stock import READY
from engine.execution.supervisor_link import connect
from tests.execution.driver import CLOCK, PATIENCE, Driver, is_alive, kill, make
from tests.execution.test_ending_runs import DEAF, SLEEPY, ready
from tests.execution.test_process_runs import body


def test_a_killed_supervisor_is_told_with_what_it_left_unfinished(driver: Driver) -> None:
    number = ready(driver, SLEEPY)
    done = driver.submit()
    driver.until(lambda: driver.find(Exited, done))
    kill(driver.supervisor())
    assert driver.lost().unfinished == (number,)
    assert driver.run().ending is Ending.RETURNED  # under a new one


def test_a_run_dies_with_its_supervisor(driver: Driver) -> None:
    number = ready(driver, DEAF)
    pid = driver.started(number).pid
    kill(driver.supervisor())
    driver.lost()
    driver.until(lambda: not is_alive(pid))


def test_every_run_ends_whole_when_the_deadline_passes(driver: Driver) -> None:
    numbers = [ready(driver, DEAF), ready(driver, SLEEPY)]
    waiting = driver.submit("sleep 600", lang="shell")
    pooled = driver.submit(body("job_save_info(1); job_sleep(600)"), isolation="pool")
    driver.called(pooled, "save_info")
    driver.executor.set_deadline(CLOCK.monotonic() + 0.1)
    for number in [*numbers, waiting, pooled]:
        ended = driver.exited(number)
        assert ended.ending is Ending.LEASE_LOST
    late = driver.run()
    assert late.ending is Ending.LEASE_LOST
    driver.executor.set_deadline(CLOCK.monotonic() + 60)
    assert driver.run().ending is Ending.RETURNED


def test_a_deadline_is_kept_to_the_moment(driver: Driver) -> None:
    number = ready(driver, DEAF)
    over = CLOCK.monotonic() + 0.15
    driver.executor.set_deadline(over)
    assert driver.exited(number).ending is Ending.LEASE_LOST
    assert CLOCK.monotonic() - over < 0.6  # a peer starts the job again a tenth of a lease later


def test_a_renewed_deadline_ends_nothing(driver: Driver) -> None:
    number = driver.submit(body("import time; time.sleep(0.3)"))
    for _ in range(20):
        driver.executor.set_deadline(CLOCK.monotonic() + 0.2)
        driver.step(0.02)
    driver.executor.set_deadline(CLOCK.monotonic() + 60)
    assert driver.exited(number).ending is Ending.RETURNED


def test_an_heir_renews_the_deadline_only_when_the_runs_are_its_own(
    driver: Driver, heir: Driver
) -> None:
    first, second = (driver.submit(body("job_sleep(60)")) for _ in range(2))
    driver.started(first)
    driver.started(second)
    address = driver.executor.address
    driver.executor.set_deadline(CLOCK.monotonic() + 1.0)
    driver.executor.detach()
    heir.executor.adopt(address)
    heir.executor.set_deadline(CLOCK.monotonic() + 60)
    assert heir.exited(first).ending is Ending.LEASE_LOST
    assert heir.exited(second).ending is Ending.LEASE_LOST


def test_a_kept_run_goes_on_beyond_the_deadline_of_its_first_engine(
    driver: Driver, heir: Driver
) -> None:
    number = driver.submit(body("job_sleep(60); print('asked')"))
    driver.started(number)
    address, over = driver.executor.address, CLOCK.monotonic() + 1.0
    driver.executor.set_deadline(over)
    driver.executor.detach()
    heir.executor.set_deadline(CLOCK.monotonic() + 60)
    heir.executor.adopt(address)
    heir.executor.keep_adopted()
    while CLOCK.monotonic() < over + 0.2:
        heir.step(0.1)
    heir.executor.ask(number)
    assert heir.exited(number).ending is Ending.RETURNED


def test_closing_ends_everything_and_tells_it(driver: Driver) -> None:
    number = ready(driver, DEAF)
    driver.executor.close()
    (ended,) = [each for each in driver.executor.poll() if isinstance(each, Exited)]
    assert (ended.job_instanceid, ended.ending) == (number, Ending.ENGINE_STOPPED)


def test_sigterm_to_the_supervisor_gives_runs_their_grace(driver: Driver) -> None:
    number = ready(driver, SLEEPY)
    kill(driver.supervisor(), signal.SIGTERM)
    ended = driver.exited(number)
    assert (ended.ending, ended.exit_code) == (Ending.ENGINE_STOPPED, 0)
    assert driver.output(number) == b"stopping\n"


def test_a_path_longer_than_a_socket_address_is_no_obstacle(tmp_path: Path) -> None:
    driver = make(tmp_path / ("a" * 120) / ("b" * 120))
    driver.executor.start()
    try:
        assert driver.run().ending is Ending.RETURNED
    finally:
        driver.executor.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_another_user_is_not_served(driver: Driver, tmp_path: Path) -> None:
    folder = Path(driver.executor.address).parent
    for each in [folder, *folder.parents]:
        if each.stat().st_uid == os.geteuid() and len(each.parts) > 2:
            each.chmod(0o755)
    Path(driver.executor.address).chmod(0o666)
    pid = os.fork()
    if pid == 0:
        os.setuid(65534)
        try:
            connection = connect(driver.executor.address)
            connection.sendall(b'["configure",{}]\n')
            os._exit(0 if connection.recv(100) == b"" else 1)
        except OSError:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert driver.run().ending is Ending.RETURNED


def test_a_supervisor_whose_engine_died_before_it_gave_it_anything_ends(tmp_path: Path) -> None:
    address = str(tmp_path / "1.sock")
    supervisor = launch(address, {})
    connect(address).close()
    handle = os.pidfd_open(supervisor)
    try:
        assert select.select([handle], [], [], PATIENCE)[0]
    finally:
        os.close(handle)
        kill(supervisor)
        os.waitpid(supervisor, 0)


def test_a_process_that_was_killed_in_stock_costs_no_run(driver: Driver) -> None:
    assert driver.run().ending is Ending.RETURNED
    driver.until(lambda: in_stock(driver)[1:], "a full stock")
    stocked = in_stock(driver)
    for pid in stocked:
        kill(pid)
    driver.until(lambda: not any(is_alive(pid) for pid in stocked))
    assert [driver.run().ending for _ in range(3)] == [Ending.RETURNED] * 3


def in_stock(driver: Driver) -> list[int]:
    """Return the processes that wait for a run."""
    supervisor = driver.supervisor()
    text = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text()
    names = {pid: Path(f"/proc/{pid}/comm") for pid in map(int, text.split())}
    return [pid for pid, name in names.items() if name.read_text().strip() == READY]
