"""A supervisor that is frozen: the lease is kept without it, and it takes up where it stopped."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.domain.instance import Ending
from engine.domain.run import Exited
from engine.execution.runtime.kernel import GUARD, children_of, name_of
from tests.execution.driver import CLOCK, Driver, is_alive, kill
from tests.execution.test_ending_runs import DEAF, pids, ready
from tests.execution.test_process_runs import body

BOUND = 0.4  # seconds past the lease, on a machine that is busy with other tests


@contextmanager
def frozen(driver: Driver) -> Iterator[None]:
    """Keep the driver's supervisor from doing anything."""
    supervisor = driver.supervisor()
    kill(supervisor, signal.SIGSTOP)
    try:
        yield
    finally:
        kill_if_there(supervisor, signal.SIGCONT)


def kill_if_there(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with suppress(ProcessLookupError):
        kill(pid, number)


def guard_of(driver: Driver) -> int:
    """Wait for the guard of the driver's supervisor, and return its pid."""
    guard: int = driver.until(lambda: _guard(driver.supervisor()), "a guard")
    return guard


def _guard(supervisor: int) -> int | None:
    guards = [pid for pid in children_of(supervisor) if name_of(pid) == GUARD]
    return next((pid for pid in guards if is_alive(pid)), None)


def test_runs_of_all_kinds_end_with_the_lease_though_their_supervisor_is_frozen(
    driver: Driver, tmp_path: Path
) -> None:
    told = tmp_path / "pids"
    deaf = f"trap '' TERM; echo $$ >> {told}; sh -c 'echo $$ >> {told}; sleep 600' & sleep 600"
    apart = f"setsid env -i sh -c 'echo $$ >> {told}; sleep 600' & sleep 600"
    runs = [ready(driver, DEAF), ready(driver, DEAF, interpreter=sys.executable)]
    runs.append(ready(driver, body("job_save_info(1); job_sleep(600)"), isolation="pool"))
    runs += [driver.submit(deaf, lang="shell"), driver.submit(apart, lang="shell")]
    processes = [driver.started(number).pid for number in runs] + pids(told, 3, driver)
    with frozen(driver):
        over = CLOCK.monotonic() + 1.1  # no lease is shorter
        driver.executor.set_deadline(over)
        driver.until(lambda: not any(is_alive(pid) for pid in processes), "the end of all runs")
        assert CLOCK.monotonic() - over < BOUND
        assert all(driver.find(Exited, number) is None for number in runs)
    assert {driver.exited(number).ending for number in runs} == {Ending.LEASE_LOST}
    driver.executor.set_deadline(CLOCK.monotonic() + 60)
    assert driver.run().ending is Ending.RETURNED
    assert driver.run(isolation="pool").ending is Ending.RETURNED


def test_what_was_handed_over_to_a_frozen_supervisor_does_not_begin_after_the_lease(
    driver: Driver, tmp_path: Path
) -> None:
    told = tmp_path / "begun"
    code = f"def run():\n    open({str(told)!r}, 'w').close()\n"
    driver.executor.set_deadline(CLOCK.monotonic() + 60)
    driver.run()
    with frozen(driver):
        runs = [driver.submit(code), driver.submit(code, isolation="pool")]
        driver.executor.set_deadline(CLOCK.monotonic())
    assert {driver.exited(number).ending for number in runs} == {Ending.LEASE_LOST}
    assert not told.exists()


def test_an_engine_that_lives_keeps_its_runs_while_their_supervisor_is_frozen(
    driver: Driver,
) -> None:
    number = ready(driver, body("import time; job_save_info(1); time.sleep(0.8)"))
    with frozen(driver):
        began = CLOCK.monotonic()
        while CLOCK.monotonic() - began < 1.0:
            driver.executor.set_deadline(CLOCK.monotonic() + 0.3)
            driver.step(0.05)
    driver.executor.set_deadline(CLOCK.monotonic() + 60)
    assert driver.exited(number).ending is Ending.RETURNED


def test_a_guard_that_is_killed_is_replaced_and_one_that_is_frozen_does_no_harm(
    driver: Driver,
) -> None:
    first = guard_of(driver)
    kill(first)
    driver.until(lambda: not is_alive(first))
    second = guard_of(driver)
    assert second != first
    kill(second, signal.SIGSTOP)
    number = ready(driver, DEAF)
    driver.executor.set_deadline(CLOCK.monotonic() + 0.1)
    assert driver.exited(number).ending is Ending.LEASE_LOST


def test_the_guard_leaves_with_its_supervisor(
    drivers: Callable[..., Driver],
) -> None:
    killed, closed = drivers(), drivers()
    guards = [guard_of(killed), guard_of(closed)]
    kill(killed.supervisor())
    closed.executor.close()
    killed.until(lambda: not any(is_alive(pid) for pid in guards), "the end of both guards")


def test_a_guard_shares_nothing_with_the_runs_but_the_lease(driver: Driver) -> None:
    names = {path.name for path in Path(f"/proc/{guard_of(driver)}/fd").iterdir()}
    assert names == {"0", "1", "2"}


def test_a_supervisor_that_does_not_answer_an_heir_begins_nothing_when_it_goes_on(
    driver: Driver, heir: Driver, tmp_path: Path
) -> None:
    told = tmp_path / "begun"
    driver.run()
    supervisor, address = driver.supervisor(), driver.executor.address
    kill(supervisor, signal.SIGSTOP)
    driver.submit(f"def run():\n    open({str(told)!r}, 'w').close()\n")
    driver.executor.set_deadline(CLOCK.monotonic() + 60)
    driver.executor.detach()
    adoption = heir.executor.adopt(address)
    assert (adoption.alive, adoption.running, adoption.waiting) == (False, (), ())
    kill_if_there(supervisor, signal.SIGCONT)
    heir.until(lambda: not is_alive(supervisor), "the end of the supervisor")
    assert not told.exists()


def test_closing_a_frozen_supervisor_leaves_nothing_behind(
    drivers: Callable[..., Driver], tmp_path: Path
) -> None:
    driver = drivers(close_seconds=0.2)
    told = tmp_path / "pids"
    number = driver.submit(f"sh -c 'echo $$ >> {told}; sleep 600' & sleep 600", lang="shell")
    processes = [driver.started(number).pid, *pids(told, 1, driver)]
    kill(driver.supervisor(), signal.SIGSTOP)
    driver.executor.close()
    assert not any(is_alive(pid) for pid in processes)
