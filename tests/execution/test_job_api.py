"""The job API from inside Python jobs: what it answers, what it refuses, when it waits."""

from typing import Any

import pytest

from engine.domain.instance import Ending
from engine.domain.run import ApiCall
from tests.execution.driver import Driver
from tests.execution.test_process_runs import body


def test_each_call_reaches_the_engine_with_its_arguments(driver: Driver) -> None:
    number = driver.submit(
        body("""
        job_save_info({"rows": [1, 2.5, None, True, "text"], "nested": {"a": ()}})
        job_save_state_data({"line": 7})
        job_err("NO-ROUTE", "no route to %s after %d tries", "db1", 3)
        job_error("DISK-FULL", "out of space", info={"left": 0}, severity="fatal")
        job_warn("SLOW", "%d s", 9)
        job_warning("LATE", "late", info=[1], business=False)
        job_progress(0.5, "half")
        job_set_trigger(90)
        """)
    )
    ended = driver.exited(number)
    told = [(call.call, dict(call.args)) for call in driver.calls(number)]
    assert told == [
        (
            "save_info",
            {"info": {"rows": [1, 2.5, None, True, "text"], "nested": {"a": []}}},
        ),
        ("save_state_data", {"data": {"line": 7}}),
        ("error", _error("MAJOR", "NO-ROUTE", "no route to db1 after 3 tries", business=True)),
        ("error", _error("FATAL", "DISK-FULL", "out of space", {"left": 0})),
        ("error", _error("WARNING", "SLOW", "9 s", business=True)),
        ("error", _error("WARNING", "LATE", "late", [1])),
        ("progress", {"fraction": 0.5, "text": "half"}),
        ("set_trigger", {"at": None, "in_seconds": 90.0}),
    ]
    assert (ended.ending, ended.errors_above_warning) == (Ending.JOB_ERROR, True)


def _error(
    severity: str, code: str, description: str, info: Any = None, *, business: bool = False
) -> dict[str, Any]:
    return {
        "severity": severity,
        "error": code,
        "description": description,
        "info": info,
        "business_error": business,
    }


@pytest.mark.parametrize(
    ("severity", "ending"),
    [
        ("INFO", Ending.RETURNED),
        ("WARNING", Ending.RETURNED),
        ("MINOR", Ending.JOB_ERROR),
        ("MAJOR", Ending.JOB_ERROR),
    ],
)
def test_severities_above_warning_fail_the_run(
    driver: Driver, severity: str, ending: Ending
) -> None:
    ended = driver.run(body(f"job_error('CODE', severity={severity!r})"))
    assert ended.ending is ending
    assert ended.errors_above_warning is (ending is Ending.JOB_ERROR)


def test_an_error_that_the_engine_did_not_take_fails_nothing(driver: Driver) -> None:
    driver.answer = lambda _: (False, "the disk is full")
    ended = driver.run(
        body("""
        try:
            job_error("CODE")
        except JobApiError as error:
            print(error)
        """)
    )
    assert (ended.ending, ended.errors_above_warning) == (Ending.RETURNED, False)
    assert driver.output(1) == b"the disk is full\n"


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("job_save_info(float('nan'))", "info is nan, which is no plain number"),
        ("job_save_info({'a': [float('inf')]})", "info: 'a[0]' is inf, which is no plain number"),
        ("job_save_info({'a': {1, 2}})", "info: 'a' is a set, which is no plain data"),
        ("job_save_info(object())", "info is an object, which is no plain data"),
        ("job_save_info(b'bytes')", "info is a bytes, which is no plain data"),
        ("job_save_info({1: 'a'})", "info has the key 1, which is no text"),
        ("job_save_info('\\ud800')", "info holds half a character"),
        ("x = []; x.append(x); job_save_info(x)", "info: '[0]' contains itself"),
        ("x = {}; x['x'] = x; job_save_state_data(x)", "state data: 'x' contains itself"),
        ("job_save_info(10 ** 5000)", "info is a number of too many digits"),
        ("job_save_info('x' * (1 << 20))", "info of 1048578 bytes is too large: at most 1048576"),
        ("job_save_state_data({'a': 'x' * (1 << 20)})", "state data of 1048584 bytes is too large"),
        ("job_save_state_data([1])", "state data must be a mapping, not a list"),
        ("job_save_state_data(None)", "state data must be a mapping, not a NoneType"),
        ("job_error('CODE', severity='SEVERE')", "severity 'SEVERE' is none of INFO, WARNING"),
        ("job_error('')", "an error needs a code, such as 'FILE-MISSING', not ''"),
        ("job_err('CODE', '%d', 'x')", "the text '%d' does not take these arguments"),
        ("job_progress(1.5)", "progress is a number from 0 to 1, not 1.5"),
        ("job_progress('half')", "fraction must be a number, not 'half'"),
        ("job_sleep(-1)", "a job cannot sleep -1 seconds"),
        ("job_sleep(None)", "seconds must be a number, not None"),
        ("job_set_trigger(1e308)", "no run is planned 1e+308 seconds from now"),
        ("job_set_trigger(10 ** 400)", "when is a number of too many digits"),
        ("job_set_trigger('tomorrow')", "'tomorrow' is no ISO 8601 instant"),
        (
            "from datetime import datetime; job_set_trigger(datetime(2030, 1, 1))",
            "2030-01-01 00:00:00 has no time zone, so it names no instant",
        ),
        ("log('text', level='LOUD')", "level 'LOUD' is none of DEBUG, INFO, WARN, ERROR"),
        ("x = 1\nfor _ in range(200): x = [x]\njob_save_info(x)", "is nested more than 100 deep"),
    ],
)
def test_misuse_raises_in_the_job_and_reaches_nobody(
    driver: Driver, call: str, problem: str
) -> None:
    number = driver.submit(body(call))
    ended = driver.exited(number)
    assert ended.ending is Ending.EXCEPTION
    assert ended.error is not None
    assert ended.error.name == "JOB-API-ERROR"
    assert problem in ended.error.description
    assert "lib/jobapi" not in ended.error.traceback
    assert driver.calls(number) == []


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("12.5", (None, 12.5)),
        ("-1e308", (None, -6324480000.0)),
        ("__import__('datetime').timedelta(minutes=2)", (None, 120.0)),
        ("'2026-11-23T07:00:00Z'", (1795417200000000, None)),
        ("'2026-11-23T09:00:00.000001+02:00'", (1795417200000001, None)),
    ],
)
def test_a_trigger_is_a_moment_or_a_time_from_now(
    driver: Driver, when: str, told: tuple[int | None, float | None]
) -> None:
    number = driver.submit(body(f"job_save_info(job_set_trigger({when}))"))
    driver.exited(number)
    call = driver.called(number, "set_trigger")
    assert (call.args["at"], call.args["in_seconds"]) == told
    assert driver.info(number) is True


def test_a_call_returns_only_when_it_is_answered(driver: Driver) -> None:
    asked: list[ApiCall] = []
    code = body("job_save_state_data({'a': 1}); print('saved')")
    number = driver.submit(code)

    def answer(call: ApiCall) -> tuple[bool, Any]:
        asked.append(call)
        assert driver.output(number) == b""
        return True, None

    driver.answer = answer
    assert driver.exited(number).ending is Ending.RETURNED
    assert len(asked) == 1
    assert driver.output(number) == b"saved\n"


def test_state_data_are_those_of_the_claim_until_the_run_saves_its_own(driver: Driver) -> None:
    code = body("""
        first = job_get_state_data()
        first["list"].append("mine alone")
        second = job_get_state_data()
        job_save_state_data({"line": 8})
        job_save_info([second, job_get_state_data()])
        """)
    assert driver.told(code, state={"line": 7, "list": []}) == [
        {"line": 7, "list": []},
        {"line": 8},
    ]
    assert driver.told(body("job_save_info(job_get_state_data())")) is None


def test_options_facts_and_the_fencing_token_are_told(driver: Driver) -> None:
    code = body("""
        job_save_info([get_option("warn_at"), get_option("none"), get_option("none", 3),
                       get_option(), job_info()["version"], job_fencing_token()])
        """)
    told = driver.told(code, options={"warn_at": 0.9}, job_info={"version": "1.2"}, fence=77)
    assert told == [0.9, None, 3, {"warn_at": 0.9}, "1.2", 77]


def test_sleeping_on_after_the_wish_to_stop_is_an_error(driver: Driver) -> None:
    number = driver.submit(body("job_save_info(1); job_sleep(60); job_sleep(60)"))
    driver.called(number, "save_info")
    driver.executor.ask(number)
    ended = driver.exited(number)
    assert ended.error is not None
    assert (ended.ending, ended.error.name) == (Ending.EXCEPTION, "STOP-ERROR")


def test_a_sleep_that_nobody_disturbs_lasts(driver: Driver) -> None:
    code = body("""
        import time
        began = time.monotonic()
        slept = job_sleep(0.05)
        job_save_info([slept, time.monotonic() - began >= 0.05])
        """)
    assert driver.told(code) == [True, True]


def test_threads_of_a_job_may_call_at_the_same_time(driver: Driver) -> None:
    number = driver.submit(
        body("""
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: job_save_info({"n": n}), range(100)))
            pool.submit(job_sleep, 0.01).result()
        """)
    )
    assert driver.exited(number).ending is Ending.RETURNED
    assert sorted(call.args["info"]["n"] for call in driver.calls(number)) == list(range(100))


def test_a_forked_child_may_not_call(driver: Driver) -> None:
    number = driver.submit(
        body("""
        import os
        pid = os.fork()
        if pid == 0:
            try:
                job_save_info("from the child")
            except JobApiError as error:
                print(error, flush=True)
                os._exit(0)
        os.waitpid(pid, 0)
        job_save_info("from the job")
        """)
    )
    assert driver.exited(number).ending is Ending.RETURNED
    assert driver.info(number) == "from the job"
    assert b"only the job's own process may call" in driver.output(number)


def test_levels_stand_in_the_log(driver: Driver) -> None:
    driver.run(
        body("""
        log("plain %s", "text")
        log_debug("d"); log_info("i"); log_warning("w"); log_error("e\\nsecond line")
        log({"any": "object"}, level="warning")
        """)
    )
    said = [line[28:] for line in driver.log().decode().splitlines()][1:-1]
    assert said == [
        "INFO  JI 1: plain text",
        "DEBUG JI 1: d",
        "INFO  JI 1: i",
        "WARN  JI 1: w",
        "ERROR JI 1: e",
        "ERROR JI 1: second line",
        "WARN  JI 1: {'any': 'object'}",
    ]


def test_progress_in_quick_succession_is_thinned_but_its_end_is_told(driver: Driver) -> None:
    number = driver.submit(body("for n in range(1001): job_progress(n / 1000)"))
    driver.exited(number)
    told = [call.args["fraction"] for call in driver.calls(number)]
    assert len(told) < 100
    assert (told[0], told[-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    "junk",
    [
        b"junk\n",
        b"[]\n",
        b"null\n",
        b'["end"]\n',
        b'["call"]\n["call",1]\n',
        b'["log","INFO"]\n',
        b'["call",1,"save_info",{"info":1}\n',
        b"\xff\xfe\n",
        b'["out",1,2]\n',
        b'["call",1,"progress",{"fraction":NaN,"text":""}]\n',
        b'["call",1,"set_trigger",{"at":null,"in_seconds":1e999}]\n',
        b'["call",1,"save_info",{"info":' + b"[" * 5000 + b"]" * 5000 + b"}]\n",
    ],
)
def test_junk_on_the_line_to_the_supervisor_harms_only_the_job(driver: Driver, junk: bytes) -> None:
    driver.run(body(f"import os; os.write(3, {junk!r})"))
    assert driver.run().ending is Ending.RETURNED


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("drop_tables", "{}"),
        ("save_info", "{}"),
        ("save_state_data", '{"data": [1]}'),
        (
            "error",
            '{"severity":"X","error":"a","description":"","info":null,"business_error":false}',
        ),
        (
            "error",
            '{"severity":[],"error":"a","description":"","info":null,"business_error":false}',
        ),
        ("progress", '{"fraction": 7, "text": ""}'),
        ("save_info", '{"info": ' + "[" * 101 + "]" * 101 + "}"),
        ("save_info", '{"info": "\\\\ud800"}'),
    ],
)
def test_a_call_that_bypasses_the_api_is_refused_before_the_engine(
    driver: Driver, call: str, arguments: str
) -> None:
    number = driver.submit(
        body(f"""
        import os, socket
        os.write(3, b'["call",900,"{call}",{arguments}]\\n')
        answer = os.read(3, 1000)
        print(answer)
        """)
    )
    driver.exited(number)
    assert driver.calls(number) == []
    assert b'["reply",900,false,' in driver.output(number)


@pytest.mark.parametrize("depth", [100, 200, 400, 990])
def test_what_is_nested_deep_keeps_no_other_run_from_its_end(driver: Driver, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    first = driver.submit(
        body(f"""
        import os
        os.write(3, b'["call",900,"save_info",{{"info":{nested}}}]\\n')
        job_save_info("after")
        """)
    )
    assert driver.run().ending is Ending.RETURNED
    assert driver.exited(first).ending is Ending.RETURNED
    assert driver.info(first) == "after"
