"""`tocsin log --instance ID --follow` while the log is rotated."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.execution.log_reader import base_of
from engine.execution.runtime.log_file import LogFile
from engine.persistence import instances, jobs
from engine.persistence.instances import StartDetails
from tests.cli.support import Cli
from tests.support.stores import a_running, a_session, ended, opened

ROOT = Path(__file__).parents[2]


class Run:
    """Instance 1 of `report`, which goes on: each of its lines fills a file, and two are kept."""

    def __init__(self, home: Path) -> None:
        self._store = home / "tocsin.db"
        self._path = home / "logs" / "report.log"
        self._path.parent.mkdir(exist_ok=True)
        with opened(self._store) as store, store.begin() as tx:
            self._claim = a_running(tx, jobs.get(tx, "report").jobid, a_session(tx))
            instances.set_started_details(tx, [StartDetails(1, 4242, str(self._path), 0)])

    def writes(self, *texts: str) -> None:
        """Add lines."""
        log = LogFile(str(self._path), limit=60, generations=1)
        for text in texts:
            log.append(f"2026-11-26T12:00:00.000000Z OUT   JI 1: {text}\n".encode())
        log.close()

    def ends(self) -> None:
        """Record its end."""
        size = base_of(self._path) + self._path.stat().st_size
        finish = ended(self._claim, log_file=str(self._path), log_start=0, log_end=size)
        with opened(self._store) as store, store.begin() as tx:
            instances.finish_many(tx, [finish], self._claim.sessionid)


@pytest.fixture
def run(cli: Cli, home: Path) -> Run:
    del cli
    run = Run(home)
    run.writes("first", "second")
    return run


@pytest.fixture
def follower(run: Run, home: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, which says what is added to the log of the run."""
    del run
    with subprocess.Popen(
        [sys.executable, "-m", "app", "log", "--instance", "1", "--follow"],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def next_text(follower: subprocess.Popen[str]) -> str:
    assert follower.stdout is not None
    return follower.stdout.readline().rpartition("JI 1: ")[2].rstrip()


def test_no_line_is_left_out_while_rotation_removes_what_was_read(
    run: Run, follower: subprocess.Popen[str]
) -> None:
    assert [next_text(follower), next_text(follower)] == ["first", "second"]
    for text in ("third", "fourth", "fifth"):
        run.writes(text)
        assert next_text(follower) == text
    run.writes("sixth")
    run.ends()
    rest, notes = follower.communicate(timeout=30)
    assert rest.endswith("JI 1: sixth\n")
    assert (notes, follower.returncode) == ("", 0)


def test_lines_that_rotation_removed_before_they_were_read_are_told(
    run: Run, follower: subprocess.Popen[str]
) -> None:
    assert [next_text(follower), next_text(follower)] == ["first", "second"]
    follower.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, follower.pid, os.WSTOPPED | os.WNOWAIT)
    run.writes("third", "fourth", "fifth", "sixth")
    run.ends()
    follower.send_signal(signal.SIGCONT)
    rest, notes = follower.communicate(timeout=30)
    assert [line.rpartition("JI 1: ")[2] for line in rest.splitlines()] == ["fifth", "sixth"]
    assert "lines were removed by the rotation of the log before they were read" in notes


def test_as_many_lines_may_be_asked_for_as_anybody_can_write(cli: Cli, run: Run) -> None:
    run.ends()
    for number, texts in ((0, []), (1, ["second"]), (10**30, ["first", "second"])):
        shown = cli("log", "--instance", "1", "-n", number).out.splitlines()
        assert [line.rpartition("JI 1: ")[2] for line in shown] == texts
