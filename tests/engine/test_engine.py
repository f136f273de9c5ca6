"""The engine in its thread, with its supervisor and real processes."""

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import ENGINE_LOG, Settings, load_settings
from engine.control.actor import Actor
from engine.domain.instance import Ending, Instance, Status
from engine.domain.job import Definition, Execution
from engine.domain.session import SessionStatus
from engine.engine import Engine
from engine.errors import EngineError, StoreError
from engine.events import Event, EventKind
from engine.identity import started_at
from engine.persistence import instance_queries, instances, jobs, sessions, state_data
from engine.persistence.database import Database
from engine.persistence.wake import wake_path
from tests.support.accounting import unaccounted
from tests.support.builders import definition, every

PATIENCE = 20.0
OPS = Actor("ops", "test")

Runner = Callable[[], Engine]


@pytest.fixture
def settings(home: Path) -> Settings:
    return replace(load_settings(home, environment={}), grace_seconds=1.0)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database.open(settings.database_url)
    yield database
    problems = unaccounted(database)
    database.close()
    assert problems == []


@pytest.fixture
def run(settings: Settings, database: Database) -> Iterator[Runner]:
    """Start engines; whatever still lives is stopped at the end."""
    engines: list[Engine] = []

    def runner() -> Engine:
        engine = Engine(settings)
        engines.append(engine)
        engine.start()
        return engine

    yield runner
    for engine in engines:
        engine.stop(0)
        assert engine.wait(PATIENCE)


def ends_of(engine: Engine) -> "queue.Queue[Instance]":
    """Return a queue of the instances that end from now on."""
    found: queue.Queue[Instance] = queue.Queue()

    def take(event: Event) -> None:
        if event.kind is EventKind.INSTANCE_ENDED:
            found.put(event.record)

    engine.events.subscribe(take)
    return found


def add(database: Database, *definitions: Definition) -> None:
    with database.begin() as tx:
        jobs.insert_many(tx, list(definitions), 0)


def test_a_real_job_runs_when_it_is_due_and_its_output_is_in_its_log(
    run: Runner, database: Database, settings: Settings
) -> None:
    add(database, definition("hello", every(1), code="def run():\n    print('good morning')\n"))
    engine = run()
    ended = ends_of(engine).get(timeout=PATIENCE)
    assert (ended.jobstatus, ended.ending) == (Status.COMPLETE, Ending.RETURNED)
    assert ended.completed is not None
    assert "good morning" in (settings.log_dir / "hello.log").read_text()
    log = (settings.log_dir / ENGINE_LOG).read_text()
    assert f"JI {ended.job_instanceid}: job completed with status 'COMPLETE'" in log


def test_what_a_run_took_of_processor_and_memory_is_recorded(
    run: Runner, database: Database
) -> None:
    add(database, definition("hello", every(1)))
    ended = ends_of(run()).get(timeout=PATIENCE)
    with database.read() as tx:
        recorded = instances.get(tx, ended.job_instanceid)
    assert recorded.cpu_seconds
    assert recorded.max_rss
    assert (ended.cpu_seconds, ended.max_rss) == (recorded.cpu_seconds, recorded.max_rss)


def test_every_kind_of_job_uses_state_data_and_errors(run: Runner, database: Database) -> None:
    code = """
def run():
    state = job_get_state_data() or {"n": 0}
    job_save_state_data({"n": state["n"] + 1})
    job_save_info({"n": state["n"]})
    job_error("FULL", "no room")
"""
    add(
        database,
        definition("process", every(1), code=code),
        definition("pool", every(1), execution=Execution(code=code, isolation="pool")),
    )
    ends = ends_of(run())
    for _ in range(6):
        ended = ends.get(timeout=PATIENCE)
        assert (ended.jobstatus, ended.ending) == (Status.ERROR, Ending.JOB_ERROR)
    with database.read() as tx:
        for name in ("process", "pool"):
            jobid = jobs.get(tx, name).jobid
            kept = state_data.get(tx, jobid)
            rows = instance_queries.query(tx, job=jobid, statuses=(Status.ERROR,), ascending=True)
            assert kept is not None
            assert kept.data is not None
            assert kept.data["n"] >= len(rows) >= 2
            assert [row.info for row in rows] == [f"n: {n}\n" for n in range(len(rows))]


def test_a_second_engine_is_refused_with_the_name_of_the_first(run: Runner) -> None:
    first = run()
    assert first.session is not None
    with pytest.raises(EngineError, match=f"pid {first.session.pid}"):
        run()


def test_a_clean_stop_ends_what_runs_after_its_grace_and_leaves_no_process(
    run: Runner, database: Database
) -> None:
    code = "import time\ndef run():\n    while True:\n        time.sleep(1)\n"
    add(database, definition("endless", every(1), code=code))
    engine = run()
    started: queue.Queue[Instance] = queue.Queue()
    engine.events.subscribe(
        lambda e: started.put(e.record) if e.kind is EventKind.INSTANCE_STARTED else None
    )
    number = started.get(timeout=PATIENCE).job_instanceid
    engine.stop(0.2)
    assert engine.wait(PATIENCE)
    with database.read() as tx:
        (ran,) = instance_queries.query(tx)
        (session,) = sessions.all_sessions(tx)
    assert (ran.job_instanceid, ran.jobstatus) == (number, Status.ERROR)
    assert ran.ending is Ending.ENGINE_STOPPED
    assert session.status == "COMPLETE"
    assert ran.pid is not None
    assert started_at(ran.pid) is None


def test_a_long_run_survives_a_restart_with_its_output_and_its_result(
    run: Runner, database: Database, settings: Settings, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    code = f"""
import os
def run():
    print("before")
    while not os.path.exists({str(gate)!r}):
        job_sleep(0.02)
    print("after")
    job_save_info("done")
"""
    add(database, definition("long", every(3600), code=code))
    first = run()
    begun: queue.Queue[Instance] = queue.Queue()
    first.events.subscribe(
        lambda e: begun.put(e.record) if e.kind is EventKind.INSTANCE_STARTED else None
    )
    from engine.control.context import Context
    from engine.control.system import System

    system = System(Context(settings, database, SystemClock()))
    number = system.jobs.run("long", OPS)
    begun.get(timeout=PATIENCE)
    first.hand_over()
    assert first.wait(PATIENCE)
    second = run()
    ends = ends_of(second)
    gate.touch()
    ended = ends.get(timeout=PATIENCE)
    assert (ended.job_instanceid, ended.jobstatus) == (number, Status.COMPLETE)
    log = (settings.log_dir / "long.log").read_text()
    assert log.index("before") < log.index("after")
    with database.read() as tx:
        (row,) = instance_queries.query(tx)
    assert row.info == "done\n"


def test_after_its_supervisor_is_killed_the_engine_goes_on_with_another(
    run: Runner, database: Database
) -> None:
    add(database, definition("quick", every(1)))
    of_others = children_named("tocsin-super")  # of earlier tests, ended and not yet waited for
    engine = run()
    ends = ends_of(engine)
    ends.get(timeout=PATIENCE)
    assert engine.session is not None
    (supervisor,) = children_named("tocsin-super") - of_others
    os.kill(supervisor, signal.SIGKILL)
    late = [ends.get(timeout=PATIENCE) for _ in range(3)]
    assert late[-1].jobstatus is Status.COMPLETE


def children_named(name: str) -> set[int]:
    """Return our child processes of that name."""
    tasks = Path("/proc/self/task").iterdir()
    pids = [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    return {
        pid
        for pid in pids
        if started_at(pid) is not None and Path(f"/proc/{pid}/comm").read_text().strip() == name
    }


def test_events_tell_the_beginning_and_the_end_of_a_run(run: Runner, database: Database) -> None:
    add(database, definition("quick", every(1)))
    engine = run()
    kinds: queue.Queue[EventKind] = queue.Queue()
    engine.events.subscribe(lambda event: kinds.put(event.kind))
    assert kinds.get(timeout=PATIENCE) is EventKind.INSTANCE_STARTED
    assert kinds.get(timeout=PATIENCE) is EventKind.INSTANCE_ENDED


def test_an_engine_that_is_told_to_stop_while_it_opens_ends_in_order(
    settings: Settings, database: Database
) -> None:
    engine = Engine(settings)
    engine.stop(0)
    engine.start()
    assert engine.wait(PATIENCE)
    with database.read() as tx:
        lives = sessions.between(tx, 0, SystemClock().now())
    assert [each.status for each in lives] == [SessionStatus.COMPLETE]


def test_an_engine_that_is_closing_can_be_told_to_stop_again(run: Runner) -> None:
    engine = run()
    told: list[str] = []

    def tell_again(event: Event) -> None:
        if event.kind is EventKind.ENGINE_STOPPED:  # its loop is over, and it is not gone yet
            engine.stop(grace=0)
            engine.hand_over()
            engine.wake()
            told.append("all of it")

    engine.events.subscribe(tell_again)
    engine.stop(0)
    assert engine.wait(PATIENCE)
    assert told == ["all of it"]


def test_an_engine_that_could_not_turn_leaves_nothing_behind_but_a_session_that_failed(
    settings: Settings, database: Database, run: Runner
) -> None:
    assert database.path is not None
    of_others = children_named("tocsin-super")
    pipe = wake_path(database.path)
    pipe.write_text("in the way")
    with pytest.raises(StoreError, match="is in the way"):
        run()
    assert children_named("tocsin-super") <= of_others
    assert not [each for each in threading.enumerate() if each.name == "tocsin-heartbeat"]
    pipe.unlink()
    assert status_of_first(database) is SessionStatus.ABNORMAL
    run().stop()
    assert status_of_first(database) is SessionStatus.RECOVERED


def status_of_first(database: Database) -> SessionStatus:
    """Return what became of the first session."""
    with database.read() as tx:
        return sessions.between(tx, 0, SystemClock().now())[0].status
