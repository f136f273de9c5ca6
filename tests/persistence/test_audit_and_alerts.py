from engine.persistence import alerts, audit
from engine.persistence.audit import AuditEvent
from engine.persistence.database import Database, Transaction
from tests.support.stores import NOON


def an_event(tx: Transaction, event: str = "JOB-DISABLED", **values: object) -> None:
    """Record one audit event."""
    given = {
        "object_type": "job",
        "object_name": "report",
        "who": "ops",
        "source": "cli",
        "created": NOON,
        **values,
    }
    audit.add(tx, event=event, **given)  # type: ignore[arg-type]


def test_an_event_keeps_the_value_before_and_after(store: Database) -> None:
    with store.begin() as tx:
        an_event(tx, before={"enabled": True}, after={"enabled": False}, reason="upgrade")
        found = audit.query(tx)
    assert found == [
        AuditEvent(
            found[0].audit_eventid,
            "JOB-DISABLED",
            "job",
            "report",
            "ops",
            "cli",
            NOON,
            "upgrade",
            {"enabled": True},
            {"enabled": False},
        )
    ]


def test_events_are_found_newest_first(store: Database) -> None:
    with store.begin() as tx:
        an_event(tx, "A", created=NOON)
        an_event(tx, "B", created=NOON + 1, who="root")
        an_event(tx, "C", created=NOON + 2, object_name="other")
        an_event(tx, "D", created=NOON + 3, object_type="group")

        def found(**conditions: object) -> list[str]:
            return [each.event for each in audit.query(tx, **conditions)]  # type: ignore[arg-type]

        assert found() == ["D", "C", "B", "A"]
        assert found(limit=1) == ["D"]
        assert found(who="root") == ["B"]
        assert found(object_type="job", object_name="report") == ["B", "A"]
        assert found(event="C") == ["C"]
        assert found(since=NOON + 1, until=NOON + 3) == ["C", "B"]
        assert found(before_id=audit.query(tx)[1].audit_eventid) == ["B", "A"]


def test_an_ongoing_alert_is_up_once_and_brought_up_to_date(store: Database) -> None:
    with store.begin() as tx:
        assert alerts.raise_alert(tx, "JOB-EXPIRED", "job", "a", "first", NOON)
        assert not alerts.raise_alert(
            tx, "JOB-EXPIRED", "job", "a", "again", NOON + 5, job_instanceid=7
        )
        assert alerts.raise_alert(tx, "JOB-EXPIRED", "job", "b", "other", NOON + 1)
        found = alerts.current(tx)
    assert [(each.object_name, each.reason) for each in found] == [("a", "again"), ("b", "other")]
    assert (found[0].raised, found[0].updated, found[0].job_instanceid) == (NOON, NOON + 5, 7)


def test_an_alert_is_cleared_once_and_may_be_raised_anew(store: Database) -> None:
    with store.begin() as tx:
        alerts.raise_alert(tx, "JOB-EXPIRED", "job", "a", "why", NOON)
        assert alerts.clear_alert(tx, "JOB-EXPIRED", "job", "a", NOON + 1)
        assert not alerts.clear_alert(tx, "JOB-EXPIRED", "job", "a", NOON + 2)
        assert alerts.current(tx) == []
        assert alerts.raise_alert(tx, "JOB-EXPIRED", "job", "a", "why", NOON + 3)
        assert [each.cleared for each in alerts.query(tx)] == [None, NOON + 1]


def test_transient_alerts_are_each_their_own(store: Database) -> None:
    with store.begin() as tx:
        for at in (NOON, NOON + 1):
            assert alerts.raise_alert(
                tx, "JOB-INSTANCE-ERROR", "job", "a", "why", at, kind="transient"
            )
        assert not alerts.clear_alert(tx, "JOB-INSTANCE-ERROR", "job", "a", NOON + 2)
        assert len(alerts.current(tx)) == 2


def test_alerts_are_found_by_name_object_and_time(store: Database) -> None:
    with store.begin() as tx:
        alerts.raise_alert(tx, "A", "job", "a", "why", NOON)
        alerts.raise_alert(tx, "B", "job", "b", "why", NOON + 1)
        assert [each.alert for each in alerts.query(tx)] == ["B", "A"]
        assert [each.alert for each in alerts.query(tx, object_name="a")] == ["A"]
        assert [each.alert for each in alerts.query(tx, alert="B", object_type="job")] == ["B"]
        assert [each.alert for each in alerts.query(tx, since=NOON + 1)] == ["B"]
        assert len(alerts.query(tx, limit=1)) == 1


def test_a_limit_counts_no_cleared_alerts_where_none_are_wanted(store: Database) -> None:
    with store.begin() as tx:
        alerts.raise_alert(tx, "A", "job", "a", "why", NOON)
        alerts.raise_alert(tx, "B", "job", "b", "why", NOON + 1)
        alerts.clear_alert(tx, "B", "job", "b", NOON + 2)
        found = alerts.query(tx, since=NOON, cleared=False, limit=1)
        assert [each.alert for each in found] == ["A"]


def test_an_alert_of_then_has_no_reason_of_later(store: Database) -> None:
    with store.begin() as tx:
        alerts.raise_alert(tx, "FAILED", "job", "a", "first", NOON, job_instanceid=1)
        alerts.raise_alert(tx, "FAILED", "job", "a", "second", NOON + 20, job_instanceid=2)
        alerts.raise_alert(tx, "EXPIRED", "job", "b", "over", NOON + 5, kind="transient")
        alerts.raise_alert(tx, "GONE", "job", "c", "why", NOON)
        alerts.clear_alert(tx, "GONE", "job", "c", NOON + 10)
        told = [(each.alert, each.reason) for each in alerts.standing_at(tx, NOON + 10)]
        assert told == [("EXPIRED", "over"), ("FAILED", alerts.REASON_NOT_KEPT)]
        (_, failed) = alerts.standing_at(tx, NOON + 10)
        assert (failed.updated, failed.job_instanceid) == (NOON, None)
        newest, _ = alerts.standing_at(tx, NOON + 20)
        assert (newest.reason, newest.job_instanceid) == ("second", 2)
        assert len(alerts.standing_at(tx, NOON + 4)) == 2


def test_only_alerts_that_are_over_are_pruned(store: Database) -> None:
    with store.begin() as tx:
        alerts.raise_alert(tx, "UP", "job", "a", "why", NOON)
        alerts.raise_alert(tx, "CLEARED", "job", "a", "why", NOON)
        alerts.clear_alert(tx, "CLEARED", "job", "a", NOON)
        alerts.raise_alert(tx, "TRANSIENT", "job", "a", "why", NOON, kind="transient")
        assert alerts.prune(tx, NOON + 1) == 2
        assert [each.alert for each in alerts.query(tx)] == ["UP"]
