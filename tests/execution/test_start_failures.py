"""What cannot be started is told in one form, with its real cause, and harms nothing else."""

import os
import resource
import select
from pathlib import Path
from typing import Any

import pytest

from engine.domain.instance import Ending
from tests.execution.driver import Driver
from tests.execution.test_process_runs import body
from tests.execution.test_supervision import in_stock

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"cwd": "/no/such/folder"}, "cwd '/no/such/folder': No such file or directory"),
        ({"cwd": "/etc/passwd"}, "cwd '/etc/passwd': Not a directory"),
        (
            {"interpreter": "/no/python"},
            "interpreter '/no/python': No such file or directory",
        ),
        ({"interpreter": "/etc/passwd"}, "interpreter '/etc/passwd': Permission denied"),
        (
            {"lang": "shell", "interpreter": "/no/sh"},
            "interpreter '/no/sh': No such file or directory",
        ),
        ({"user": "nobody-of-that-name"}, "user 'nobody-of-that-name': there is no such user"),
        ({"env": {"A": "b\0c"}}, "env 'A': embedded null byte"),
        ({"env": {"A=B": "c"}}, "env 'A=B': illegal environment variable name"),
        (
            {"env": {"BIG": "x" * (3 << 20)}, "lang": "shell"},
            "interpreter '/bin/sh': Argument list too long",
        ),
        ({"lang": "shell", "code": "echo a\0b"}, "the script holds a NUL character"),
    ],
)
def test_a_condition_that_cannot_be_met_is_named(
    driver: Driver, changes: dict[str, Any], cause: str
) -> None:
    code = changes.pop("code", "def run(): pass" if changes.get("lang") != "shell" else "true")
    ended = driver.run(code, **changes)
    assert ended.ending is Ending.START_FAILED
    assert ended.began is False
    assert ended.detail == f"could not start: {cause}".replace("\0", "\\x00")
    assert ended.error is not None
    assert ended.error.name == "START-FAILED"
    assert driver.run().ending is Ending.RETURNED


def test_a_folder_with_a_nul_in_its_name_is_named(driver: Driver) -> None:
    ended = driver.run("def run(): pass", cwd="/x\0y")
    assert ended.ending is Ending.START_FAILED
    assert ended.detail.startswith(r"could not start: cwd '/x\x00y': embedded null ")


def test_an_interpreter_that_is_no_python_is_no_success(driver: Driver) -> None:
    ended = driver.run(interpreter="/bin/true")
    assert ended.ending is Ending.START_FAILED
    assert "exit code 0) before the job's code began" in ended.detail


def test_memory_too_small_for_an_interpreter_is_a_start_failure(driver: Driver) -> None:
    ended = driver.run(interpreter="/usr/bin/env", memory=1 << 20)
    assert ended.ending is Ending.START_FAILED
    assert ended.began is False


def test_a_machine_that_refuses_another_process_is_told(driver: Driver) -> None:
    assert driver.run().ending is Ending.RETURNED
    usual = resource.prlimit(driver.supervisor(), resource.RLIMIT_NOFILE)
    resource.prlimit(driver.supervisor(), resource.RLIMIT_NOFILE, (8, usual[1]))
    numbers = [driver.submit() for _ in range(6)]  # more than are in stock
    ends = [driver.exited(number) for number in numbers]
    refused = [ended for ended in ends if ended.ending is Ending.START_FAILED]
    assert refused
    cause = "could not start: no process could be made: Too many open files"
    assert {ended.detail for ended in refused} == {cause}
    resource.prlimit(driver.supervisor(), resource.RLIMIT_NOFILE, usual)
    assert driver.run().ending is Ending.RETURNED


def test_a_machine_that_refuses_another_process_is_not_asked_without_end(driver: Driver) -> None:
    driver.until(lambda: in_stock(driver)[1:], "a full stock")
    supervisor = driver.supervisor()
    usual = resource.prlimit(supervisor, resource.RLIMIT_NOFILE)
    resource.prlimit(supervisor, resource.RLIMIT_NOFILE, (8, usual[1]))
    number = driver.submit(body("job_sleep(1.5)"))
    driver.started(number)
    before = processor_time(supervisor)
    assert driver.exited(number).ending is Ending.RETURNED
    assert processor_time(supervisor) - before < 0.2
    resource.prlimit(supervisor, resource.RLIMIT_NOFILE, usual)
    driver.until(lambda: in_stock(driver)[1:], "a full stock again")


def processor_time(pid: int) -> float:
    """Return the seconds of a processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_no_executor_starts_where_its_folder_cannot_be_made(tmp_path: Path) -> None:
    from engine.errors import EngineError
    from tests.execution.driver import make

    (tmp_path / "run").write_text("a file stands in the way")
    driver = make(tmp_path)
    with pytest.raises(EngineError, match="run"):
        driver.executor.start()
    assert select.select([driver.executor], [], [], 0)[0] == []


@as_root
def test_a_python_that_another_user_cannot_read_is_told(driver: Driver) -> None:
    readable = all(parent.stat().st_mode & 0o001 for parent in Path(os.__file__).parents)
    ended = driver.run(body("pass"), user="nobody", cwd="/")
    if readable:
        assert ended.ending is Ending.RETURNED
    else:
        assert ended.ending is Ending.START_FAILED
        assert "user 'nobody' cannot read Python's library" in ended.detail


@as_root
def test_another_user_may_have_a_python_of_its_own_to_read(driver: Driver) -> None:
    python = Path("/usr/bin/python3")
    runtime = Path("engine/execution/runtime/start.py").resolve()
    ended = driver.run(body("pass"), user="nobody", cwd="/", interpreter=str(python))
    if not all(parent.stat().st_mode & 0o001 for parent in runtime.parents):
        assert "user 'nobody' cannot read the files of tocsin" in ended.detail
    elif python.exists():
        assert ended.ending is Ending.RETURNED, driver.log()
    else:
        assert "interpreter '/usr/bin/python3'" in ended.detail
