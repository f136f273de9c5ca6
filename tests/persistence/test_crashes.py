import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from engine.persistence import cursors
from engine.persistence.cursors import NewCursor
from tests.support import crash_writer
from tests.support.stores import NOON, a_session, opened, some_jobs

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seed", [11, 12])
def test_whatever_moment_a_writer_is_killed_at_the_store_is_whole(
    store_url: URL, seed: int
) -> None:
    address = store_url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.support.crash_writer", address, "25", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["kills"] == 25
    assert figures["acknowledged"] >= 25


READER = """
import sys
from engine.persistence import audit, cursors, instances, state_data
from engine.persistence.database import Database
from tests.support.crash_writer import JOBS, last_turn
from tests.support.stores import NOON
from engine.clock import SECOND
store = Database.open(sys.argv[1], migrate=False)
print("ready", flush=True)
seen = looks = 0
while seen < int(sys.argv[2]):
    with store.read() as tx:  # one moment, whatever is being written
        kept = last_turn(tx)
        assert kept >= seen, (kept, seen)
        assert {each.accounted_until for each in cursors.every(tx).values()} == {
            NOON + kept * SECOND
        }
        assert len(instances.all_open(tx)) == (JOBS if kept else 0)
        for jobid, _ in cursors.every(tx):
            state = state_data.get(tx, jobid)
            assert (state.data["at"] if state else 0) == kept
    seen, looks = kept, looks + 1
print(looks)
"""


def test_readers_in_other_processes_see_whole_turns_while_one_writes(sqlite_url: URL) -> None:
    turns = 150
    with opened(sqlite_url) as store:
        with store.begin() as tx:
            ids = some_jobs(tx, crash_writer.JOBS, single_instance=True)
            cursors.start_many(tx, [NewCursor(jobid, "", NOON) for jobid in ids])
            sessionid = a_session(tx)
        command = [sys.executable, "-c", READER, str(sqlite_url.database), str(turns)]
        readers = [
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
            )
            for _ in range(3)
        ]
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for number in range(1, turns + 1):
            with store.begin() as tx:
                crash_writer.turn(tx, ids, sessionid, number)
    for reader in readers:
        told, wrong = reader.communicate(timeout=60)
        assert reader.returncode == 0, wrong
        assert int(told) > 1
