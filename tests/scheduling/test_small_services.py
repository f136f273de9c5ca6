"""The services beside the scheduler, each on its own."""

import os
import subprocess
import sys
from pathlib import Path

from msgspec.structs import replace

from engine.clock import HOUR, MINUTE
from engine.config import ENGINE_LOG
from engine.control.logs import Logs
from engine.domain.session import Session, SessionStatus
from engine.execution.job_log import engine_log
from engine.execution.runtime.log_file import LogFile
from engine.identity import is_gone, own_identity, started_at
from engine.persistence import sessions
from engine.persistence.database import Database
from engine.scheduling.downtime import downtimes
from engine.scheduling.engine_log import EngineLog
from engine.scheduling.heartbeat import Heartbeat
from engine.testing.clock import ManualClock
from tests.support.builders import instant
from tests.support.stores import sqlite_store, sqlite_template, sqlite_url

__all__ = ["sqlite_store", "sqlite_template", "sqlite_url"]

NOON = instant("2026-03-01T12:00:00")


def a_session(number: int, key: str, started: int, ended: int | None, **more: object) -> Session:
    status = SessionStatus.ACTIVE if ended is None else SessionStatus.COMPLETE
    values: dict[str, object] = {"status": status, "beat_at": started, **more}
    return Session(
        sessionid=number,
        engine_key=key,
        host="host",
        pid=1,
        boot_id="",
        pid_started=1,
        version="",
        started=started,
        ended=ended,
        beat_seq=0,
        lease_seconds=10.0,
        **values,  # type: ignore[arg-type]
    )


def test_downtime_is_what_lies_between_the_sessions_of_a_key_and_of_all() -> None:
    found = downtimes(
        [
            a_session(1, "a", NOON, NOON + HOUR),
            a_session(2, "b", NOON + 30 * MINUTE, NOON + 2 * HOUR),
            a_session(3, "a", NOON + 3 * HOUR, None),
        ],
        "a",
        NOON + 4 * HOUR,
    )
    assert [(each.since, each.until) for each in found.of_own] == [(NOON + HOUR, NOON + 3 * HOUR)]
    assert [(each.since, each.until) for each in found.of_any] == [
        (NOON + 2 * HOUR, NOON + 3 * HOUR)
    ]
    assert found.of_own[0].detail == (
        "no engine was up from 2026-03-01T13:00:00Z to 2026-03-01T15:00:00Z"
    )


def test_a_session_that_died_was_up_until_its_last_beat() -> None:
    died = a_session(
        1,
        "a",
        NOON,
        NOON + 2 * HOUR,
        status=SessionStatus.RECOVERED,
        beat_at=NOON + MINUTE,
    )
    (down,) = downtimes(
        [died, a_session(2, "a", NOON + 2 * HOUR, None)], "a", NOON + 3 * HOUR
    ).of_own
    assert (down.since, down.until) == (NOON + MINUTE, NOON + 2 * HOUR)


def test_a_process_is_told_from_one_that_has_its_number_again() -> None:
    me = own_identity()
    assert is_gone(me, me) is False
    assert is_gone(replace(me, pid_started=me.pid_started + 1), me) is True
    assert is_gone(replace(me, host="another host"), me) is None
    assert is_gone(replace(me, boot_id="of a clone with our name"), me) is None


def test_a_container_that_has_our_host_s_name_is_out_of_sight() -> None:
    me = own_identity()
    boot, _, namespace = me.boot_id.partition("/")
    assert int(namespace) == Path("/proc/self/ns/pid").stat().st_ino
    assert is_gone(replace(me, boot_id=f"{boot}/1", pid=1 << 22), me) is None
    assert is_gone(replace(me, pid=1 << 22), me) is True


def test_where_the_kernel_hides_the_boot_nothing_is_said_to_be_gone() -> None:
    me = replace(own_identity(), boot_id="")
    assert is_gone(replace(me, pid=1 << 22), me) is None


def test_a_process_that_ended_and_was_not_reaped_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-S", "-c", "pass"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert started_at(child.pid) is None
    child.wait()


def test_the_engine_log_is_rotated_keeps_its_generations_and_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / ENGINE_LOG
    log = EngineLog(LogFile(str(path), 400, 5), ManualClock())
    for number in range(60):
        log.write(f"line {number}\nwith a second one")
    log.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [ENGINE_LOG, *(f"{ENGINE_LOG}.{n}" for n in range(1, 6))]
    parts = Logs.parts(path)
    assert len(parts) == 6
    assert [each.base for each in parts] == sorted({each.base for each in parts})
    assert "line 59 with a second one" in path.read_text()


def test_the_engine_log_never_follows_a_link(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / ENGINE_LOG).symlink_to(target)
    EngineLog(engine_log(tmp_path), ManualClock()).write("a line")
    assert not target.exists()


def test_a_beat_moves_the_deadline_from_before_it_was_sent(sqlite_store: Database) -> None:
    clock = ManualClock()
    with sqlite_store.begin() as tx:
        number = sessions.open_session(tx, a_session(0, "a", clock.now(), None))
    deadlines: list[float] = []
    heartbeat = Heartbeat(clock, sqlite_store, number, 10.0, deadlines.append)
    assert not heartbeat.holds
    assert heartbeat.beat()
    assert deadlines == [clock.monotonic() + 9.0]
    clock.advance(8.9)
    assert heartbeat.holds
    clock.advance(0.2)
    assert not heartbeat.holds


def test_a_session_that_was_declared_dead_never_beats_again(sqlite_store: Database) -> None:
    clock = ManualClock()
    with sqlite_store.begin() as tx:
        number = sessions.open_session(tx, a_session(0, "a", clock.now(), None))
    heartbeat = Heartbeat(clock, sqlite_store, number, 10.0, lambda _: None)
    assert heartbeat.beat()
    with sqlite_store.begin() as tx:
        sessions.mark(tx, number, SessionStatus.ABNORMAL, clock.now())
    assert not heartbeat.beat()
    assert heartbeat.is_dead
    assert not heartbeat.holds


def test_where_the_lock_is_the_lease_a_store_out_of_reach_hurts_no_run(
    sqlite_store: Database,
) -> None:
    clock = ManualClock()
    with sqlite_store.begin() as tx:
        number = sessions.open_session(tx, a_session(0, "a", clock.now(), None))
    deadlines: list[float] = []
    heartbeat = Heartbeat(clock, sqlite_store, number, 10.0, deadlines.append)
    heartbeat.beat()
    assert sqlite_store.path is not None
    heartbeat.stop()  # its connections are its own
    sqlite_store.path.rename(sqlite_store.path.with_name("gone"))
    clock.advance(8)
    assert not heartbeat.beat()
    assert heartbeat.failure
    assert deadlines[-1] == clock.monotonic() + 9.0
    assert heartbeat.holds
