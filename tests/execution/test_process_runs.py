"""A Python job in a process of its own: what it finds there, and how its end is told."""

import json
import signal
import textwrap
from pathlib import Path
from typing import Any

import pytest

from engine.domain.instance import Ending
from tests.execution.driver import Driver


def body(text: str) -> str:
    """Return a job whose `run` has this body."""
    return "def run():\n" + textwrap.indent(textwrap.dedent(text).strip("\n"), "    ") + "\n"


def test_a_job_that_returns_is_told_so_with_its_costs(driver: Driver) -> None:
    ended = driver.run(body("print('hello')"))
    assert (ended.ending, ended.exit_code, ended.exit_signal) == (Ending.RETURNED, 0, None)
    assert (ended.began, ended.errors_above_warning, ended.error) == (True, False, None)
    assert ended.cpu_seconds is not None
    assert ended.cpu_seconds > 0
    assert ended.max_rss is not None
    assert ended.max_rss > 1 << 20


def test_each_run_has_a_fresh_process_and_a_group_of_its_own(driver: Driver) -> None:
    code = body("import os; job_save_info([os.getpid(), os.getpgid(0), os.getsid(0)])")
    first, second = driver.told(code), driver.told(code)
    assert first[0] != second[0]
    assert first[0] == first[1] == first[2]


def test_an_exception_is_told_with_the_frames_of_the_job_alone(
    driver: Driver, tmp_path: Path
) -> None:
    path = tmp_path / "report.py"
    code = body("check({})") + "def check(found):\n    return found['missing']\n"
    path.write_text(code)
    ended = driver.run(code, code_path=str(path))
    assert ended.ending is Ending.EXCEPTION
    assert ended.error is not None
    assert (ended.error.name, ended.error.description) == ("KeyError", "'missing'")
    lines = ended.error.traceback.splitlines(keepends=True)
    told = "".join(line for line in lines if line.strip(" ~^\n"))  # each Python has other marks
    assert told == textwrap.dedent(f"""\
        Traceback (most recent call last):
          File "{path}", line 2, in run
            check({{}})
          File "{path}", line 4, in check
            return found['missing']
        KeyError: 'missing'
        """)
    assert b"KeyError: 'missing'" in driver.log()


def test_code_written_in_a_definition_shows_its_lines_in_a_traceback(driver: Driver) -> None:
    error = driver.run(body("1 / 0")).error
    assert error is not None
    assert 'File "<job job>", line 2, in run\n    1 / 0\n' in error.traceback


@pytest.mark.parametrize(
    ("text", "ending", "code"),
    [
        ("import sys; sys.exit(3)", Ending.EXIT_CODE, 3),
        ("exit(4)", Ending.EXIT_CODE, 4),
        ("import sys; sys.exit('cannot go on')", Ending.EXIT_CODE, 1),
        ("import os; os._exit(5)", Ending.EXIT_CODE, 5),
        ("import os; os._exit(0)", Ending.RETURNED, 0),
        ("raise SystemExit", Ending.RETURNED, 0),
        ("raise KeyboardInterrupt", Ending.EXCEPTION, 1),
    ],
)
def test_an_exit_is_told_by_its_code(driver: Driver, text: str, ending: Ending, code: int) -> None:
    ended = driver.run(body(text))
    assert (ended.ending, ended.exit_code) == (ending, code)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM])
def test_a_job_killed_by_a_signal_is_told_so(driver: Driver, number: signal.Signals) -> None:
    ended = driver.run(body(f"import os; os.kill(os.getpid(), {int(number)})"))
    assert (ended.ending, ended.exit_signal, ended.exit_code) == (Ending.SIGNAL, number, None)
    assert number.name in ended.detail


def test_code_that_defines_no_run_could_not_be_started(driver: Driver) -> None:
    ended = driver.run("def main():\n    pass\n")
    assert ended.ending is Ending.START_FAILED
    assert ended.error is not None
    assert ended.error.name == "JOB-PROGRAM-ERROR"


def test_code_that_does_not_compile_is_told_with_its_place(driver: Driver) -> None:
    ended = driver.run("def run():\n    return (\n", code_path="/srv/report.py", cwd="/")
    assert (ended.ending, ended.began) == (Ending.START_FAILED, False)
    assert ended.detail == "could not start: /srv/report.py:2: SyntaxError: '(' was never closed"


def test_a_thread_and_an_exit_handler_of_the_job_finish_before_its_process(driver: Driver) -> None:
    ended = driver.run(
        body("""
        import atexit, threading
        atexit.register(print, "handled")
        done = threading.Event()
        threading.Thread(target=lambda: (done.wait(0.05), print("thread done"))).start()
        """)
    )
    assert ended.ending is Ending.RETURNED
    assert driver.output(1) == b"thread done\nhandled\n"


def test_an_async_run_is_awaited(driver: Driver) -> None:
    code = "import asyncio\nasync def run():\n    await asyncio.sleep(0)\n    print('awaited')\n"
    assert driver.run(code).ending is Ending.RETURNED
    assert driver.output(1) == b"awaited\n"


def test_a_run_that_is_a_generator_is_an_error_and_not_a_success(driver: Driver) -> None:
    ended = driver.run("def run():\n    print('never')\n    yield\n")
    assert (ended.ending, ended.exit_code) == (Ending.EXCEPTION, 1)
    assert ended.detail.startswith("TypeError: run() is a generator")


def test_an_exception_without_a_text_is_told_by_its_name_alone(driver: Driver) -> None:
    assert driver.run(body("raise KeyboardInterrupt")).detail == "KeyboardInterrupt"


def test_an_exception_with_a_huge_text_is_told_by_its_beginning_and_end(driver: Driver) -> None:
    ended = driver.run(body("raise ValueError('begin' + 'x' * 10_000_000 + 'end')"))
    assert ended.error is not None
    assert len(ended.detail) < 1_100
    for text in (ended.error.description, ended.error.traceback):
        assert len(text) < 61_000
        assert text.rstrip().endswith("xend")
    assert ended.error.description.startswith("beginx")
    assert "characters left out" in ended.error.description


@pytest.mark.parametrize("isolation", ["process", "pool"])
@pytest.mark.parametrize("text", ["sys.stdout = sys.stderr = None", "sys.stdout.close()"])
def test_a_job_may_take_its_own_streams_away(driver: Driver, text: str, isolation: str) -> None:
    ended = driver.run(body(f"import sys\n{text}"), isolation=isolation)
    assert ended.ending is Ending.RETURNED
    driver.run(body("print('the next is heard')"), isolation=isolation)
    assert driver.output(2) == b"the next is heard\n"


def test_a_files_own_call_of_run_stays_quiet(driver: Driver) -> None:
    code = "def run():\n    print('ran')\nif __name__ == '__main__':\n    run()\n"
    assert driver.run(code).ending is Ending.RETURNED
    assert driver.output(1) == b"ran\n"


def test_standard_input_is_at_its_end_and_no_descriptor_is_inherited(driver: Driver) -> None:
    code = body("""
        import os, sys
        held = {}
        for name in os.listdir("/proc/self/fd"):
            try:
                held[name] = os.readlink(f"/proc/self/fd/{name}").split(":")[0]
            except FileNotFoundError:
                pass
        job_save_info([sys.stdin.read(), held])
        """)
    text, held = driver.told(code)
    assert text == ""
    assert held == {"0": "/dev/null", "1": "pipe", "2": "pipe", "3": "socket"}


def test_a_program_that_the_job_starts_inherits_only_its_standard_streams(driver: Driver) -> None:
    code = body("import subprocess; subprocess.run(['ls', '/proc/self/fd'], close_fds=False)")
    assert driver.run(code).ending is Ending.RETURNED
    assert driver.output(1) == b"0\n1\n2\n3\n"  # 3 is the folder that ls reads


def test_the_environment_is_an_allow_list_and_the_jobs_own(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = driver.told(
        body("import os; job_save_info(dict(os.environ))"),
        env={"REPORT_TO": "ops", "HOME": "/nowhere"},
        options={"warn-at": 0.9, "mode": "fast"},
        due_at=1_000_000,
    )
    inherited = {"PATH", "HOME", "LANG", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR"}
    others = {each for each in found if each not in inherited and not each.startswith("LC_")}
    assert others == {
        "REPORT_TO",
        "TOCSIN_JOB",
        "TOCSIN_INSTANCE",
        "TOCSIN_FENCE",
        "TOCSIN_CAUSE",
        "TOCSIN_STARTED",
        "TOCSIN_DUE",
        "TOCSIN_OPTION_WARN_AT",
        "TOCSIN_OPTION_MODE",
        "TOCSIN_RUN",
        "TOCSIN_SOCKET",
        "TOCSIN_TOKEN",
        "TOCSIN_PYTHON",
    }
    assert (found["HOME"], found["REPORT_TO"]) == ("/nowhere", "ops")
    assert (found["TOCSIN_OPTION_WARN_AT"], found["TOCSIN_OPTION_MODE"]) == ("0.9", "fast")
    assert found["TOCSIN_DUE"] == "1970-01-01T00:00:01.000000Z"


def test_the_folder_of_the_code_is_where_it_runs(driver: Driver, tmp_path: Path) -> None:
    code = body("import os; job_save_info(os.getcwd())")
    assert driver.told(code, code_path=str(tmp_path / "job.py")) == str(tmp_path)
    assert driver.told(code, code_path=str(tmp_path / "job.py"), cwd="/usr") == "/usr"


def test_output_is_utf8_whatever_the_locale(driver: Driver) -> None:
    ended = driver.run(
        body("print('p\\u0159\\u00edli\\u0161'); print('\\ud800')"), env={"LANG": "C"}
    )
    assert ended.ending is Ending.RETURNED
    assert driver.output(1) == "příliš\n\\ud800\n".encode()


def test_many_runs_at_once_each_end_once(driver: Driver) -> None:
    numbers = [driver.submit(body("print(job_fencing_token())")) for _ in range(60)]
    for number in numbers:
        assert driver.exited(number).ending is Ending.RETURNED
        assert driver.output(number) == f"{number}\n".encode()
    ends = [each for each in driver.reports if getattr(each, "ended_at", None)]
    assert len(ends) == 60


def test_the_umask_lets_others_read_what_a_job_writes(driver: Driver) -> None:
    assert driver.told(body("import os; job_save_info(os.umask(0))")) == 0o022


def test_a_process_is_named_after_its_job(driver: Driver) -> None:
    name = driver.told(body("job_save_info(open('/proc/self/comm').read().strip())"))
    assert name == "job"


@pytest.mark.parametrize("isolation", ["process", "pool"])
@pytest.mark.parametrize(
    "said",
    [
        ["end"],
        ["end", "exception", 1, [5, "b", ""], False],
        ["end", "exception", 1, ["a", "b", "", "d"], False],
        ["end", "exception", 4711, None, False],
        ["end", "returned", 0, None, "no"],
        ["end", None, 0, None, False],
        ["failed"],
        ["failed", 7],
        ["failed", [5, "x", ""]],
    ],
)
def test_an_end_that_is_none_is_refused_and_the_run_ends_by_its_exit_code(
    driver: Driver, said: list[Any], isolation: str
) -> None:
    verb, *rest = said
    if isolation == "pool":  # there the number of the run comes first, and more behind an end
        rest = [1, *rest, *([False, False] if verb == "end" else [])]
    line = json.dumps([verb, *rest]).encode() + b"\n"
    told = driver.run(body(f"import os; os.write(3, {line!r}); os._exit(3)"), isolation=isolation)
    assert (told.ending, told.exit_code, told.error) == (Ending.EXIT_CODE, 3, None)
    assert b"its process sent something that is no message" in driver.log()
    assert driver.run(body("pass"), isolation=isolation).ending is Ending.RETURNED
