"""The supervisor and its engines: who outlives whom, and that nothing is lost on the way."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.domain.instance import Ending
from engine.domain.run import Exited
from engine.execution.exit_records import exits_path, read_exits
from engine.execution.orphans import end_orphans
from engine.execution.supervisor_link import connect
from tests.execution.driver import CLOCK, Driver, is_alive, kill, make
from tests.execution.test_ending_runs import DEAF, SLEEPY, ready
from tests.execution.test_process_runs import body


class Engine:
    """A process that runs jobs, to be killed."""

    def __init__(self, folder: Path, code: str, count: int = 1, mode: str = "answers") -> None:
        (folder / "code.py").write_text(code)
        script = Path(__file__).with_name("an_engine.py")
        self.process = subprocess.Popen(
            [
                sys.executable,
                str(script),
                str(folder),
                "7",
                str(folder / "code.py"),
                str(count),
                mode,
            ],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        self.said: list[list[str]] = []
        self.address = self.until("address")[0]

    def until(self, what: str, count: int = 1) -> list[str]:
        """Wait until it has printed this so often; return what it said the last time."""
        assert self.process.stdout is not None
        while len(found := [rest for word, *rest in self.said if word == what]) < count:
            line = self.process.stdout.readline()
            if not line:
                pytest.fail(f"the engine ended before '{what}'")
            self.said.append(line.split())
        return found[-1]

    def kill(self) -> None:
        """Kill it as a crash would."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Start engines; what they leave is ended."""
    started: list[Engine] = []

    def start(code: str, count: int = 1, mode: str = "answers") -> Engine:
        started.append(Engine(tmp_path, code, count, mode))
        return started[-1]

    yield start
    for engine in started:
        engine.kill()
        supervisor = _owner_of(engine.address)
        if supervisor > 0:
            kill(supervisor)
        end_orphans(engine.address)


@pytest.fixture
def heir(tmp_path: Path) -> Iterator[Driver]:
    """The engine that comes after the killed one; it has no supervisor of its own."""
    driver = make(tmp_path, "8")
    yield driver
    driver.executor.close()


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
    supervisor = _owner_of(engine.address)
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
    supervisor = _owner_of(engine.address)
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


def _owner_of(address: str) -> int:
    """Return the pid of the supervisor that listens at this address."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue
        if name == "tocsin-super" and Path(address).stem.encode() in words:
            return int(entry.name)
    return -1


def _wait(handle: int) -> None:
    import select

    ready, _, _ = select.select([handle], [], [], 30)
    os.close(handle)
    assert ready, "the supervisor did not end"
