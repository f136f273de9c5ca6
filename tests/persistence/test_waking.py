import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from engine.errors import EngineError, StoreError
from engine.persistence.database import Database
from engine.persistence.engine_lock import EngineLock, holder
from engine.persistence.wake import WakeListener, wake, wake_path
from tests.support.stores import opened


def is_woken(listener: WakeListener, seconds: float = 5) -> bool:
    """Wait until the listener is readable."""
    return bool(select.select([listener], [], [], seconds)[0])


def test_whoever_wakes_is_heard_and_heard_once(store: Database) -> None:
    listener = WakeListener(store)
    listener.drain()
    try:
        with opened(store.url) as other:
            assert wake(other)
            assert wake(other)
        assert is_woken(listener)
        while is_woken(listener, 0.05):  # a server may tell of the two one after the other
            listener.drain()
        with opened(store.url) as other:
            assert wake(other)
        assert is_woken(listener)
    finally:
        listener.close()


def test_waking_nobody_says_so(sqlite_store: Database) -> None:
    assert not wake(sqlite_store)
    WakeListener(sqlite_store).close()
    assert not wake(sqlite_store)


def test_many_wakes_never_wait(sqlite_store: Database) -> None:
    listener = WakeListener(sqlite_store)
    try:
        assert all(wake(sqlite_store) for _ in range(70_000))  # more than a pipe holds
        listener.drain()
        assert not is_woken(listener, 0)
    finally:
        listener.close()


def test_the_pipe_is_for_its_owner_alone(sqlite_store: Database) -> None:
    assert sqlite_store.path is not None
    WakeListener(sqlite_store).close()
    assert wake_path(sqlite_store.path).stat().st_mode & 0o777 == 0o600


def test_what_is_in_the_way_of_the_pipe_is_told(sqlite_store: Database, tmp_path: Path) -> None:
    assert sqlite_store.path is not None
    pipe = wake_path(sqlite_store.path)
    target = tmp_path / "target"
    target.write_text("mine")
    pipe.symlink_to(target)
    with pytest.raises(StoreError, match="is in the way"):
        WakeListener(sqlite_store)
    assert not wake(sqlite_store)
    assert target.read_text() == "mine"


def test_one_engine_owns_a_store(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    assert holder(path) is None
    lock = EngineLock(path)
    lock.acquire({"pid": 4242, "host": "host-a", "since": "2026-11-26T12:00:00Z"})
    assert holder(path) == {"pid": 4242, "host": "host-a", "since": "2026-11-26T12:00:00Z"}
    with pytest.raises(EngineError, match="pid 4242, host host-a, since 2026-11-26T12:00:00Z"):
        EngineLock(path).acquire({"pid": 1})
    lock.release()
    assert holder(path) is None
    EngineLock(path).acquire({"pid": 1})


def test_looking_at_the_lock_never_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    code = (
        "import sys, pathlib\n"
        "from engine.persistence.engine_lock import holder\n"
        "print('ready', flush=True)\n"
        "while True: holder(pathlib.Path(sys.argv[1]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE
    ) as looker:
        assert looker.stdout is not None
        looker.stdout.readline()
        try:
            for number in range(200):
                lock = EngineLock(path)
                lock.acquire({"pid": number})
                lock.release()
        finally:
            looker.kill()


def test_the_lock_of_a_killed_engine_is_free(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    code = (
        "import sys, pathlib, os\n"
        "from engine.persistence.engine_lock import EngineLock\n"
        "EngineLock(pathlib.Path(sys.argv[1])).acquire({'pid': os.getpid()})\n"
        "print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as engine:
        assert engine.stdout is not None
        engine.stdout.readline()
        assert holder(path) == {"pid": engine.pid}
        with pytest.raises(EngineError, match=f"pid {engine.pid}"):
            EngineLock(path).acquire({})
        os.kill(engine.pid, signal.SIGKILL)
        engine.wait()
    assert holder(path) is None
    EngineLock(path).acquire({"pid": 1})


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be made: No such file or directory"):
        EngineLock(tmp_path / "nowhere" / "tocsin.db").acquire({})


def test_a_listener_hears_again_after_its_connection_broke(postgres_url: URL) -> None:
    from tests.support.postgres import run_on

    with opened(postgres_url) as store:
        listener = WakeListener(store)
        try:
            assert is_woken(listener)
            listener.drain()
            run_on(
                postgres_url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'",
            )
            assert is_woken(listener)  # it listens anew, and what it missed is unknown
            listener.drain()
            assert wake(store)
            assert is_woken(listener)
        finally:
            listener.close()
