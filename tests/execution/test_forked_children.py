"""What a job forks: it ends for itself, its words are kept, and the job's line is not its own."""

import pytest

from engine.domain.instance import Ending
from tests.execution.driver import Driver
from tests.execution.test_process_runs import body


@pytest.mark.parametrize(("way", "code"), [("return", 0), ("exit(3)", 3), ("1 / 0", 1)])
def test_a_forked_child_that_comes_back_from_run_ends_and_takes_no_runs(
    driver: Driver, way: str, code: int
) -> None:
    text = f"""
        import os
        child = os.fork()
        if child == 0:
            {way}
        job_save_info(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    assert driver.told(body(text), isolation="pool") == code
    assert {driver.run(isolation="pool").ending for _ in range(5)} == {Ending.RETURNED}


@pytest.mark.parametrize("isolation", ["pool", "process"])
def test_a_forked_child_tells_the_exception_that_ended_it(driver: Driver, isolation: str) -> None:
    text = """
        import os
        child = os.fork()
        if child == 0:
            {}["missing"]
        os.waitpid(child, 0)
        """
    number = driver.submit(body(text), isolation=isolation)
    assert driver.exited(number).ending is Ending.RETURNED
    told = driver.output(number, "ERR").decode()
    assert told.startswith("Traceback")
    assert told.endswith("KeyError: 'missing'\n")
    assert told.count("File ") == 1


def test_what_processes_that_a_run_forks_print_goes_to_it_too(driver: Driver) -> None:
    text = """
        import logging, multiprocessing, os, sys
        logging.warning("by the run")
        forked = multiprocessing.get_context("fork")
        said = [(print, "printed"), (logging.error, "logged"), (sys.stdout.write, "unended")]
        for target, text in said:
            child = forked.Process(target=target, args=(f"{text} {job_fencing_token()}",))
            child.start()
            child.join()
        """
    numbers = [driver.submit(body(text), isolation="pool") for _ in range(5)]
    assert {driver.exited(number).ending for number in numbers} == {Ending.RETURNED}
    for number in numbers:
        told = driver.output(number), driver.output(number, "ERR")
        assert told[0].rstrip(b"\n") == f"printed {number}\nunended {number}".encode()
        assert f"ERROR:root:logged {number}\n".encode() in told[1]


@pytest.mark.parametrize("isolation", ["pool", "process"])
def test_what_a_forked_child_logs_stands_where_it_would_print_it(
    driver: Driver, isolation: str
) -> None:
    number = driver.submit(
        body("""
        import os
        pid = os.fork()
        if pid == 0:
            log_warning("from the %s", "child \\udc80")
            os._exit(0)
        os.waitpid(pid, 0)
        """),
        isolation=isolation,
    )
    assert driver.exited(number).ending is Ending.RETURNED
    assert driver.output(number, "ERR") == b"WARN from the child \\udc80\n"


@pytest.mark.parametrize("isolation", ["pool", "process"])
def test_a_forked_child_that_sleeps_takes_no_news_of_the_job(
    driver: Driver, isolation: str
) -> None:
    """What the job does not read meanwhile keeps its line ready to be read all the time."""
    number = driver.submit(
        body("""
        import os
        job_save_info("ready")
        pid = os.fork()
        if pid == 0:
            os._exit(job_sleep(1) is not True)
        _, status, usage = os.wait4(pid, 0)
        print(status, usage.ru_utime + usage.ru_stime < 0.5, job_sleep(60))
        """),
        isolation=isolation,
    )
    driver.called(number, "save_info")
    driver.executor.ask(number)
    assert driver.exited(number).ending is Ending.RETURNED
    assert driver.output(number) == b"0 True False\n"
