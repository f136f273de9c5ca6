"""What `tocsin overview --at` prints: what stood at an instant of the past."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.output import note, print_fields, print_json, print_line, print_table, show_instant
from app.presentation.quantities import counted

if TYPE_CHECKING:
    from engine.control.moment import Moment


def print_moment(moment: "Moment", *, json_output: bool) -> None:
    """Print everything that is recorded of an instant."""
    if moment.pruned:
        note(f"records of that time are pruned for {counted(moment.pruned, 'job')}")
    if json_output:
        print_json(moment.as_json())
        return
    total = moment.account.total
    print_fields(
        {
            "at": show_instant(moment.at),
            "engine": ", ".join(
                f"'{each.engine_key}' on {each.host}, session {each.sessionid}"
                for each in moment.sessions
            )
            or "none was up",
            "due": f"{total.due} within a minute of it: {total.ran} ran, {total.late} late, "
            f"{total.coalesced} coalesced, {total.skipped} skipped, {total.missed} missed, "
            f"{total.pending} pending, {total.unexplained}"
            f"{'?' if total.unknown else ''} unexplained",
        }
    )
    _table(("NOT RUN", "WHY"), moment.not_run)
    _table(
        ("RUNNING", "JOB", "SINCE", "THEN"),
        [
            (
                f"#{each.instance.job_instanceid}",
                each.name,
                show_instant(each.instance.started),
                str(each.instance.jobstatus),
            )
            for each in moment.running
        ],
    )
    _table(
        ("KEPT FROM RUNNING", "BY", "SINCE", "UNTIL", "WHO"),
        [
            (
                name or "every job",
                " ".join(filter(None, [hold.reason, hold.detail])),
                show_instant(hold.since),
                show_instant(hold.until),
                hold.who or "-",
            )
            for name, hold in moment.holds
        ],
    )
    _table(
        ("ALERT", "OBJECT", "REASON"),
        [(each.alert.alert, each.alert.object_name, each.alert.reason) for each in moment.alerts],
    )
    _table(
        ("CHANGED BEFORE", "WHAT", "OBJECT", "WHO"),
        [
            (
                show_instant(each.event.created),
                each.event.event,
                each.event.object_name,
                each.event.who,
            )
            for each in moment.changes
        ],
    )


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        print_line("")
        print_table(heads, rows)
