"""Engines that share a job take turns at it: another one goes first for each job."""

from collections import Counter

from engine.clock import SECOND
from engine.domain.schedule.revision import Revision
from engine.scheduling.agenda import Agenda, Entry
from engine.scheduling.turns import Turns
from tests.support.builders import every, instant, job

NOON = instant("2026-03-01T12:00:00")
PAUSE = 20_000
KEYS = ("a", "b", "c")


def turns_of(key: str, *others: str) -> Turns:
    turns = Turns(PAUSE)
    turns.see(key, others)
    return turns


def test_each_engine_has_its_own_place_and_all_come_first_for_some_jobs() -> None:
    seen = [turns_of(key, *(other for other in KEYS if other != key)) for key in KEYS]
    first: Counter[int] = Counter()
    for jobid in range(300):
        delays = [turns.delay(jobid) for turns in seen]
        assert sorted(delays) == [0, PAUSE, 2 * PAUSE]
        first[delays.index(0)] += 1
    assert min(first.values()) > 60


def test_an_engine_without_peers_waits_for_nobody() -> None:
    turns = turns_of("a", "b")
    turns.see("a", ())
    assert not any(turns.delay(jobid) for jobid in range(50))


def test_a_due_job_is_left_to_the_engine_whose_turn_it_is_and_is_not_lost() -> None:
    agenda = Agenda()
    for jobid in range(1, 20):
        shared = Entry(job(f"j{jobid}", every(10), jobid=jobid), "")
        shared.cursor = NOON
        shared.set_revisions((Revision(jobid, jobid, every(10), NOON),))
        agenda.add(shared)
    agenda.turns.pause = PAUSE
    agenda.turns.see("a", ["b"])
    agenda.plan_all(NOON)
    due = NOON + 10 * SECOND
    at_once, later = agenda.pop_due(due), agenda.pop_due(due + PAUSE)
    assert len(at_once) + len(later) == 19
    assert at_once
    assert later
    entry = later[0]
    entry.not_before = due + 3 * PAUSE  # a peer decides about it
    agenda.plan(entry, due + PAUSE)
    assert agenda.next_wake() == due + 3 * PAUSE
