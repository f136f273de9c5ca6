"""Several engines on one PostgreSQL at once: each in a thread with connections of its own."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import URL

from engine.clock import SECOND
from engine.domain.request import Request, RequestKind
from engine.persistence import (
    changes,
    cursors,
    instances,
    jobs,
    maintenance,
    requests,
    revisions,
)
from engine.persistence.cursors import Advance, NewCursor
from engine.persistence.database import Database, Transaction
from engine.persistence.revisions import NewRevision
from tests.support.postgres import fresh_database
from tests.support.stores import (
    NOON,
    a_definition,
    a_session,
    claims_for,
    ended,
    opened,
    some_jobs,
)

ENGINES = 3
ROUNDS = 30
JOBS = 40


def engine_life(url: URL, key: str, singles: list[int], each: list[int], seed: int) -> Counter[int]:
    """Claim and finish every due instant it can get, in an order of its own; count what it got."""
    chance = random.Random(seed)
    got: Counter[int] = Counter()
    with opened(url) as store:
        with store.begin() as tx:
            sessionid = a_session(tx, key)
            cursors.start_many(tx, [NewCursor(jobid, key, NOON - 1) for jobid in each])
        for number in range(ROUNDS):
            due = NOON + number * SECOND
            order = chance.sample(singles, len(singles))
            with store.begin() as tx:
                tx.hold_configuration()
                wanted = claims_for(
                    tx, order, sessionid, due_at=due, started=due, single_instance=True
                ) + claims_for(tx, each, sessionid, due_at=due, started=due, engine_key=key)
                granted = instances.claim_many(tx, wanted)
                mine = [claim for claim in wanted if claim.job_instanceid in granted]
                cursors.advance_many(
                    tx, [Advance(claim.jobid, claim.engine_key, due) for claim in mine]
                )
            chance.shuffle(mine)
            with store.begin() as tx:
                refused = instances.finish_many(tx, [ended(claim) for claim in mine], sessionid)
                jobs.record_executions(
                    tx, [(claim.jobid, due, claim.job_instanceid) for claim in mine]
                )
                jobs.disown(tx, [claim.jobid for claim in mine if claim.single_instance], sessionid)
            assert refused == set()
            got.update(claim.jobid for claim in mine)
    return got


@pytest.mark.parametrize("seed", [1, 2])
def test_peers_share_single_instance_jobs_and_run_the_others_each(
    postgres_url: URL, seed: int
) -> None:
    with opened(postgres_url) as store:
        with store.begin() as tx:
            ids = some_jobs(tx, JOBS)
            singles = some_jobs_named(tx, "single", JOBS)
            cursors.start_many(tx, [NewCursor(jobid, "", NOON - 1) for jobid in singles])
        with ThreadPoolExecutor(ENGINES) as pool:
            lives = [
                pool.submit(engine_life, postgres_url, f"key-{n}", singles, ids, seed * 10 + n)
                for n in range(ENGINES)
            ]
            got = [life.result() for life in lives]
        for counts in got:
            assert all(counts[jobid] == ROUNDS for jobid in ids)
        with store.read() as tx:
            found = instances.query(tx, limit=100_000)
            assert maintenance.problems(tx) == []
    once = Counter((each.jobid, each.due_at) for each in found if each.jobid in singles)
    assert set(once.values()) == {1}
    assert sum(once.values()) == sum(counts[jobid] for counts in got for jobid in singles)
    assert sum(once.values()) <= JOBS * ROUNDS


def some_jobs_named(tx: Transaction, name: str, count: int) -> list[int]:
    """Store single_instance jobs called `name-0` ..."""
    definitions = [a_definition(f"{name}-{n}", single_instance=True) for n in range(count)]
    return sorted(jobs.insert_many(tx, definitions, NOON).values())


def test_a_reader_of_changes_misses_none_however_writers_overlap(postgres_url: URL) -> None:
    with opened(postgres_url) as store:
        with store.begin() as tx:
            ids = some_jobs(tx, 60)
        with store.read() as tx:
            seen = changes.current(tx)
    done = threading.Event()
    told: set[int] = set()
    tokens: set[int] = set()

    def read(position: int) -> None:
        with opened(postgres_url) as store:
            last_time = False
            while not last_time:
                last_time = done.is_set()
                tokens.add(store.seen_change())
                with store.read() as tx:
                    position, before = changes.current(tx), position
                    told.update(job.jobid for job in changes.jobs_since(tx, before))

    def write(part: list[int], seed: int) -> None:
        chance = random.Random(seed)
        with opened(postgres_url) as store:
            for jobid in part:
                with store.begin() as tx:
                    _ = tx.seq
                    for _ in range(chance.choice([0, 0, 1, 30])):  # stay open for a while
                        jobs.names(tx)
                    jobs.bump_reset(tx, jobid)

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(read, seen)
        for writer in [pool.submit(write, ids[n::4], n) for n in range(4)]:
            writer.result()
        done.set()
        reader.result()
    assert told == set(ids)
    assert len(tokens) > 1


def test_peers_that_start_at_once_open_one_revision_and_one_cursor(postgres_url: URL) -> None:
    with opened(postgres_url) as store, store.begin() as tx:
        ids = some_jobs_named(tx, "single", 50)
    gate = threading.Barrier(ENGINES)

    def start(number: int) -> None:
        schedule = a_definition().schedule
        at = NOON + number
        with opened(postgres_url) as store:
            gate.wait()
            with store.begin() as tx:
                revisions.begin_many(tx, [NewRevision(jobid, schedule, at) for jobid in ids])
                cursors.start_many(tx, [NewCursor(jobid, "", at) for jobid in ids])

    with ThreadPoolExecutor(ENGINES) as pool:
        for each in [pool.submit(start, number) for number in range(ENGINES)]:
            each.result()
    with opened(postgres_url) as store, store.read() as tx:
        current = revisions.current(tx)
        begun = cursors.every(tx)
        assert sorted(current) == ids
        assert all(len(revisions.of_job(tx, jobid)) == 1 for jobid in ids)
        assert len({cursor.began_at for cursor in begun.values()}) == 1


def test_a_request_is_taken_by_one_engine(postgres_url: URL) -> None:
    with opened(postgres_url) as store, store.begin() as tx:
        for number in range(30):
            request = Request(f"r-{number}", RequestKind.RUN, {}, "ops", "cli", NOON + number)
            requests.ask(tx, request)

    def serve(_: int) -> list[str]:
        taken: list[str] = []
        with opened(postgres_url) as store:
            for _ in range(40):
                with store.begin() as tx:
                    for request in requests.pending(tx, "main")[:3]:
                        assert requests.answer(tx, request.requestid, ok=True, answer={}, now=NOON)
                        taken.append(request.requestid)
        return taken

    with ThreadPoolExecutor(ENGINES) as pool:
        taken = [name for part in pool.map(serve, range(ENGINES)) for name in part]
    assert sorted(taken) == sorted(f"r-{number}" for number in range(30))


def test_ids_of_peers_are_never_the_same(postgres_url: URL) -> None:
    def draw(_: int) -> list[int]:
        found: list[int] = []
        with opened(postgres_url) as store:
            for _ in range(20):
                with store.begin() as tx:
                    found.extend(instances.next_ids(tx, 7))
        return found

    with ThreadPoolExecutor(ENGINES) as pool:
        drawn = [number for part in pool.map(draw, range(ENGINES)) for number in part]
    assert len(set(drawn)) == len(drawn) == ENGINES * 140


def test_numbers_of_changes_rise_with_every_claim(postgres_url: URL) -> None:
    with opened(postgres_url) as store:
        numbers = []
        for _ in range(5):
            with store.begin() as tx:
                numbers.append(tx.seq)
        assert numbers == sorted(set(numbers))


def test_a_store_is_made_once_by_programs_that_start_at_once(postgres_address: URL) -> None:
    with fresh_database(postgres_address) as address:

        def open_it(_: int) -> int:
            with opened(address) as store, store.read() as tx:
                return len(jobs.names(tx))

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(open_it, range(4))) == [0] * 4


def test_a_file_is_made_once_by_programs_that_start_at_once(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    gate = threading.Barrier(4)

    def open_it(number: int) -> None:
        gate.wait()
        store = Database.open(path)
        with store.begin() as tx:
            jobs.insert(tx, a_definition(f"job-{number}"), NOON)
        store.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_it, range(4)))
    with opened(path) as store, store.read() as tx:
        assert jobs.names(tx) == [f"job-{number}" for number in range(4)]
    assert {each.name for each in path.parent.iterdir()} == {"tocsin.db"}
