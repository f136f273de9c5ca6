"""Runs that share workers: fast, and still nothing of one run reaches another."""

import os
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from engine.domain.instance import Ending
from engine.domain.run import Exited, Started
from tests.execution.driver import CLOCK, Driver, spec
from tests.execution.test_process_runs import body


def pooled(driver: Driver, text: str = "pass", **changes: Any) -> int:
    """Hand a run to the pool."""
    return driver.submit(body(text), isolation="pool", **changes)


def finished(driver: Driver, numbers: list[int]) -> list[Exited]:
    """Wait for the ends of runs."""
    return [driver.exited(number) for number in numbers]


def test_workers_are_used_again(driver: Driver) -> None:
    code = body("import os; job_save_info(os.getpid())")
    told = [driver.told(code, isolation="pool") for _ in range(20)]
    assert len(set(told)) <= 2


def test_code_is_loaded_once_and_run_often(driver: Driver) -> None:
    code = "count = 0\ndef run():\n    global count\n    count += 1\n    job_save_info(count)\n"
    told = [driver.told(code, isolation="pool") for _ in range(6)]
    assert max(told) >= 3


def test_another_revision_is_other_code(driver: Driver) -> None:
    for version in ("first", "second", "first"):
        assert driver.told(body(f"job_save_info({version!r})"), isolation="pool") == version


def test_endings_are_told_as_for_a_process(driver: Driver) -> None:
    texts = ["pass", "1 / 0", "exit(3)", "job_error('CODE')", "import os; os._exit(4)"]
    texts += ["import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"]
    ends = [driver.exited(pooled(driver, text)) for text in texts]
    assert [(ended.ending, ended.exit_code, ended.exit_signal) for ended in ends] == [
        (Ending.RETURNED, 0, None),
        (Ending.EXCEPTION, 1, None),
        (Ending.EXIT_CODE, 3, None),
        (Ending.JOB_ERROR, 0, None),
        (Ending.EXIT_CODE, 4, None),
        (Ending.SIGNAL, None, signal.SIGSEGV),
    ]
    assert ends[1].error is not None
    assert ends[1].error.traceback.count("File ") == 1


def test_code_that_cannot_start_is_told_and_the_worker_goes_on(driver: Driver) -> None:
    wrong = driver.run("def run(:", isolation="pool")
    assert (wrong.ending, wrong.began) == (Ending.START_FAILED, False)
    nowhere = driver.run(isolation="pool", cwd="/no/such/folder")
    assert nowhere.detail == "could not start: cwd '/no/such/folder': No such file or directory"
    none = driver.run("x = 1", isolation="pool")
    assert none.error is not None
    assert none.error.name == "JOB-PROGRAM-ERROR"
    assert driver.run(isolation="pool").ending is Ending.RETURNED


def test_what_is_printed_goes_to_the_run_that_printed_it(driver: Driver) -> None:
    text = """
        import os, sys
        print("out", job_fencing_token())
        print("err", job_fencing_token(), file=sys.stderr)
        sys.stdout.buffer.write(b"bytes %d\\n" % job_fencing_token())
        """
    numbers = [pooled(driver, text) for _ in range(50)]
    finished(driver, numbers)
    for number in numbers:
        assert driver.output(number) == f"out {number}\nbytes {number}\n".encode()
        assert driver.output(number, "ERR") == f"err {number}\n".encode()


def test_runs_that_are_taken_back_while_workers_take_them_stay_themselves(driver: Driver) -> None:
    """Their time is about that after which others are taken back: both sides reach for them."""
    text = "print('run', job_fencing_token()); job_sleep(0.001 * (job_fencing_token() % 9))"
    numbers = [pooled(driver, text) for _ in range(300)]
    assert {ended.ending for ended in finished(driver, numbers)} == {Ending.RETURNED}
    for number in numbers:
        assert driver.output(number) == f"run {number}\n".encode()


def test_what_a_program_of_the_run_writes_goes_to_it_too(driver: Driver) -> None:
    text = "import os; os.system(f'echo program {job_fencing_token()}')"
    numbers = [pooled(driver, text) for _ in range(20)]
    assert {ended.ending for ended in finished(driver, numbers)} == {Ending.RETURNED}
    for number in numbers:
        assert driver.output(number) == f"program {number}\n".encode()


def test_a_run_that_says_nothing_leaves_nothing_in_the_log(driver: Driver) -> None:
    ended = driver.run(isolation="pool")
    assert (ended.log_start, ended.log_end) == (None, None)
    assert driver.log() == b""


def test_folders_modules_environment_and_cwd_are_each_jobs_own(
    driver: Driver, tmp_path: Path
) -> None:
    code = "import helper\n" + body("""
        import os
        os.environ["LEFT"] = "behind"
        job_save_info([helper.NAME, os.getcwd(), os.environ.get("OWN"), before])
        os.chdir("/")
        """)
    code = "import os\nbefore = None\n" + code.replace(
        "    import os\n", "    global before\n    before = os.environ.get('LEFT')\n", 1
    )
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helper.py").write_text(f"NAME = {name!r}\n")
    for name in ("a", "b", "a", "b", "b"):
        path = str(tmp_path / name / "job.py")
        told = driver.told(code, code_path=path, isolation="pool", env={"OWN": name})
        assert told == [name, str(tmp_path / name), name, None]


def test_limits_hold_for_their_own_job_alone(driver: Driver) -> None:
    hungry = "x = bytearray(256 << 20); job_save_info('had it')"
    limited = driver.exited(pooled(driver, hungry, memory=128 << 20))
    assert (limited.ending, limited.error and limited.error.name) == (
        Ending.EXCEPTION,
        "MemoryError",
    )
    for _ in range(3):
        assert driver.exited(pooled(driver, hungry)).ending is Ending.RETURNED
    number = pooled(driver, "while True: pass", cpu=1)
    ended = driver.exited(number)
    assert (ended.ending, ended.exit_signal) == (Ending.SIGNAL, signal.SIGXCPU)


def test_a_long_run_keeps_nobody_waiting_behind_it(driver: Driver) -> None:
    long = [pooled(driver, "job_sleep(600)") for _ in range(6)]
    short = [pooled(driver) for _ in range(30)]
    assert {ended.ending for ended in finished(driver, short)} == {Ending.RETURNED}
    for number in long:
        driver.started(number)
        driver.executor.cancel(number, 30)
    assert {ended.ending for ended in finished(driver, long)} == {Ending.CANCELLED}


def test_a_run_over_its_time_ends_with_its_worker_and_others_are_spared(driver: Driver) -> None:
    slow = pooled(driver, "import time; time.sleep(600)", timeout=0.1, grace=0.05)
    others = [pooled(driver) for _ in range(40)]
    ended = driver.exited(slow)
    assert (ended.ending, ended.detail) == (Ending.TIMEOUT, "timed out after 0.1 s")
    assert {each.ending for each in finished(driver, others)} == {Ending.RETURNED}


def test_a_pooled_job_sees_the_wish_to_stop_and_the_next_one_does_not(driver: Driver) -> None:
    for _ in range(3):
        number = pooled(driver, "job_save_info('ready'); print(job_sleep(60))")
        driver.called(number, "save_info")
        driver.executor.ask(number)
        assert driver.exited(number).ending is Ending.RETURNED
        assert driver.output(number) == b"False\n"
        after = pooled(driver, "print(job_sleep(0.001))")
        driver.exited(after)
        assert driver.output(after) == b"True\n"


def test_a_run_that_has_not_begun_is_taken_back(drivers: Any) -> None:
    driver: Driver = drivers(pool_workers=1)
    witness = driver.folder / "witness"
    first = pooled(
        driver, f"open({str(witness)!r}, 'a').write('first '); import time; time.sleep(0.3)"
    )
    second = pooled(driver, f"open({str(witness)!r}, 'a').write('second ')")
    driver.executor.cancel(second, 30)
    ended = driver.exited(second)
    driver.exited(first)
    if ended.began:
        assert "second" in witness.read_text()
    else:
        assert (ended.ending, witness.read_text()) == (Ending.CANCELLED, "first ")


def test_a_process_that_a_pooled_run_leaves_behind_is_ended(driver: Driver) -> None:
    text = """
        import subprocess
        job_save_info(subprocess.Popen(["setsid", "sleep", "600"]).pid)
        """
    number = pooled(driver, text)
    assert driver.exited(number).ending is Ending.RETURNED
    pid = driver.info(number)

    def gone() -> bool:
        return not Path(f"/proc/{pid}").exists()

    driver.until(gone, "the end of what was left behind")
    assert driver.run(isolation="pool").ending is Ending.RETURNED


def test_shell_users_and_other_interpreters_are_never_pooled(driver: Driver) -> None:
    ended = driver.shell("echo $$", isolation="pool")
    assert ended.ending is Ending.RETURNED
    assert int(driver.output(1)) == ended.pid


def test_killing_workers_at_random_loses_nothing_and_repeats_nothing(driver: Driver) -> None:
    """Each run leaves a witness before it returns: none has two, none that returned has none."""
    chance = random.Random(7)
    witness = driver.folder / "witness"
    text = f"""
        import os
        file = os.open({str(witness)!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, b"%d\\n" % job_fencing_token())
        os.close(file)
        """
    specs = [spec(number, body(text), isolation="pool") for number in range(1, 2001)]
    killed = 0
    for at in range(0, len(specs), 100):
        driver.executor.submit(specs[at : at + 100])
        driver.step(0.01)
        workers = _workers(driver)
        if workers:
            with suppress(ProcessLookupError):  # it died of the last kill just now
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed += 1
    driver.until(lambda: _count(driver) >= len(specs), "the ends of all runs")
    ends = [each for each in driver.reports if isinstance(each, Exited)]
    assert Counter(each.job_instanceid for each in ends).most_common(1)[0][1] == 1
    seen = Counter(int(line) for line in witness.read_text().split())
    assert max(seen.values()) == 1
    returned = {each.job_instanceid for each in ends if each.ending is Ending.RETURNED}
    assert returned <= set(seen)
    assert {each.ending for each in ends} <= {Ending.RETURNED, Ending.SIGNAL}
    assert killed > 5
    assert len(ends) - len(returned) <= killed
    driver.executor.acknowledge(each.job_instanceid for each in ends)


def _count(driver: Driver) -> int:
    return sum(isinstance(each, Exited) for each in driver.reports)


def _workers(driver: Driver) -> list[int]:
    found = []
    task = Path(f"/proc/{driver.supervisor()}/task/{driver.supervisor()}/children")
    for pid in task.read_text().split():
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        if name == "tocsin-pool":
            found.append(int(pid))
    return found


@pytest.mark.parametrize("count", [2000])
def test_a_burst_of_tiny_jobs_runs_each_once(driver: Driver, count: int) -> None:
    specs = [spec(n, body("pass"), name=f"job{n}", isolation="pool") for n in range(1, count + 1)]
    driver.executor.submit(specs)
    began = CLOCK.monotonic()
    driver.until(lambda: _count(driver) >= count, "the ends of all runs")
    assert CLOCK.monotonic() - began < 60
    ends = [each for each in driver.reports if isinstance(each, Exited)]
    assert sorted(each.job_instanceid for each in ends) == list(range(1, count + 1))
    assert {each.ending for each in ends} == {Ending.RETURNED}
    assert not any(isinstance(each, Started) for each in driver.reports)
