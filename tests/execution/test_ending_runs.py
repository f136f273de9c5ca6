"""How a run is ended that does not end by itself: asked, then told, then killed whole."""

import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engine.domain.instance import Ending
from engine.domain.run import ApiCall
from tests.execution.driver import CLOCK, Driver, is_alive
from tests.execution.test_process_runs import body

SLEEPY = body("""
    job_save_info("ready")
    while job_sleep(60):
        pass
    print("stopping")
    """)
DEAF = body("""
    import signal, time
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    job_save_info("ready")
    while True:
        time.sleep(60)
    """)


def ready(driver: Driver, code: str, **changes: object) -> int:
    """Start a run and wait until its code says that it is ready."""
    number = driver.submit(code, **changes)
    driver.called(number, "save_info")
    return number


def pids(path: Path, count: int, driver: Driver) -> list[int]:
    """Wait until so many pids are written in a file."""

    def written() -> list[int]:
        found = [int(each) for each in path.read_text().split()] if path.exists() else []
        return found if len(found) >= count else []

    found: list[int] = driver.until(written, f"{count} pids in {path.name}")
    return found


def test_a_cancelled_job_that_sleeps_stops_by_itself(driver: Driver) -> None:
    number = ready(driver, SLEEPY)
    driver.executor.cancel(number, 30)
    ended = driver.exited(number)
    assert (ended.ending, ended.exit_code) == (Ending.CANCELLED, 0)
    assert driver.output(number) == b"stopping\n"


def test_a_job_that_was_done_before_it_saw_the_wish_to_stop_has_returned(driver: Driver) -> None:
    code = body("import sys; job_save_info('ready'); sys.stdin.read(); job_save_info('done')")

    def cancel(call: ApiCall) -> tuple[bool, Any]:
        driver.executor.cancel(call.job_instanceid, 30)
        return True, None

    driver.answer = cancel
    number = driver.submit(code)
    assert driver.exited(number).ending is Ending.RETURNED


def test_a_deaf_job_is_killed_when_its_grace_is_over(driver: Driver) -> None:
    number = ready(driver, DEAF)
    asked = CLOCK.monotonic()
    driver.executor.cancel(number, 0.2)
    ended = driver.exited(number)
    assert (ended.ending, ended.exit_signal) == (Ending.CANCELLED, signal.SIGKILL)
    assert CLOCK.monotonic() - asked >= 0.2


def test_a_job_that_does_not_look_gets_sigterm_after_its_grace(driver: Driver) -> None:
    number = ready(driver, body("import time; job_save_info(1); time.sleep(60)"))
    driver.executor.cancel(number, 0.05)
    ended = driver.exited(number)
    assert (ended.ending, ended.exit_signal) == (Ending.CANCELLED, signal.SIGTERM)


def test_a_job_over_its_time_is_told_as_timed_out(driver: Driver) -> None:
    ended = driver.run(body("import time; time.sleep(60)"), timeout=0.2, grace=0.1)
    assert ended.ending is Ending.TIMEOUT
    assert ended.detail == "timed out after 0.2 s"


def test_a_job_that_tidies_up_within_the_grace_of_its_time_out_still_timed_out(
    driver: Driver,
) -> None:
    ended = driver.run(SLEEPY, timeout=0.2, grace=30)
    assert (ended.ending, ended.exit_code) == (Ending.TIMEOUT, 0)
    assert driver.output(1) == b"stopping\n"


def test_asking_alone_ends_nothing_by_force(driver: Driver) -> None:
    number = ready(driver, SLEEPY)
    driver.executor.ask(number)
    ended = driver.exited(number)
    assert (ended.ending, ended.exit_code) == (Ending.RETURNED, 0)


def test_a_killed_job_ends_at_once(driver: Driver) -> None:
    number = ready(driver, DEAF)
    driver.executor.kill(number)
    ended = driver.exited(number)
    assert (ended.ending, ended.exit_signal) == (Ending.CANCELLED, signal.SIGKILL)


@pytest.mark.parametrize("isolation", ["process", "pool"])
def test_a_second_cancel_may_hasten_the_end_and_never_delays_it(
    driver: Driver, isolation: str
) -> None:
    slow, quick = (ready(driver, DEAF, isolation=isolation) for _ in range(2))
    driver.executor.cancel(slow, 600)
    driver.executor.cancel(slow, 0.1)
    driver.executor.cancel(quick, 0.1)
    driver.executor.cancel(quick, 600)
    assert driver.exited(slow).ending is Ending.CANCELLED
    assert driver.exited(quick).ending is Ending.CANCELLED


def test_a_run_that_was_asked_before_it_began_is_told_when_it_begins(
    driver_of_one: Driver,
) -> None:
    driver = driver_of_one
    first = ready(driver, SLEEPY)
    second = driver.submit(SLEEPY)
    driver.executor.ask(second)
    driver.executor.ask(first)
    assert driver.exited(second).ending is Ending.RETURNED


def test_the_whole_group_dies_with_a_killed_job(driver: Driver, tmp_path: Path) -> None:
    listed = tmp_path / "pids"
    script = f"""
        trap "" TERM
        for n in 1 2 3; do sh -c 'trap "" TERM; echo $$ >> {listed}; sleep 60; sleep 60' & done
        wait; wait; wait; sleep 60
        """
    number = driver.submit(script, lang="shell")
    grandchildren = pids(listed, 3, driver)
    driver.executor.cancel(number, 0.1)
    assert driver.exited(number).ending is Ending.CANCELLED
    driver.until(lambda: not any(is_alive(pid) for pid in grandchildren))


@pytest.mark.parametrize("way", ["kill", "exit"])
@pytest.mark.parametrize(
    "daemon",
    [
        "setsid sh -c 'echo $$ >> {listed}; exec sleep 600' &",
        "( setsid sh -c 'echo $$ >> {listed}; exec sleep 600' & )",
        "setsid sh -c 'setsid sh -c \"echo \\$\\$ >> {listed}; exec sleep 600\" &' &",
        "( env -i setsid sh -c 'echo $$ >> {listed}; exec sleep 600' & )",
    ],
)
def test_a_process_that_left_the_group_is_ended_too(
    driver: Driver, tmp_path: Path, way: str, daemon: str
) -> None:
    listed = tmp_path / "pids"
    wait = f"while [ ! -s {listed} ]; do :; done"
    hold = "sleep 600" if way == "kill" else "exit 0"
    number = driver.submit(f"{daemon.format(listed=listed)}\n{wait}\n{hold}", lang="shell")
    (daemon_pid,) = pids(listed, 1, driver)
    if way == "kill":
        driver.executor.kill(number)
    driver.exited(number)
    driver.until(lambda: not is_alive(daemon_pid), "the end of the daemon")


def test_a_process_without_its_mark_is_ended_when_nothing_runs_that_could_own_it(
    driver: Driver, tmp_path: Path
) -> None:
    listed = tmp_path / "pids"
    assert (
        driver.run(isolation="pool").ending is Ending.RETURNED
    )  # a worker stays, with nothing to do
    busy = ready(driver, SLEEPY)
    daemon = f"( env -i setsid sh -c 'echo $$ >> {listed}; exec sleep 600' & )"
    driver.shell(f"{daemon}\nwhile [ ! -s {listed} ]; do :; done")
    (daemon_pid,) = pids(listed, 1, driver)
    driver.run()
    assert is_alive(daemon_pid)  # it might be the other run's
    driver.executor.ask(busy)
    driver.exited(busy)
    driver.until(lambda: not is_alive(daemon_pid), "the end of the daemon")


def test_a_python_job_that_forks_a_daemon_leaves_none_behind(
    driver: Driver, tmp_path: Path
) -> None:
    listed = tmp_path / "pids"
    code = body(f"""
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                with open({str(listed)!r}, "w") as file:
                    file.write(str(os.getpid()))
                time.sleep(600)
            os._exit(0)
        while not os.path.exists({str(listed)!r}) or not os.path.getsize({str(listed)!r}):
            pass
        """)
    assert driver.run(code).ending is Ending.RETURNED
    (daemon_pid,) = pids(listed, 1, driver)
    driver.until(lambda: not is_alive(daemon_pid), "the end of the daemon")


def test_what_another_run_left_in_the_background_is_not_touched(
    driver: Driver, tmp_path: Path
) -> None:
    listed = tmp_path / "pids"
    other = driver.submit(
        f"( setsid sh -c 'echo $$ > {listed}; exec sleep 600' & )\nsleep 600", lang="shell"
    )
    (helper,) = pids(listed, 1, driver)
    for _ in range(3):
        assert driver.shell("( setsid sleep 600 & )").ending is Ending.RETURNED
    assert is_alive(helper)
    driver.executor.kill(other)
    driver.exited(other)
    driver.until(lambda: not is_alive(helper))


@pytest.mark.parametrize("background", ["sleep 60 &", "(sleep 60 &)", "setsid sleep 60 &"])
def test_output_held_open_by_a_grandchild_delays_nothing(driver: Driver, background: str) -> None:
    began = CLOCK.monotonic()
    ended = driver.shell(f"echo before\n{background}\necho after")
    assert ended.ending is Ending.RETURNED
    assert CLOCK.monotonic() - began < 10
    assert driver.output(1) == b"before\nafter\n"


def test_a_run_that_waits_for_a_process_can_be_cancelled(driver_of_one: Driver) -> None:
    driver = driver_of_one
    first = ready(driver, SLEEPY)
    second = driver.submit()
    driver.executor.cancel(second, 5)
    ended = driver.exited(second)
    assert (ended.ending, ended.began, ended.pid) == (Ending.CANCELLED, False, None)
    driver.executor.cancel(first, 5)
    driver.exited(first)


def test_runs_beyond_the_limit_wait_their_turn(driver_of_one: Driver) -> None:
    driver = driver_of_one
    code = body("import time; job_save_info(time.monotonic()); job_save_info(time.monotonic())")
    numbers = [driver.submit(code) for _ in range(4)]
    for number in numbers:
        assert driver.exited(number).ending is Ending.RETURNED
    spans = [[call.args["info"] for call in driver.calls(number)] for number in numbers]
    assert all(end < begin for (_, end), (begin, _) in pairwise(spans))
