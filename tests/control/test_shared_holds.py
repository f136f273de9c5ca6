"""When the pause of one engine explains what a job that any of them runs did not do."""

from msgspec.structs import replace

from engine.control.shared_holds import shared_holds, without
from engine.domain.session import Session, SessionStatus
from engine.domain.verdict import Hold, Reason

NOW = 1000


def a_session(key: str, started: int, beat_at: int) -> Session:
    given = (key, "host", 1, "boot", 1, "", SessionStatus.RECOVERED, started, None, 0, beat_at)
    return Session(1, *given, 10.0)


def spans(holds: list[Hold], *sessions: Session) -> list[tuple[str, int, int | None]]:
    found = shared_holds(holds, sessions, NOW, lambda each: each.beat_at)
    return [(each.engine_key, each.since, each.until) for each in found]


def a_pause(key: str, since: int, until: int | None = None) -> Hold:
    made = Hold(None, Reason.PAUSED, since, until, "", "ops")
    return replace(made, engine_key=key)


def test_a_pause_explains_what_the_only_engine_did_not_run() -> None:
    main = a_session("main", 0, NOW)
    assert spans([a_pause("main", 100)], main) == [("main", 100, None)]
    assert spans([a_pause("main", 100, 300)], main) == [("main", 100, 300)]


def test_it_explains_nothing_while_another_engine_was_up() -> None:
    main, other = a_session("main", 0, NOW), a_session("other", 200, 400)
    assert spans([a_pause("main", 100)], main, other) == [("main", 100, 200), ("main", 400, None)]


def test_engines_that_were_paused_together_held_it_together() -> None:
    main, other = a_session("main", 0, NOW), a_session("other", 0, NOW)
    holds = [a_pause("main", 100, 500), a_pause("other", 300, 700)]
    assert spans(holds, main, other) == [("main", 300, 500), ("other", 300, 500)]


def test_what_is_cut_out_leaves_both_sides() -> None:
    assert without([(0, 10)], [(3, 5), (5, 6), (20, 30)]) == [(0, 3), (6, 10)]
    assert without([(0, 10)], [(0, 10)]) == []
