"""Known faults, seeded into a faultless history: the checker must find every one.

Each mutation changes one random place and returns; its name is that of the invariant it breaks,
with a word after `/` where there are several ways.
"""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

from tests.checker.rows import History, Instance, Save, Stretch
from tests.checker.synthetic import HELD, MISSES, SECOND, SINGLE, STATE
from tests.checker.witness import Witness

Mutation = Callable[[History, Witness, random.Random], None]
Row = TypeVar("Row")

MUTATIONS: dict[str, Mutation] = {}


def breaks(name: str) -> Callable[[Mutation], Mutation]:
    def register(mutation: Mutation) -> Mutation:
        MUTATIONS[name] = mutation
        return mutation

    return register


def _pick(
    history: History, chance: random.Random, wanted: Callable[[Instance], bool]
) -> tuple[int, Instance]:
    """Choose one of the instances that are wanted, with its place."""
    places = [i for i, one in enumerate(history.instances) if wanted(one)]
    place = chance.choice(places)
    return place, history.instances[place]


def _on_time(one: Instance) -> bool:
    return one.status == "COMPLETE" and not one.late and one.jobid != STATE


def _pick_stretch(
    history: History, chance: random.Random, wanted: Callable[[Stretch], bool]
) -> tuple[int, Stretch]:
    place = chance.choice([i for i, one in enumerate(history.stretches) if wanted(one)])
    return place, history.stretches[place]


def _neighbours(rows: Sequence[Instance], chance: random.Random, jobid: int | None) -> list[int]:
    """Choose two on-time instances of one job, one right after the other, of the same session."""
    jobid = chance.choice(sorted({one.jobid for one in rows})) if jobid is None else jobid
    places = [i for i, one in enumerate(rows) if one.jobid == jobid and not one.late]
    pairs = [
        [a, b]
        for a, b in pairwise(places)
        if rows[a].sessionid == rows[b].sessionid and rows[a].status == "COMPLETE"
    ]
    return chance.choice(pairs)


def _forget(witness: Witness, number: int) -> None:
    for one in vars(witness).values():
        if isinstance(one, set):
            one.discard(number)
        else:
            one.pop(number, None)


@breaks("lost/instance")
def lose_instance(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, _on_time)
    del history.instances[place]
    _forget(witness, one.job_instanceid)


@breaks("lost/stretch")
def lose_stretch(history: History, witness: Witness, chance: random.Random) -> None:
    place, _ = _pick_stretch(history, chance, lambda _: True)
    del history.stretches[place]


@breaks("lost/end of stretch")
def shorten_stretch(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick_stretch(history, chance, lambda one: one.number > 2)
    shorter = one._replace(last=one.last - 60 * SECOND, number=one.number - 1)
    history.stretches[place] = shorter


@breaks("doubled/instance")
def run_again(history: History, witness: Witness, chance: random.Random) -> None:
    _, one = _pick(history, chance, _on_time)
    number = history.instances[-1].job_instanceid + 1
    history.instances.append(one._replace(job_instanceid=number, fence=number))
    witness.begun[number] += 1
    witness.ended.add(number)


@breaks("doubled/stretch")
def skip_what_ran(history: History, witness: Witness, chance: random.Random) -> None:
    _, one = _pick(history, chance, _on_time)
    assert one.due_at is not None
    history.stretches.append(
        Stretch(
            one.jobid, one.owner, "missed", "run_skipped is off", one.due_at, one.due_at, 1, None
        )
    )


@breaks("doubled/two stretches")
def miss_twice(history: History, witness: Witness, chance: random.Random) -> None:
    _, one = _pick_stretch(history, chance, lambda _: True)
    history.stretches.append(one._replace(last=one.first, number=1))


@breaks("never-due/instance")
def run_unasked(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, _on_time)
    assert one.due_at is not None
    history.instances[place] = one._replace(due_at=one.due_at - SECOND)


@breaks("never-due/stretch")
def miss_unasked(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick_stretch(history, chance, lambda one: one.number > 1)
    history.stretches[place] = one._replace(first=one.first - SECOND)


@breaks("never-due/expired")
def run_after_expiry(history: History, witness: Witness, chance: random.Random) -> None:
    place = chance.randrange(len(history.revisions))
    revision = history.revisions[place]
    dues = [one.due_at for one in history.instances if one.jobid == revision.jobid]
    history.revisions[place] = revision._replace(expires_at=dues[-3])


@breaks("miscounted")
def count_wrongly(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick_stretch(history, chance, lambda _: True)
    history.stretches[place] = one._replace(number=one.number + chance.choice((-1, 1)))


@breaks("beyond-cursor")
def hold_cursor_back(history: History, witness: Witness, chance: random.Random) -> None:
    place = chance.randrange(len(history.cursors))
    cursor = history.cursors[place]
    history.cursors[place] = cursor._replace(accounted_until=cursor.accounted_until - 300 * SECOND)


@breaks("false-excuse/stop")
def take_catch_up_away(history: History, witness: Witness, chance: random.Random) -> None:
    """A stop of the engine is no switch: what passed during a run is caught up afterwards."""
    place, one = _pick_stretch(history, chance, lambda one: one.verdict == "coalesced")
    history.stretches[place] = one._replace(
        verdict="skipped", reason="overlap", job_instanceid=None
    )


@breaks("early")
def start_early(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, _on_time)
    assert one.due_at is not None
    history.instances[place] = one._replace(started=one.due_at - 1)


@breaks("out-of-order")
def swap_instants(history: History, witness: Witness, chance: random.Random) -> None:
    a, b = _neighbours(history.instances, chance, None)
    first, second = history.instances[a], history.instances[b]
    history.instances[a] = first._replace(due_at=second.due_at, started=second.started)
    history.instances[b] = second._replace(due_at=first.due_at)


@breaks("stale-fence")
def reuse_fence(history: History, witness: Witness, chance: random.Random) -> None:
    a, b = _neighbours(history.instances, chance, None)
    history.instances[b] = history.instances[b]._replace(fence=history.instances[a].fence)


@breaks("false-excuse/engine")
def excuse_with_downtime(history: History, witness: Witness, chance: random.Random) -> None:
    starts = {one.started for one in history.sessions}  # just then an engine may be up or not
    place, one = _pick(history, chance, lambda one: _on_time(one) and one.due_at not in starts)
    assert one.due_at is not None
    del history.instances[place]
    _forget(witness, one.job_instanceid)
    history.stretches.append(
        Stretch(one.jobid, one.owner, "missed", "no engine was up", one.due_at, one.due_at, 1, None)
    )


@breaks("false-excuse/forgotten")
def excuse_with_forgetting(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick_stretch(history, chance, lambda one: one.verdict == "missed")
    history.stretches[place] = one._replace(reason="its engine was forgotten")


@breaks("false-excuse/switch")
def excuse_with_switch(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, lambda one: _on_time(one) and one.jobid != HELD)
    assert one.due_at is not None
    del history.instances[place]
    _forget(witness, one.job_instanceid)
    reason = chance.choice(("job disabled", "group disabled", "engine paused"))
    history.stretches.append(
        Stretch(one.jobid, one.owner, "skipped", reason, one.due_at, one.due_at, 1, None)
    )


@breaks("false-excuse/hold gone")
def forget_hold(history: History, witness: Witness, chance: random.Random) -> None:
    history.holds.clear()


@breaks("false-excuse/holder")
def excuse_with_holder(history: History, witness: Witness, chance: random.Random) -> None:
    last = [i for i, one in enumerate(history.instances) if one.jobid == SINGLE][-1]
    one = history.instances[last]
    assert one.due_at is not None
    del history.instances[last]
    _forget(witness, one.job_instanceid)
    held = "held by another session"
    history.stretches.append(
        Stretch(SINGLE, one.owner, "skipped", held, one.due_at, one.due_at, 1, None)
    )


@breaks("coalesced-nowhere/gone")
def coalesce_into_nothing(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick_stretch(history, chance, lambda one: one.verdict == "coalesced")
    into = chance.choice((None, 1_000_000))
    history.stretches[place] = one._replace(job_instanceid=into)


@breaks("coalesced-nowhere/other")
def coalesce_into_another(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick_stretch(history, chance, lambda one: one.verdict == "coalesced")
    _, other = _pick(
        history, chance, lambda each: each.jobid != one.jobid or (each.due_at or 0) < one.first
    )
    history.stretches[place] = one._replace(job_instanceid=other.job_instanceid)


@breaks("two-engines")
def let_two_engines_live(history: History, witness: Witness, chance: random.Random) -> None:
    first, second = history.sessions
    history.sessions[1] = second._replace(started=first.beat_at - SECOND)


@breaks("owner-not-freed")
def keep_owner(history: History, witness: Witness, chance: random.Random) -> None:
    place = chance.randrange(len(history.jobs))
    history.jobs[place] = history.jobs[place]._replace(sessionid=chance.choice((1, 99)))


@breaks("never-recovered")
def leave_open(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, lambda one: one.sessionid == 1)
    history.instances[place] = one._replace(status="IN-PROGRESS", completed=None, ending=None)


@breaks("half-finished")
def finish_half(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, _on_time)
    half = chance.choice(
        (
            one._replace(completed=None),
            one._replace(ending=None),
            one._replace(status="IN-PROGRESS"),
        )
    )
    history.instances[place] = half


@breaks("no-status")
def invent_status(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, _on_time)
    history.instances[place] = one._replace(status="CANCELED")


@breaks("stale-write")
def write_after_death(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, lambda one: _on_time(one) and one.sessionid == 1)
    end = history.sessions[0].ended or 0
    history.instances[place] = one._replace(completed=end + chance.randrange(1, SECOND))


@breaks("late-recovery")
def recover_late(history: History, witness: Witness, chance: random.Random) -> None:
    _crash(history, witness, chance)
    place, one = _pick(history, chance, lambda one: one.status == "CRASH")
    history.instances[place] = one._replace(completed=(one.completed or 0) + 60 * SECOND)


def _crash(history: History, witness: Witness, chance: random.Random) -> None:
    """Make one run of the first life a CRASH that the second one closed, as it should."""
    place, one = _pick(history, chance, lambda one: _on_time(one) and one.sessionid == 1)
    closed = history.sessions[1].started + SECOND // 2
    history.instances[place] = one._replace(status="CRASH", completed=closed, ending="lost")
    witness.ended.discard(one.job_instanceid)
    witness.ended_at.pop(one.job_instanceid, None)


@breaks("unrecorded")
def run_without_a_row(history: History, witness: Witness, chance: random.Random) -> None:
    witness.begun[history.instances[-1].job_instanceid + chance.randrange(1, 9)] += 1


@breaks("ran-twice")
def begin_twice(history: History, witness: Witness, chance: random.Random) -> None:
    _, one = _pick(history, chance, _on_time)
    witness.begun[one.job_instanceid] += 1


@breaks("false-crash/ended")
def call_crash(history: History, witness: Witness, chance: random.Random) -> None:
    place, one = _pick(history, chance, _on_time)
    history.instances[place] = one._replace(status="CRASH", ending="lost")


@breaks("false-crash/begun")
def call_never_begun(history: History, witness: Witness, chance: random.Random) -> None:
    _crash(history, witness, chance)
    place, one = _pick(history, chance, lambda one: one.status == "CRASH")
    history.instances[place] = one._replace(ending="never-begun")


@breaks("false-complete")
def call_complete(history: History, witness: Witness, chance: random.Random) -> None:
    _, one = _pick(history, chance, _on_time)
    witness.ended.discard(one.job_instanceid)


@breaks("overlap/single instance")
def overlap_across(history: History, witness: Witness, chance: random.Random) -> None:
    a, b = _neighbours(history.instances, chance, SINGLE)
    _overlap(history, witness, a, b)


@breaks("overlap/one engine")
def overlap_within(history: History, witness: Witness, chance: random.Random) -> None:
    a, b = _neighbours(history.instances, chance, MISSES)
    _overlap(history, witness, a, b)


def _overlap(history: History, witness: Witness, a: int, b: int) -> None:
    first, second = history.instances[a].job_instanceid, history.instances[b].job_instanceid
    witness.ended_at[first] = witness.began_at[second] + 0.001


@breaks("ran-while-held")
def run_while_held(history: History, witness: Witness, chance: random.Random) -> None:
    _, one = _pick(history, chance, _on_time)
    hold = history.holds[0]._replace(jobid=one.jobid, since=one.started - 1, until=one.started + 1)
    history.holds.append(hold)


@breaks("state-kept")
def keep_state(history: History, witness: Witness, chance: random.Random) -> None:
    _, one = _pick(history, chance, lambda one: one.jobid == STATE and one.status == "COMPLETE")
    history.states = [Save(STATE, one.job_instanceid, one.started, "{}")]


@breaks("stale-save/late")
def save_after_the_end(history: History, witness: Witness, chance: random.Random) -> None:
    place = chance.randrange(len(history.saves))
    save = history.saves[place]
    by = next(one for one in history.instances if one.job_instanceid == save.job_instanceid)
    history.saves[place] = save._replace(saved_at=(by.completed or 0) + 5 * SECOND)


@breaks("stale-save/other")
def save_for_another_job(history: History, witness: Witness, chance: random.Random) -> None:
    place = chance.randrange(len(history.saves))
    history.saves[place] = history.saves[place]._replace(jobid=SINGLE)


@breaks("state-wrong/old")
def find_old_state(history: History, witness: Witness, chance: random.Random) -> None:
    number = chance.choice(sorted(witness.found))
    witness.found[number] += chance.choice((-1, 1))


@breaks("state-wrong/lost")
def lose_a_save(history: History, witness: Witness, chance: random.Random) -> None:
    kept = [
        one.job_instanceid
        for one in history.instances
        if one.jobid == STATE and one.status == "ERROR"
    ]
    del witness.saved[chance.choice(kept[:-1])]
