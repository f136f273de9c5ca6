"""The store: claims and ends a second by batch, and lists of many jobs, on both databases.

    python -m benchmarks.store [--rounds 5] [--jobs 100000] [--only sqlite|postgresql]

A run is one instance from its claim to its end: ids, claim, cursor, COMMIT, end, last execution,
COMMIT. Commits are durable (`synchronous=FULL`, PostgreSQL's own defaults). Medians of the rounds.
"""

import argparse
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from engine.clock import SECOND
from engine.persistence import cursors, instances, jobs, revisions
from engine.persistence.cursors import Advance, NewCursor
from engine.persistence.database import Database
from engine.persistence.revisions import NewRevision
from tests.support.postgres import fresh_database, postgres_server
from tests.support.stores import NOON, a_definition, a_session, claims_for, ended, opened

_BATCHES = (1, 10, 100, 256)
_JOBS = 1000
_RUNS_PER_ROUND = 2560
_FEW_COMMITS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    if asked.only != "postgresql":
        with tempfile.TemporaryDirectory(dir=".") as folder:  # on a disk, not in memory
            report(URL.create("sqlite", database=str(Path(folder) / "store.db")), asked)
    if asked.only != "sqlite":
        with server() as address, fresh_database(address) as url:
            report(url, asked)


@contextmanager
def server() -> Iterator[URL]:
    """Start PostgreSQL, or use the one that TOCSIN_TEST_DB names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with postgres_server() as address:
            yield address


def report(url: URL, asked: argparse.Namespace) -> None:
    """Measure one database and print a line for each figure."""
    kind = url.get_backend_name()
    with opened(url) as store:
        life = Life(store, "one")
        for batch in _BATCHES:
            rate = median(lambda b=batch: life.runs_per_second(b), asked.rounds)  # type: ignore[misc]
            print(f"{kind}: runs claimed and ended, {batch} a commit: {rate:,.0f} a second")
        claims = median(lambda: life.claims_per_second(256), asked.rounds)
        print(f"{kind}: runs claimed, 256 a commit: {claims:,.0f} a second")
        if kind == "postgresql":
            both = median(lambda: two_engines(url), asked.rounds)
            print(f"{kind}: runs claimed by two engines, 256 a commit: {both:,.0f} a second")
        beat = median(lambda: empty_commits(store), asked.rounds)
        print(f"{kind}: commits of one row: {beat:,.0f} a second")
        lists(store, kind, asked)


def median(measure: Callable[[], float], rounds: int) -> float:
    """Return the median of some rounds, after one that is not counted."""
    measure()
    return statistics.median(measure() for _ in range(rounds))


class Life:
    """One engine's life: every job is due at every second."""

    def __init__(self, store: Database, key: str) -> None:
        self.store = store
        self.key = key
        self.at = NOON
        with store.begin() as tx:
            definitions = [a_definition(f"{key}-{number}") for number in range(_JOBS)]
            self.ids = list(jobs.insert_many(tx, definitions, NOON).values())
            self.sessionid = a_session(tx, key)
            cursors.start_many(tx, [NewCursor(jobid, key, NOON) for jobid in self.ids])

    def claim(self, part: list[int]) -> list[instances.Claim]:
        """Claim the jobs in `part` in one transaction."""
        with self.store.begin() as tx:
            claims = claims_for(
                tx,
                part,
                self.sessionid,
                due_at=self.at,
                started=self.at,
                engine_key=self.key,
                host="host-a",
            )
            granted = instances.claim_many(tx, claims)
            cursors.advance_many(tx, [Advance(jobid, self.key, self.at) for jobid in part])
        if len(granted) != len(part):
            raise AssertionError
        return claims

    def end(self, claims: list[instances.Claim]) -> None:
        """Record the ends in one transaction."""
        with self.store.begin() as tx:
            instances.finish_many(tx, [ended(claim) for claim in claims], self.sessionid)
            jobs.record_executions(
                tx, [(claim.jobid, claim.started, claim.job_instanceid) for claim in claims]
            )

    def parts(self, batch: int) -> Iterator[list[int]]:
        """Give the jobs due at second after second, in batches."""
        for _ in range(min(_RUNS_PER_ROUND // batch, _FEW_COMMITS)):
            self.at += SECOND
            yield self.ids[:batch]

    def runs_per_second(self, batch: int) -> float:
        """Claim and end some thousand runs."""
        began = time.perf_counter()
        done = 0
        for part in self.parts(batch):
            self.end(self.claim(part))
            done += len(part)
        return done / (time.perf_counter() - began)

    def claims_per_second(self, batch: int) -> float:
        """Claim some thousand runs; they are ended outside of the measure."""
        began = time.perf_counter()
        claimed = [self.claim(part) for part in self.parts(batch)]
        took = time.perf_counter() - began
        for claims in claimed:
            self.end(claims)
        return sum(len(claims) for claims in claimed) / took


_LIVES = iter(range(10**6))


def two_engines(url: URL) -> float:
    """Claim with two engines at once, each with connections of its own."""
    with opened(url) as first, opened(url) as second:
        lives = [Life(store, f"engine-{next(_LIVES)}") for store in (first, second)]
        gate = threading.Barrier(2)

        def claim(life: Life) -> int:
            gate.wait()
            return sum(len(life.claim(part)) for part in life.parts(256))

        with ThreadPoolExecutor(2) as pool:
            began = time.perf_counter()
            done = sum(pool.map(claim, lives))
            return done / (time.perf_counter() - began)


def empty_commits(store: Database) -> float:
    """Commit one small change after the other."""
    began = time.perf_counter()
    for _ in range(_FEW_COMMITS):
        with store.begin() as tx:
            _ = tx.seq
            tx.run_sql("UPDATE store_info SET retention_days = 1")
    return _FEW_COMMITS / (time.perf_counter() - began)


def lists(store: Database, kind: str, asked: argparse.Namespace) -> None:
    """Insert many definitions and read many jobs."""
    many = [a_definition(f"job-{number:06d}", groups=("g",)) for number in range(asked.jobs)]
    first, rest = many[:10_000], many[10_000:]
    began = time.perf_counter()
    with store.begin() as tx:
        jobs.insert_many(tx, first, NOON)
    print(f"{kind}: {len(first):,} definitions inserted: {time.perf_counter() - began:.2f} s")
    for start in range(0, len(rest), 10_000):
        with store.begin() as tx:
            jobs.insert_many(tx, rest[start : start + 10_000], NOON)
    with store.begin() as tx:
        ids = [job.jobid for job in jobs.all_jobs(tx)]
        revisions.open_many(tx, [NewRevision(each, many[0].schedule, NOON) for each in ids])

    def read() -> float:
        began = time.perf_counter()
        with store.read() as tx:
            jobs.all_jobs(tx)
        return time.perf_counter() - began

    def read_revisions() -> float:
        began = time.perf_counter()
        with store.read() as tx:
            revisions.current(tx)
        return time.perf_counter() - began

    print(f"{kind}: {len(ids):,} jobs read: {median(read, asked.rounds):.2f} s")
    print(f"{kind}: their revisions read: {median(read_revisions, asked.rounds):.2f} s")


if __name__ == "__main__":
    main()
