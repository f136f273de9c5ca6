"""After a prune everybody says up to when the records are gone, and nothing becomes unexplained."""

from engine.clock import DAY, HOUR, MINUTE, Instant, to_iso, to_text
from engine.control import Actor, System
from engine.control.doctor import examine
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition


def lived(engine: ManualEngine) -> Instant:
    """Let two jobs run for ten days, one of them kept for two; return the moment they began."""
    engine.world.ends_at_once = True
    engine.open()
    began = engine.clock.now()
    engine.add(definition("short", cron("0 * * * *"), retention=2.0))
    engine.add(definition("kept", cron("0 */6 * * *")))
    engine.advance(10 * 86400, step=1800)
    return began


def test_the_ledger_says_up_to_when_each_job_was_pruned(
    engine: ManualEngine, system: System, actor: Actor
) -> None:
    began = lived(engine)
    system.upkeep.prune(actor)
    report = system.ledger.report()
    assert (report.is_clean, report.since) == (True, began)
    kept, short = report.jobs
    assert (kept.name, kept.due, kept.pruned_until) == ("kept", 40, None)
    assert short.due == 49
    assert short.pruned_until == report.pruned_until
    last = engine.clock.now() - 2 * DAY - 1
    assert short.pruned_until == last - last % HOUR
    assert report.pruned == f"records of 'short' before {to_text(short.pruned_until)} are pruned"
    assert report.as_json()["pruned_until"] == to_iso(short.pruned_until)
    assert system.ledger.report(engine.clock.now() - DAY).pruned == ""


def test_the_ledger_of_one_job_begins_with_what_is_known_of_it(
    engine: ManualEngine, system: System, actor: Actor
) -> None:
    lived(engine)
    system.upkeep.prune(actor)
    report = system.ledger.report(job="short")
    assert report.since == report.pruned_until
    assert (report.due, report.unexplained) == (49, 0)


def test_a_window_that_is_pruned_whole_is_told_as_such(
    engine: ManualEngine, system: System, actor: Actor
) -> None:
    began = lived(engine)
    system.upkeep.prune(actor)
    report = system.ledger.report(began, began + 3 * DAY, "short")
    assert (report.due, report.is_clean) == (0, True)
    assert "of 'short'" in report.pruned


def test_why_says_that_the_record_of_an_instant_is_pruned(
    engine: ManualEngine, system: System, actor: Actor
) -> None:
    began = lived(engine)
    system.upkeep.prune(actor)
    until = to_iso(system.ledger.report().pruned_until or 0)[:10]
    due = began + DAY
    for instant, verdict in ((due - due % HOUR, "unknown"), (due - due % HOUR + MINUTE, "not due")):
        told = system.why.explain("short", instant)
        assert told.verdict == verdict
        assert f"Its records before {until}" in " ".join(told.causes)
        assert any("retention" in each for each in told.advice)
    assert system.why.explain("kept", due - due % (6 * HOUR)).verdict == "ran"


def test_the_doctor_says_what_is_pruned(engine: ManualEngine, system: System, actor: Actor) -> None:
    lived(engine)
    system.upkeep.prune(actor)
    engine.close()
    (found,) = (each for each in examine(system.context.settings) if each.check == "ledger")
    assert found.result == "ok"
    assert found.message.endswith("are pruned")


def test_the_engine_prunes_by_the_same_rule(engine: ManualEngine, system: System) -> None:
    lived(engine)
    engine.advance(2 * 3600, step=1800)
    report = system.ledger.report(job="short")
    assert report.pruned_until is not None
    assert report.pruned_until >= engine.clock.now() - 2 * DAY - HOUR
    assert report.is_clean
