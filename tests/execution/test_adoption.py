"""Runs outlive their engine, and the next engine finds them, their calls and their ends."""

import os
import select
import signal
from collections.abc import Callable
from pathlib import Path

from engine.domain.instance import Ending
from engine.execution.exit_records import exits_path, read_exits
from tests.execution.driver import CLOCK, Driver, is_alive, kill, make
from tests.execution.engines import Engine, owner_of
from tests.execution.test_ending_runs import SLEEPY, ready
from tests.execution.test_process_runs import body


def test_a_run_goes_on_when_its_engine_is_killed_and_is_adopted(
    engines: Callable[..., Engine], heir: Driver
) -> None:
    engine = engines(body("print('before'); job_save_info(1); job_sleep(60); print('after')"))
    _, pid = engine.until("started")
    engine.until("call")
    engine.kill()
    adoption = heir.executor.adopt(engine.address)
    assert adoption.alive
    assert [(run.job_instanceid, run.pid) for run in adoption.running] == [(1, int(pid))]
    assert is_alive(int(pid))
    heir.executor.ask(1)
    ended = heir.exited(1)
    assert ended.ending is Ending.RETURNED
    assert heir.output(1) == b"before\nafter\n"
    assert heir.log()[ended.log_start : ended.log_end] == heir.log()


def test_a_call_that_nobody_answered_is_told_to_the_heir_and_the_job_waits(
    engines: Callable[..., Engine], heir: Driver
) -> None:
    engine = engines(body("job_save_state_data({'line': 7}); print('saved')"), mode="silent")
    engine.until("call")
    engine.kill()
    heir.executor.adopt(engine.address)
    ended = heir.exited(1)
    assert ended.ending is Ending.RETURNED
    assert [dict(call.args) for call in heir.calls(1)] == [{"data": {"line": 7}}]
    assert heir.output(1) == b"saved\n"


def test_calls_made_while_no_engine_is_there_wait_for_one(
    engines: Callable[..., Engine], heir: Driver, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    code = body(f"""
        job_save_info("ready")
        open({str(gate)!r}).read()
        job_save_info("while nobody was there")
        job_error("CODE")
        """)
    engine = engines(code)
    engine.until("answered")
    engine.kill()
    gate.write_text("go")
    heir.executor.adopt(engine.address)
    ended = heir.exited(1)
    assert (ended.ending, ended.errors_above_warning) == (Ending.JOB_ERROR, True)
    assert heir.info(1) == "while nobody was there"


def test_an_end_that_nobody_acknowledged_is_told_to_the_heir(
    engines: Callable[..., Engine], heir: Driver
) -> None:
    engine = engines(body("exit(3)"), count=3, mode="deaf")
    engine.until("exited", 3)
    engine.kill()
    adoption = heir.executor.adopt(engine.address)
    ends = sorted((ended.job_instanceid, ended.ending) for ended in adoption.exits)
    assert ends == [(number, Ending.EXIT_CODE) for number in (1, 2, 3)]
    heir.executor.acknowledge([1, 2, 3])
    heir.until(lambda: not exits_path(engine.address).exists(), "the end of the supervisor")


def test_a_supervisor_that_nobody_needs_ends_by_itself(engines: Callable[..., Engine]) -> None:
    engine = engines(body("pass"))
    engine.until("acknowledged")
    supervisor = owner_of(engine.address)
    engine.kill()
    handle = os.pidfd_open(supervisor) if is_alive(supervisor) else None
    if handle is not None:
        _wait(handle)
    assert not Path(engine.address).exists()
    assert not exits_path(engine.address).exists()


def test_the_exit_records_of_a_dead_supervisor_are_read_and_its_runs_ended(
    engines: Callable[..., Engine], heir: Driver, tmp_path: Path
) -> None:
    listed = tmp_path / "pids"
    code = body(f"""
        import os, subprocess, time
        if job_fencing_token() == 1:
            exit(3)
        child = subprocess.Popen(["setsid", "sleep", "600"])
        with open({str(listed)!r}, "w") as file:
            file.write(f"{{os.getpid()}} {{child.pid}}")
        job_save_info("ready")
        time.sleep(600)
        """)
    engine = engines(code, count=2, mode="deaf")
    engine.until("exited")
    engine.until("call")
    supervisor = owner_of(engine.address)
    engine.kill()
    kill(supervisor)
    (record,) = read_exits(exits_path(engine.address))
    assert (record.job_instanceid, record.ending, record.exit_code) == (1, Ending.EXIT_CODE, 3)
    adoption = heir.executor.adopt(engine.address)
    assert not adoption.alive
    assert [ended.job_instanceid for ended in adoption.exits] == [1]
    for pid in listed.read_text().split():
        _gone(heir, int(pid))
    heir.executor.acknowledge([1])
    assert not exits_path(engine.address).exists()


def test_an_engine_whose_runs_another_took_over_does_not_end_them(
    driver: Driver, heir: Driver
) -> None:
    number = ready(driver, SLEEPY)
    pid = driver.started(number).pid
    heir.executor.adopt(driver.executor.address)
    assert driver.lost().unfinished == (number,)
    assert is_alive(pid)
    heir.executor.cancel(number, 30)
    ended = heir.exited(number)
    assert (ended.ending, ended.exit_code) == (Ending.CANCELLED, 0)


def test_a_frozen_engine_cannot_keep_runs_going(
    engines: Callable[..., Engine], heir: Driver, tmp_path: Path
) -> None:
    code = body(f"""
        job_save_info("ready")
        open({str(tmp_path / "pid")!r}, "w").write(str(__import__("os").getpid()))
        job_sleep(600)
        """)
    engine = engines(code)
    _, pid = engine.until("started")
    engine.until("call")
    heir_link = make(tmp_path, "9")
    engine.process.send_signal(signal.SIGSTOP)
    try:
        heir_link.executor.adopt(engine.address)  # the newest engine is the one that counts
        heir_link.executor.keep_adopted()
        heir_link.executor.set_deadline(CLOCK.monotonic() + 0.1)
        assert heir_link.exited(1).ending is Ending.LEASE_LOST
        assert not is_alive(int(pid))
    finally:
        engine.process.send_signal(signal.SIGCONT)
        heir_link.executor.close()


def test_the_deadline_of_found_runs_is_not_renewed_before_they_are_ours(
    driver: Driver, heir: Driver
) -> None:
    number = ready(driver, SLEEPY)
    address = driver.executor.address
    driver.executor.set_deadline(CLOCK.monotonic() + 0.5)
    driver.executor.detach()
    heir.executor.set_deadline(CLOCK.monotonic() + 60)
    heir.executor.adopt(address)
    heir.executor.set_deadline(CLOCK.monotonic() + 60)
    assert heir.exited(number).ending is Ending.LEASE_LOST


def test_runs_stay_until_the_deadline_when_the_engine_leaves(driver: Driver, heir: Driver) -> None:
    number = ready(driver, SLEEPY)
    pid, address = driver.started(number).pid, driver.executor.address
    driver.executor.set_deadline(CLOCK.monotonic() + 60)
    driver.executor.detach()
    assert is_alive(pid)
    assert [run.job_instanceid for run in heir.executor.adopt(address).running] == [number]
    heir.executor.cancel(number, 30)
    assert heir.exited(number).ending is Ending.CANCELLED


def test_two_supervisors_serve_one_engine(driver: Driver, engines: Callable[..., Engine]) -> None:
    engine = engines(SLEEPY)
    engine.until("call")
    engine.kill()
    driver.executor.adopt(engine.address)
    assert len(driver.executor.address.splitlines()) == 2
    own = driver._next = 100
    assert driver.run().job_instanceid == own
    driver.executor.cancel(1, 30)
    assert driver.exited(1).ending is Ending.CANCELLED
    driver.until(lambda: len(driver.executor.address.splitlines()) == 1)


def _gone(driver: Driver, pid: int) -> None:
    driver.until(lambda: not is_alive(pid), "the end of what was left")


def _wait(handle: int) -> None:
    ready, _, _ = select.select([handle], [], [], 30)
    os.close(handle)
    assert ready, "the supervisor did not end"
