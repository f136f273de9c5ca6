from msgspec.structs import replace
from sqlalchemy import update

from engine.clock import DAY
from engine.domain.request import Request, RequestKind
from engine.persistence import requests, tables
from engine.persistence.database import Database
from tests.support.stores import NOON

ASKED = Request("r-1", RequestKind.RUN, {"job": "report", "force": False}, "ops", "cli", NOON)


def test_a_request_waits_until_it_is_answered(store: Database) -> None:
    with store.begin() as tx:
        requests.ask(tx, ASKED)
        (waiting,) = requests.pending(tx, "main")
        assert replace(waiting, created=NOON) == ASKED
        assert requests.answer(tx, "r-1", ok=True, answer={"job_instanceid": 7}, now=NOON + 1)
        assert requests.pending(tx, "main") == []
        assert requests.get(tx, "r-1") == replace(
            waiting, answered=NOON + 1, ok=True, answer={"job_instanceid": 7}
        )


def test_asking_twice_has_one_effect(store: Database) -> None:
    with store.begin() as tx:
        requests.ask(tx, ASKED)
        requests.answer(tx, "r-1", ok=True, answer={}, now=NOON)
        requests.ask(tx, replace(ASKED, payload={"job": "other"}))
        found = requests.get(tx, "r-1")
    assert found is not None
    assert (found.payload, found.ok) == (ASKED.payload, True)


def test_what_was_withdrawn_can_be_asked_again_and_what_was_refused_stays_so(
    store: Database,
) -> None:
    with store.begin() as tx:
        for name, ok in (("withdrawn", None), ("refused", False)):
            requests.ask(tx, replace(ASKED, requestid=name))
            assert requests.answer(tx, name, ok=ok, answer={"message": "no"}, now=NOON)
        assert requests.pending(tx, "main") == []
        for name in ("withdrawn", "refused"):
            requests.ask(tx, replace(ASKED, requestid=name))
        (waiting,) = requests.pending(tx, "main")
        refused = requests.get(tx, "refused")
    assert (waiting.requestid, waiting.ok, waiting.answer) == ("withdrawn", None, None)
    assert refused is not None
    assert (refused.ok, refused.answer) == (False, {"message": "no"})


def test_what_was_withdrawn_and_is_asked_again_is_what_is_asked_then(store: Database) -> None:
    anew = replace(ASKED, engine_key="other", payload={"job": "other"}, who="eve", source="there")
    with store.begin() as tx:
        requests.ask(tx, ASKED)
        assert requests.answer(tx, ASKED.requestid, ok=None, answer={}, now=NOON)
        requests.ask(tx, anew)
        assert requests.pending(tx, "main") == []
        (waiting,) = requests.pending(tx, "other")
    assert replace(waiting, created=NOON) == anew


def test_what_is_asked_again_while_it_waits_waits_from_then_on(store: Database) -> None:
    with store.begin() as tx:
        asked = requests.store_now(tx, NOON)
        requests.ask(tx, ASKED)
        tx.execute(update(tables.requests).values(created=asked - DAY))
        requests.ask(tx, ASKED)
        (waiting,) = requests.pending(tx, "main")
    assert waiting.created >= asked


def test_the_first_answer_stands(store: Database) -> None:
    with store.begin() as tx:
        requests.ask(tx, ASKED)
        assert requests.answer(tx, "r-1", ok=False, answer={"message": "late"}, now=NOON)
        assert not requests.answer(tx, "r-1", ok=True, answer={}, now=NOON + 1)
        assert not requests.answer(tx, "r-2", ok=True, answer={}, now=NOON)
        found = requests.get(tx, "r-1")
    assert found is not None
    assert (found.ok, found.answer) == (False, {"message": "late"})


def test_an_engine_sees_what_is_for_it_or_for_any_oldest_first(store: Database) -> None:
    with store.begin() as tx:
        requests.ask(tx, replace(ASKED, requestid="c", engine_key="other"))
        requests.ask(tx, replace(ASKED, requestid="b", engine_key="main", created=NOON + 1))
        requests.ask(tx, replace(ASKED, requestid="a", created=NOON + 2))
        assert [each.requestid for each in requests.pending(tx, "main")] == ["b", "a"]


def test_a_request_is_dated_by_the_clock_of_the_store(store: Database) -> None:
    with store.begin() as tx:
        before = requests.store_now(tx, NOON)
        requests.ask(tx, ASKED)
        (waiting,) = requests.pending(tx, "main")
        assert before <= waiting.created <= requests.store_now(tx, NOON)


def test_an_unknown_request_is_none(store: Database) -> None:
    with store.read() as tx:
        assert requests.get(tx, "never") is None


def test_old_answers_are_pruned_and_open_requests_are_not(store: Database) -> None:
    with store.begin() as tx:
        for name in ("old", "new", "open"):
            requests.ask(tx, replace(ASKED, requestid=name))
        requests.answer(tx, "old", ok=True, answer={}, now=NOON)
        requests.answer(tx, "new", ok=True, answer={}, now=NOON + DAY)
        assert requests.prune(tx, NOON + 1) == 1
        assert requests.get(tx, "old") is None
        assert requests.get(tx, "new") is not None
        assert requests.get(tx, "open") is not None
