"""Limits, users and other interpreters: what a run may use, who it is, and which Python runs it."""

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.domain.instance import Ending
from engine.domain.job import LEAST_FILES
from tests.execution.driver import Driver
from tests.execution.test_process_runs import body

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NOBODY = pwd.getpwnam("nobody")
VERSIONS = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3"))
OTHERS = [
    path for path in VERSIONS if path.parts[-3].split(".")[1] in {"9", "10", "12", "13", "14"}
]


def test_memory_is_limited(driver: Driver) -> None:
    ended = driver.run(body("bytearray(512 << 20)"), memory=256 << 20)
    assert ended.ending is Ending.EXCEPTION
    assert ended.error is not None
    assert ended.error.name == "MemoryError"
    assert driver.run(body("bytearray(512 << 20)")).ending is Ending.RETURNED


@pytest.mark.parametrize("lang", ["python", "shell"])
def test_processor_time_is_limited_and_the_cause_is_told(driver: Driver, lang: str) -> None:
    code = body("while True: pass") if lang == "python" else "while :; do :; done"
    ended = driver.run(code, lang=lang, cpu=1)
    assert (ended.ending, ended.exit_signal) == (Ending.SIGNAL, signal.SIGXCPU)
    assert ended.detail == "killed by SIGXCPU: it used up its limit of 1 s of processor time"


def test_open_files_are_limited(driver: Driver) -> None:
    ended = driver.run(body("held = [open('/dev/null') for _ in range(100)]"), files=32)
    assert ended.error is not None
    assert "Too many open files" in ended.error.description


@pytest.mark.parametrize("lang", ["python", "shell"])
def test_the_least_limit_of_files_lets_jobs_run(driver: Driver, lang: str) -> None:
    user = "nobody" if os.geteuid() == 0 else None
    code = body("open('/dev/null').close()") if lang == "python" else ": </dev/null"
    # Not Python as that user, who may be unable to read ours.
    other: dict[str, Any] = {"interpreter": sys.executable} if lang == "python" else {"user": user}
    for way in ({}, other):
        ended = driver.run(code, lang=lang, files=LEAST_FILES, cwd="/", **way)
        assert ended.ending is Ending.RETURNED, driver.log()


@as_root
def test_processes_of_a_user_are_limited(driver: Driver) -> None:
    ended = driver.shell(
        "for n in 1 2 3 4 5 6 7 8; do sleep 30 & done; wait", user="nobody", processes=4
    )
    assert ended.ending is Ending.EXIT_CODE
    assert b"fork" in driver.log()


@as_root
def test_a_run_is_wholly_another_user(driver: Driver) -> None:
    script = """
        grep -E '^(Uid|Gid|Groups|NoNewPrivs|CapEff):' /proc/self/status
        echo "$HOME $USER $LOGNAME"; id -un; pwd
        """
    ended = driver.shell(script, user="nobody", cwd="/")
    assert ended.ending is Ending.RETURNED, driver.log()
    told = [line.split() for line in driver.output(1).decode().splitlines()]
    uid, gid = str(NOBODY.pw_uid), str(NOBODY.pw_gid)
    assert told[0] == ["Uid:", *[uid] * 4]
    assert told[1] == ["Gid:", *[gid] * 4]
    assert set(told[2][1:]) <= {gid}
    assert told[3] == ["CapEff:", "0000000000000000"]
    assert told[4] == ["NoNewPrivs:", "1"]
    assert told[5] == [NOBODY.pw_dir, "nobody", "nobody"]
    assert told[6] == ["nobody"]


@as_root
def test_another_users_run_is_ended_like_any_other(driver: Driver) -> None:
    number = driver.submit(
        "setsid sleep 600 & echo ready; sleep 600", lang="shell", user="nobody", cwd="/"
    )
    driver.until(lambda: b"ready" in driver.output(number))
    driver.executor.kill(number)
    assert driver.exited(number).ending is Ending.CANCELLED


def test_a_user_without_the_right_to_be_another_is_told_so(driver: Driver) -> None:
    if os.geteuid() == 0:
        ended = driver.run(user="root")  # who the engine is already
        assert ended.ending is Ending.RETURNED
    else:
        ended = driver.run(user="root")
        assert "only an engine that runs as root" in ended.detail


def test_a_virtual_environment_of_the_users_runs_the_code(driver: Driver, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "only_here.py").write_text("NAME = 'installed by the user'\n")
    for name in ("app", "engine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"NAME = 'the {name} of the user'\n")
    code = body("""
        import app, engine, only_here, sys
        from jobapi import job_info
        job_save_info([app.NAME, engine.NAME, only_here.NAME, sys.prefix, job_info()["name"]])
        """)
    told = driver.told(
        code, interpreter=str(venv / "bin" / "python"), code_path=str(tmp_path / "job.py")
    )
    assert told == [
        "the app of the user",
        "the engine of the user",
        "installed by the user",
        str(venv),
        "job",
    ]


def test_under_another_interpreter_everything_ends_and_is_told_alike(driver: Driver) -> None:
    python = sys.executable
    failed = driver.run(body("import os; print('out'); 1 / 0"), interpreter=python)
    assert failed.error is not None
    assert failed.error.traceback.count("File ") == 1
    assert driver.output(1) == b"out\n"
    assert driver.run(body("exit(3)"), interpreter=python).exit_code == 3
    assert driver.run("def run(:", interpreter=python).ending is Ending.START_FAILED
    held = driver.told(
        body("import os; job_save_info(sorted(os.listdir('/proc/self/fd')))"), interpreter=python
    )
    assert held == ["0", "1", "2", "3", "4"]  # 3 our line, 4 the folder that is being listed
    number = driver.submit(body("job_save_info(1); print(job_sleep(60))"), interpreter=python)
    driver.called(number, "save_info")
    driver.executor.cancel(number, 30)
    assert driver.exited(number).ending is Ending.CANCELLED
    assert driver.output(number) == b"False\n"


@pytest.mark.skipif(not OTHERS, reason="no other Python is installed beside this one")
@pytest.mark.parametrize("python", OTHERS, ids=lambda path: path.parts[-3])
def test_other_versions_of_python_run_jobs(driver: Driver, python: Path) -> None:
    code = body("""
        import sys, datetime
        job_save_state_data({"a": 1})
        log_info("version %s", sys.version_info[1])
        job_set_trigger(datetime.timedelta(seconds=1))
        job_save_info([sys.version_info[1], job_get_state_data(), get_option("x")])
        """)
    told = driver.told(code, interpreter=str(python), options={"x": "y"})
    assert told == [int(python.parts[-3].split(".")[1]), {"a": 1}, "y"]


def test_a_python_of_the_environments_path_honours_the_jobs_own_settings(
    driver: Driver, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere.py").write_text("NAME = 'by PYTHONPATH'\n")
    code = body("import elsewhere; job_save_info(elsewhere.NAME)")
    env = {"PYTHONPATH": str(tmp_path)}
    assert driver.told(code, interpreter=sys.executable, env=env) == "by PYTHONPATH"


CGROUP = Path("/sys/fs/cgroup/memory")


@pytest.mark.skipif(not os.access(CGROUP / "tasks", os.W_OK), reason="needs a memory cgroup")
def test_the_out_of_memory_killer_is_named(driver: Driver) -> None:
    group = CGROUP / f"tocsin-test-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(48 << 20))
        join = f"open({str(group / 'cgroup.procs')!r}, 'w').write('0')"
        ended = driver.run(body(f"{join}; held = bytearray(256 << 20)"))
        assert (ended.ending, ended.exit_signal) == (Ending.SIGNAL, signal.SIGKILL)
        assert "out-of-memory killer" in ended.detail
    finally:
        driver.until(lambda: not (group / "cgroup.procs").read_text().strip())
        group.rmdir()
    killed = driver.run(body("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert killed.detail == "killed by SIGKILL, which nobody here sent"
