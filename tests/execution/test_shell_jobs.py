"""Shell jobs: how their text is run, what they are told, and `tocsin-job`."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.domain.instance import Ending
from tests.execution.driver import Driver

TOOLS = Path("engine/execution/runtime/bin")
SHELLS = [path for path in map(shutil.which, ("sh", "dash", "bash")) if path]


def output(driver: Driver, script: str, **changes: Any) -> bytes:
    """Run a script that succeeds, and return what it wrote."""
    number = driver.submit(script, lang="shell", **changes)
    ended = driver.exited(number)
    assert ended.ending is Ending.RETURNED, (ended, driver.log())
    return driver.output(number)


@pytest.mark.parametrize(("script", "code"), [("true", 0), ("false", 1), ("exit 7", 7)])
def test_the_exit_code_is_that_of_the_script(driver: Driver, script: str, code: int) -> None:
    ended = driver.shell(script)
    assert ended.exit_code == code
    assert ended.ending is (Ending.EXIT_CODE if code else Ending.RETURNED)


def test_a_failing_command_in_between_does_not_stop_the_script(driver: Driver) -> None:
    assert output(driver, "false\necho after") == b"after\n"


def test_a_script_killed_by_a_signal_is_told_so(driver: Driver) -> None:
    ended = driver.shell("kill -SEGV $$")
    assert (ended.ending, ended.exit_signal) == (Ending.SIGNAL, 11)


def test_the_script_knows_its_own_path_and_its_lines(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "report.sh"
    number = driver.submit('echo "$0"\nno-such-command', lang="shell", code_path=str(path))
    assert driver.exited(number).exit_code == 127
    assert driver.output(number) == f"{path}\n".encode()
    assert f"{path}: 2: ".encode() in driver.output(number, "ERR")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_another_shell_may_be_named(driver: Driver) -> None:
    bash = shutil.which("bash")
    script = 'items=(a b c); echo "${#items[@]} $BASH_VERSION" | cut -c1-2'
    assert output(driver, script, interpreter=bash) == b"3 \n"


def test_the_text_is_seen_by_no_other_user_and_inherited_by_nobody(driver: Driver) -> None:
    script = "secret=hunter2\ntr '\\0' ' ' < /proc/$$/cmdline; echo\nls /proc/self/fd"
    told = output(driver, script)
    assert b"hunter2" not in told
    assert told.endswith(b"\n0\n1\n2\n3\n")  # 3 is the folder that ls reads


def test_a_script_of_a_megabyte_runs(driver: Driver) -> None:
    script = "# filler\n" * 120_000 + "echo the end"
    assert output(driver, script) == b"the end\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_that_cannot_be_read_is_no_success(driver: Driver, shell: str) -> None:
    """As in memory that is too small, where it depends on the machine at which size that is."""
    numbers = [
        driver.submit("echo did it", lang="shell", interpreter=shell, memory=size << 10)
        for size in (*range(1600, 4800, 100), 1 << 16)
    ]
    for number in numbers:
        has_run = driver.exited(number).ending is Ending.RETURNED
        assert driver.output(number) == b"did it\n" * has_run
    assert has_run


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_script_that_is_not_there_to_be_read_is_told(driver: Driver, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.write_text("exec 9<&-\n")
    bash = shutil.which("bash")
    number = driver.submit("true", lang="shell", interpreter=bash, env={"BASH_ENV": str(first)})
    assert driver.exited(number).exit_code == 126
    assert driver.output(number, "ERR").endswith(b"tocsin: the script could not be read\n")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("script", ["", "\n", "# nothing\n", "#!/bin/sh\nset | grep -c ^_tocsin"])
def test_a_script_finds_nothing_of_how_it_was_read(driver: Driver, shell: str, script: str) -> None:
    assert driver.shell(script, interpreter=shell).exit_code == (1 if "grep" in script else 0)
    assert driver.output(1) == (b"0\n" if "grep" in script else b"")


def test_a_script_is_told_what_it_is(driver: Driver) -> None:
    script = (
        'echo "$TOCSIN_JOB $TOCSIN_INSTANCE $TOCSIN_FENCE $TOCSIN_CAUSE $TOCSIN_OPTION_WARN_AT"'
    )
    assert output(driver, script, options={"warn-at": 0.9}) == b"job 1 1 manual 0.9\n"


def test_the_command_is_first_on_the_path_whatever_the_job_sets(driver: Driver) -> None:
    script = "command -v tocsin-job"
    assert output(driver, script).endswith(b"/runtime/bin/tocsin-job\n")
    assert output(driver, script, env={"PATH": "/usr/bin:/bin"}).endswith(b"/bin/tocsin-job\n")


def test_the_command_can_be_executed() -> None:
    assert os.access(TOOLS / "tocsin-job", os.X_OK)


def test_every_call_reaches_the_engine(driver: Driver) -> None:
    number = driver.submit(
        """
        set -e
        tocsin-job save-info '{"rows": 3}'
        tocsin-job save-info "plain text"
        echo '[1, 2]' | tocsin-job save-info -
        tocsin-job state save '{"line": 7}'
        tocsin-job error DISK-FULL "no space" --severity minor --info '{"left": 0}'
        tocsin-job warn SLOW "9 s" --business
        tocsin-job progress 0.5 half
        tocsin-job set-trigger 90
        tocsin-job set-trigger 2026-11-23T07:00:00Z
        tocsin-job log --level WARN low on space
        """,
        lang="shell",
    )
    ended = driver.exited(number)
    assert ended.ending is Ending.JOB_ERROR, driver.log()
    told = [(call.call, dict(call.args)) for call in driver.calls(number)]
    assert [args["info"] for call, args in told if call == "save_info"] == [
        {"rows": 3},
        "plain text",
        [1, 2],
    ]
    assert ("save_state_data", {"data": {"line": 7}}) in told
    errors = [args for call, args in told if call == "error"]
    assert [(each["severity"], each["error"], each["business_error"]) for each in errors] == [
        ("MINOR", "DISK-FULL", False),
        ("WARNING", "SLOW", True),
    ]
    assert ("progress", {"fraction": 0.5, "text": "half"}) in told
    assert [args["at"] or args["in_seconds"] for call, args in told if call == "set_trigger"] == [
        90.0,
        1795417200000000,
    ]
    assert b"WARN  JI 1: low on space\n" in driver.log()


def test_facts_state_and_options_can_be_read(driver: Driver) -> None:
    told = output(
        driver,
        """
        tocsin-job option warn_at
        tocsin-job option none default
        tocsin-job option none || echo "none: $?"
        tocsin-job state get line
        tocsin-job state save '{"line": 8}'
        tocsin-job state get
        tocsin-job fence
        tocsin-job info
        """,
        options={"warn_at": 0.9},
        state={"line": 7},
        fence=77,
        job_info={"name": "job"},
    )
    assert told == b'0.9\ndefault\nnone: 1\n7\n{"line": 8}\n77\n{"name": "job"}\n'


@pytest.mark.parametrize(
    ("command", "status", "problem"),
    [
        ("frobnicate", 2, "there is no command 'frobnicate'; there are save-info, info"),
        ("", 2, "tocsin-job save-info VALUE"),
        ("progress", 2, "expected: tocsin-job progress FRACTION [TEXT]"),
        ("progress half", 2, "'half' is no number"),
        ("progress 7", 1, "progress is a number from 0 to 1, not 7.0"),
        ("error", 2, "expected: tocsin-job error CODE"),
        ("error X --severity", 2, "--severity needs a value"),
        ("error X --severity HUGE", 1, "severity 'HUGE' is none of INFO"),
        ("error X --loud", 2, "there is no option '--loud'"),
        ("state save '[1]'", 1, "state data must be a mapping, not a list"),
        ("state drop", 2, "expected: tocsin-job state get [KEY] | state save JSON"),
        ("set-trigger tomorrow", 1, "'tomorrow' is no ISO 8601 instant"),
    ],
)
def test_a_wrong_command_is_told_on_standard_error(
    driver: Driver, command: str, status: int, problem: str
) -> None:
    number = driver.submit(f"tocsin-job {command}; exit $?", lang="shell")
    assert driver.exited(number).exit_code == status
    assert problem.encode() in driver.output(number, "ERR")
    assert b"Traceback" not in driver.log()
    assert driver.calls(number) == []


def test_a_refusal_of_the_engine_fails_the_command(driver: Driver) -> None:
    driver.answer = lambda _: (False, "the disk is full")
    number = driver.submit("tocsin-job state save '{}'", lang="shell")
    assert driver.exited(number).exit_code == 1
    assert driver.output(number, "ERR") == b"tocsin-job: the disk is full\n"


def test_the_token_of_another_run_opens_nothing(driver: Driver) -> None:
    number = driver.submit("TOCSIN_TOKEN=forged tocsin-job fence", lang="shell")
    assert driver.exited(number).exit_code == 1
    assert driver.output(number, "ERR") == b"tocsin-job: this run is over\n"


def test_a_sleep_ends_when_the_script_is_asked_to_stop(driver: Driver) -> None:
    script = """
        tocsin-job sleep 0.01 && echo slept
        tocsin-job save-info 1
        tocsin-job sleep 60 || echo asked
        """
    number = driver.submit(script, lang="shell")
    driver.called(number, "save_info")
    driver.executor.ask(number)
    assert driver.exited(number).ending is Ending.RETURNED
    assert driver.output(number) == b"slept\nasked\n"


def test_a_script_may_tidy_up_when_it_is_cancelled(driver: Driver) -> None:
    script = "trap 'echo tidied; exit 0' TERM\ntocsin-job save-info 1\nsleep 600 & wait"
    number = driver.submit(script, lang="shell")
    driver.called(number, "save_info")
    driver.executor.cancel(number, 30)
    ended = driver.exited(number)
    assert (ended.ending, ended.exit_code) == (Ending.CANCELLED, 0)
    assert driver.output(number) == b"tidied\n"


def test_a_python_job_may_run_the_command_too(driver: Driver) -> None:
    folder = TOOLS.absolute()
    code = (
        "import subprocess\ndef run():\n"
        f"    command = [{str(folder / 'tocsin-job')!r}, 'save-info', 'by the command']\n"
        "    subprocess.run(command, check=True)\n"
    )
    assert driver.told(code) == "by the command"


def test_tocsin_job_outside_of_a_job_says_so() -> None:
    done = subprocess.run(
        [TOOLS / "tocsin-job", "info"], env={"PATH": os.defpath}, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"tocsin-job: only a job that tocsin runs may call it")
    assert done.stderr.count(b"\n") == 1
