"""A lost engine is rescued by its peers: truthfully, once, and never while it beats."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import psycopg

from engine.domain.instance import Ending, Status
from engine.domain.request import RequestKind
from engine.domain.run import Adoption
from engine.domain.session import SessionStatus
from engine.domain.verdict import Reason, Verdict
from engine.persistence import audit, sessions
from engine.persistence.database import Database, Transaction
from engine.scheduling.rescuer import Rescuer
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedExecutor, ScriptedWorld
from tests.cluster.conftest import Joiner, both
from tests.support.builders import cron, definition, every


def test_a_lost_engine_is_rescued_after_its_lease_and_its_job_runs_elsewhere(
    join: Joiner,
) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", cron("* * * * *"), single_instance=True))
    second.tick()
    first.advance(60)
    (number,) = first.world.running
    first.kill()
    second.tick()
    second.advance(9.5, step=0.5)
    assert second.instances("one")[0].jobstatus is Status.IN_PROGRESS
    second.advance(1, step=0.5)
    crashed = second.instances("one")[0]
    assert (crashed.jobstatus, crashed.ending) == (Status.CRASH, Ending.LOST)
    with second.database.read() as tx:
        dead = sessions.get(tx, first.life.session.sessionid)
    assert dead.status is SessionStatus.RECOVERED
    second.advance(60, step=5)
    assert second.instances("one")[-1].sessionid == second.life.session.sessionid
    assert number in second.world.running  # the zombie's own supervisor ends it at its deadline


def test_ends_that_are_on_disk_are_told_by_whoever_rescues_on_the_same_host(join: Joiner) -> None:
    first, second = join("a"), join("b")
    for name in ("job", "other"):
        first.add(definition(name, every(60)))
    first.advance(60)
    done, cut_off = first.world.running
    second.tick()
    first.kill()
    first.world.end(done)
    first.world.end(cut_off, Ending.LEASE_LOST)
    second.advance(12, step=1)
    rows = {row.job_instanceid: (row.jobstatus, row.ending) for row in second.instances()}
    assert rows[done] == (Status.COMPLETE, Ending.RETURNED)
    assert rows[cut_off] == (Status.CRASH, Ending.LEASE_LOST)


def test_runs_that_a_peer_closed_while_they_were_adopted_are_ended(
    join: Joiner, world: ScriptedWorld
) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", cron("* * * * *"), single_instance=True))
    second.tick()
    first.advance(60)
    (number,) = world.running
    (supervisor,) = [each for each in world.supervisors.values() if each.running]
    deadline = supervisor.deadline
    first.kill()
    with first.database.begin() as tx:
        sessions.mark(tx, first.life.session.sessionid, SessionStatus.ABNORMAL, first.clock.now())
    second.tick()

    class Slow(ScriptedExecutor):
        """Adopts so slowly that the lease of the one before runs out; its own is renewed."""

        def adopt(self, address: str) -> Adoption:
            found = super().adopt(address)
            for _ in range(12):
                second.advance(1)
                heir.life.heartbeat.beat()
            self.set_deadline(deadline + 100)
            assert supervisor.deadline == deadline  # not ours yet, and no longer to be ours
            return found

    heir = ManualEngine(
        first.settings.home,
        clock=first.clock,
        world=world,
        database_url=first.settings.database_url,
        settings=first.settings,
        executor_for=lambda session: Slow(world, session),
    )
    heir.open()
    assert number not in world.running
    crashed = heir.instances("one")[0]
    assert (crashed.jobstatus, crashed.ending) == (Status.CRASH, Ending.LOST)
    heir.kill()
    heir.database.close()


def test_a_slow_engine_that_still_beats_is_never_rescued(join: Joiner) -> None:
    first, second = join("a"), join("b")
    for _ in range(60):
        second.advance(1)
        first.life.heartbeat.beat()
    with second.database.read() as tx:
        assert sessions.get(tx, first.life.session.sessionid).status is SessionStatus.ACTIVE


def test_a_beat_that_is_on_its_way_keeps_a_session_alive(join: Joiner) -> None:
    first, second = join("a"), join("b")
    second.tick()
    second.advance(9, step=1)
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    waits += " AND wait_event_type = 'Lock'"
    rescue = threading.Thread(target=second.advance, args=(3,), kwargs={"step": 1})
    sessionid = first.life.session.sessionid
    with first.database.begin() as tx:
        sessions.beat(tx, sessionid, first.clock.now())
        rescue.start()
        with psycopg.connect(first.settings.database_url, autocommit=True) as looking:
            while looking.execute(waits).fetchone() == (0,):
                assert rescue.is_alive()
    rescue.join()
    with second.database.read() as tx:
        assert sessions.get(tx, sessionid).status is SessionStatus.ACTIVE


def test_a_peer_is_watched_for_a_lease_from_when_its_beat_was_read(join: Joiner) -> None:
    first, second = join("a"), join("b")
    rescuer = Rescuer(second.life.context, second.life.scheduler)
    rescuer.tick(0)
    first.life.heartbeat.beat()
    second.clock.advance(0.5)

    class Slow:
        """A store that answers after nine seconds."""

        def __init__(self, database: Database) -> None:
            self.begin = database.begin
            self._glance = database.glance

        @contextmanager
        def glance(self) -> Iterator[Transaction]:
            with self._glance() as tx:
                second.clock.advance(9)
                yield tx

    quick = second.life.context.database
    second.life.context.database = cast("Database", Slow(quick))
    rescuer.tick(0)
    second.life.context.database = quick
    second.clock.advance(2)
    rescuer.tick(0)
    with quick.read() as tx:
        assert sessions.get(tx, first.life.session.sessionid).status is SessionStatus.ACTIVE


def test_a_rescued_engine_can_record_and_claim_nothing_more(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.add(definition("each", every(60)))
    first.advance(60)
    (number,) = first.world.running
    second.tick()
    second.advance(12, step=1)
    first.world.end(number)
    assert not first.life.heartbeat.beat()
    first.life.scheduler.turn(first.clock.now())
    assert first.life.context.refused == 1
    assert first.instances("each")[0].jobstatus is Status.CRASH


def test_a_rescue_waits_for_the_ends_that_the_lost_engine_is_writing(join: Joiner) -> None:
    first, second = join("a"), join("b")
    second.life.context.agenda.turns.pause = 15_000
    jobid = first.add(definition("each", every(60)))
    first.advance(60)
    (number,) = first.world.running
    rescuer = Rescuer(second.life.context, second.life.scheduler)
    rescuer.tick(0)
    while first.clock.monotonic() < first.life.heartbeat.deadline:
        first.clock.advance(0.4)
        rescuer.tick(0)
    first.clock.advance(2)
    first.world.end(number)
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    waits += " AND wait_event_type = 'Lock'"
    turning = threading.Thread(target=first.life.scheduler.turn, args=(first.clock.now(),))
    rescuing = threading.Thread(target=rescuer.tick, args=(0,))
    with (
        psycopg.connect(first.settings.database_url) as holding,
        psycopg.connect(first.settings.database_url, autocommit=True) as looking,
    ):
        holding.execute("SELECT 1 FROM jobs WHERE jobid = %s FOR UPDATE", (jobid,))
        for waiting, thread in enumerate((turning, rescuing), start=1):
            thread.start()
            while looking.execute(waits).fetchone() != (waiting,):
                assert thread.is_alive()
    turning.join()
    rescuing.join()
    (only,) = first.instances("each")
    assert only.jobstatus is Status.COMPLETE
    with first.database.read() as tx:
        told = audit.query(tx, event="JOB-RECOVERY")
        lost = sessions.get(tx, first.life.session.sessionid)
    assert lost.status is SessionStatus.RECOVERED
    assert told == []


def test_a_paused_engine_that_was_rescued_was_paused_for_as_long_as_it_lived(
    join: Joiner,
) -> None:
    west, east = join("west"), join("east")
    west.add(definition("each", cron("*/10 * * * *"), run_skipped=False))
    west.ask(RequestKind.PAUSE)
    both(west, east, 11 * 60, 9)
    west.kill()
    east.advance(12, step=1)
    east.clock.advance(3 * 3600)
    again = join("west")
    told = [each for each in again.verdicts("each") if each.engine_key == "west"]
    assert [(each.verdict, each.reason, each.count) for each in told] == [
        (Verdict.SKIPPED, Reason.PAUSED, 1),
        (Verdict.MISSED, Reason.NO_ENGINE, 18),
    ]
