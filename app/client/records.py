"""What the engine has recorded, as the console shows it: audit, alerts, ledger, a moment."""

from typing import TYPE_CHECKING

from app.client.rows import instance_row, session_row
from app.client.views import AlertView, AuditView, HoldView, LedgerView, MomentView
from engine.clock import to_iso

if TYPE_CHECKING:  # the services are loaded when they are first asked
    from engine.control.alerts import AlertView as Alert
    from engine.control.audit import AuditView as Audited
    from engine.control.ledger import LedgerReport
    from engine.control.moment import Moment


def alert_view(view: "Alert") -> AlertView:
    """Return one alert."""
    alert = view.alert
    return AlertView(
        alert.alert,
        alert.object_name,
        alert.reason,
        alert.raised,
        alert.cleared,
        alert.job_instanceid,
    )


def audit_view(view: "Audited") -> AuditView:
    """Return one recorded change."""
    event = view.event
    return AuditView(
        event.created,
        event.event,
        event.object_type,
        event.object_name,
        event.who,
        event.source,
        event.before,
        event.after,
        event.reason,
    )


def ledger_view(report: "LedgerReport") -> LedgerView:
    """Return the account of a window."""
    total = report.total
    lines = [f"skipped, {reason}: {count:,}" for reason, count in total.skipped_by.items()]
    lines += [f"missed, {reason}: {count:,}" for reason, count in total.missed_by.items()]
    lines += [
        f"{job}: {problem.kind} {to_iso(problem.first)} .. {to_iso(problem.last)} "
        f"x{problem.count} {problem.detail}"
        for job, problem in report.problems
    ]
    return LedgerView(
        report.since,
        report.until,
        total.due,
        total.ran,
        total.late,
        total.coalesced,
        total.skipped,
        total.missed,
        total.unexplained + total.doubled + total.never_due,
        (*lines, *filter(None, [report.pruned])),
        report.pruned_until,
        total.pending,
        total.unknown,
    )


def moment_view(moment: "Moment") -> MomentView:
    """Return what is recorded of one instant."""
    return MomentView(
        moment.at,
        tuple(session_row(each) for each in moment.sessions),
        tuple(instance_row(each) for each in moment.running),
        ledger_view(moment.account),
        tuple(f"{name}: {words}" for name, words in moment.not_run),
        tuple(
            HoldView(name, " ".join(filter(None, [each.reason, each.detail])), each.since,
                     each.until, each.who)
            for name, each in moment.holds
        ),
        tuple(audit_view(each) for each in moment.changes),
        tuple(alert_view(each) for each in moment.alerts),
        moment.pruned,
    )  # fmt: skip
