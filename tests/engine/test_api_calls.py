"""What job code asks through its API is durable before it is answered."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.clock import MINUTE
from engine.control.plain import LARGEST
from engine.domain.instance import Ending, Severity, Status
from engine.domain.request import RequestKind
from engine.domain.session import SessionStatus
from engine.persistence import instances, job_errors, sessions, state_data
from engine.scheduling.info_text import LARGE, compact, readable
from engine.scheduling.loop import Loop
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every, instant

NOON = instant("2026-03-01T12:00:00")


def _nested(depth: int) -> Any:
    data: Any = 1
    for _ in range(depth):
        data = [data]
    return data


@pytest.fixture
def number(engine: ManualEngine) -> int:
    """A run that goes on until the test ends it."""
    engine.world.ends_at_once = False
    engine.add(definition("job"))
    return engine.run("job")


def test_info_is_stored_as_yaml_and_answered(engine: ManualEngine, number: int) -> None:
    engine.world.call(number, "save_info", info={"rows": 3, "name": "ž"})
    engine.tick()
    assert engine.instances("job")[0].info == "rows: 3\nname: ž\n"
    assert engine.world.replies()[number] == (True, None)


_LARGE: dict[str, Any] = {
    "odd": "\x7f \x85 \u2028 \ufeff \ufffe \U0001f514 ž / \\ \t\n",
    "few": [{}, [], None, True, 1e-05, 2.5e300, 1 << 70],
    "rows": [{"path": f"/var/log/{n}", "size": n} for n in range(24_000)],
}


def test_large_info_is_stored_as_json_which_is_yaml_and_read_back(
    engine: ManualEngine, number: int
) -> None:
    engine.world.call(number, "save_info", 1, info=_LARGE)
    engine.world.call(number, "error", 2, severity="INFO", error="E", description="", info=_LARGE)
    engine.tick()
    detail = engine.system.instances.info(number)
    kept = detail.view.instance.info
    assert kept is not None
    assert kept == detail.errors[0].info
    assert json.loads(kept) == _LARGE
    assert kept.startswith('{\n  "odd": "')
    assert "\U0001f514 ž" in kept
    assert len(kept) > LARGEST
    assert detail.as_json()["info"] == _LARGE
    small = {"odd": _LARGE["odd"], "filler": "x" * LARGE}
    assert yaml.safe_load(readable(small, compact(small))) == small


def test_state_data_outlive_an_error_and_go_with_complete(
    engine: ManualEngine, number: int
) -> None:
    engine.world.call(number, "save_state_data", data={"page": 1})
    engine.tick()
    engine.world.end(number, Ending.EXIT_CODE, exit_code=1)
    engine.tick()
    second = engine.run("job")
    assert engine.world.submitted[-1].state == {"page": 1}
    engine.world.end(second)
    engine.tick()
    jobid = engine.instances("job")[0].jobid
    with engine.database.read() as tx:
        assert state_data.get(tx, jobid) is None


@pytest.mark.parametrize(
    ("severity", "status"),
    [
        ("INFO", Status.COMPLETE),
        ("WARNING", Status.COMPLETE),
        ("MINOR", Status.ERROR),
        ("MAJOR", Status.ERROR),
        ("FATAL", Status.ERROR),
    ],
)
def test_an_error_above_warning_makes_the_run_error(
    engine: ManualEngine, number: int, severity: str, status: Status
) -> None:
    engine.world.call(
        number, "error", severity=severity, error="E", description="d", business_error=True
    )
    engine.tick()
    engine.world.end(number)
    engine.tick()
    assert engine.instances("job")[0].jobstatus is status
    with engine.database.read() as tx:
        (error,) = job_errors.of_instance(tx, number)
    assert (error.severity, error.business_error) == (Severity(severity), True)


def test_progress_is_kept_within_its_bounds(engine: ManualEngine, number: int) -> None:
    engine.world.call(number, "progress", fraction=1.7, text="nearly")
    engine.tick()
    ran = engine.instances("job")[0]
    assert (ran.progress, ran.progress_text) == (1.0, "nearly")


def test_a_trigger_is_set_when_it_is_earlier_than_the_next_run(engine: ManualEngine) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", cron("0 * * * *")))
    number = engine.run("job")
    engine.world.call(number, "set_trigger", seq=1, at=None, in_seconds=600)
    engine.tick()
    assert engine.world.replies()[number] == (True, True)
    engine.world.call(number, "set_trigger", seq=2, at=NOON + 90 * MINUTE, in_seconds=None)
    engine.tick()
    assert engine.world.replies()[number] == (True, False)
    engine.world.end(number)
    engine.advance(660, step=60)
    assert [ran.started for ran in engine.instances("job")] == [NOON, NOON + 10 * MINUTE]


@pytest.mark.parametrize(
    ("call", "args", "part"),
    [
        ("save_state_data", {"data": [1]}, "must be a mapping"),
        ("error", {"severity": "HUGE", "error": "x"}, "HUGE"),
        ("fly", {}, "no call 'fly'"),
        ("progress", {"fraction": "half"}, "progress"),
        ("save_info", {"info": "x" * (1 << 20)}, "at most"),
        ("save_info", {"info": [_nested(99)] * 5000}, "when it is indented; at most"),
        ("save_info", {"info": _nested(5000)}, "RecursionError"),
        ("set_trigger", {"at": None, "in_seconds": sys.float_info.max}, "infinity"),
        ("set_trigger", {"at": None, "in_seconds": 1e30}, "beyond the year 2199"),
        ("set_trigger", {"at": 1 << 80, "in_seconds": None}, "beyond the year 2199"),
    ],
)
def test_what_is_asked_wrongly_is_answered_and_the_engine_goes_on(
    engine: ManualEngine, number: int, call: str, args: dict[str, Any], part: str
) -> None:
    engine.world.call(number, call, **args)
    engine.tick()
    ok, problem = engine.world.replies()[number]
    assert not ok
    assert part in problem
    engine.world.end(number)
    engine.tick()
    assert engine.instances("job")[0].jobstatus is Status.COMPLETE


def test_a_call_and_a_result_after_a_rescue_are_refused_and_audited(
    engine: ManualEngine, number: int
) -> None:
    with engine.database.begin() as tx:  # as a peer does whom this engine looked dead to
        mine = engine.life.session.sessionid
        sessions.mark(tx, mine, SessionStatus.ABNORMAL, NOON)
        from engine.persistence.instances import Finish

        row = Finish(number, engine.instances("job")[0].jobid, Status.CRASH, NOON, Ending.LOST)
        instances.finish_many(tx, [row], mine)
    engine.world.call(number, "save_state_data", data={"late": True})
    engine.life.scheduler.turn(engine.clock.now())
    assert engine.world.replies()[number][0] is False
    engine.world.end(number)
    engine.life.scheduler.turn(engine.clock.now())
    assert engine.instances("job")[0].jobstatus is Status.CRASH
    assert engine.life.context.refused == 1


def test_a_job_that_reads_its_own_facts_gets_them(engine: ManualEngine) -> None:
    engine.add(definition("tick", every(60), tags={"team": "ops"}, options={"a": 1}))
    engine.advance(60)
    info = engine.world.submitted[0].job_info
    assert info["trigger"] == "schedule"
    assert info["next"] == "2026-03-01T12:02:00.000000Z"
    assert info["tags"] == {"team": "ops"}
    assert info["options"] == {"a": 1}
    assert engine.ask(RequestKind.RUN, job="tick").ok
    assert engine.world.submitted[1].job_info["last_executed"] == "2026-03-01T12:01:00.000000Z"


def test_what_waited_for_the_store_is_told_as_of_the_run_not_after_its_end(
    engine: ManualEngine, number: int
) -> None:
    engine.world.call(number, "save_state_data", 1, data={"page": 1})
    engine.world.call(number, "error", 2, severity="MINOR", error="E", description="d")
    engine.world.end(number, Ending.LOST)
    ended = engine.clock.now()
    engine.clock.advance(3)  # the store was away for as long
    engine.tick()
    ran = engine.instances("job")[0]
    with engine.database.read() as tx:
        (saved,) = state_data.history(tx, ran.jobid)
        (error,) = job_errors.of_instance(tx, number)
    assert ran.completed == saved.saved_at == error.created == ended


def test_a_call_that_the_store_refuses_is_refused_and_nothing_waits_for_it(
    engine: ManualEngine, number: int, home: Path
) -> None:
    with closing(sqlite3.connect(home / "tocsin.db")) as store:
        store.execute(
            "CREATE TRIGGER picky BEFORE INSERT ON job_state_data"
            " BEGIN SELECT RAISE(ABORT, 'too picky'); END"
        )
        store.commit()
    loop = Loop(engine.life)
    engine.world.call(number, "save_state_data", 1, data={"page": 1})
    engine.world.call(number, "save_info", 2, info="after")
    for _ in range(2):
        loop.turn()
    engine.world.end(number)
    loop.turn()
    loop.close()
    (supervisor,) = engine.world.supervisors.values()
    assert [(seq, ok) for _, seq, ok, _ in supervisor.replies] == [(1, False), (2, True)]
    assert "too picky" in supervisor.replies[0][3]
    (ran,) = engine.instances("job")
    assert (ran.jobstatus, ran.info) == (Status.COMPLETE, "after\n")


def test_a_call_waits_for_a_store_that_is_away(
    engine: ManualEngine, number: int, home: Path
) -> None:
    loop = Loop(engine.life)
    engine.world.call(number, "save_state_data", data={"page": 1})
    with closing(sqlite3.connect(home / "tocsin.db", isolation_level=None)) as store:
        store.execute("BEGIN IMMEDIATE")
        loop.turn()
        assert number not in engine.world.replies()
        store.execute("ROLLBACK")
    loop.turn()
    loop.close()
    assert engine.world.replies()[number] == (True, None)
