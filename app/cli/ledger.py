"""`tocsin ledger`: the account of due instants against verdicts."""

from typing import TYPE_CHECKING

import click

from app.cli.answers import as_json
from app.cli.completing import job_names
from app.cli.lazy import command
from app.cli.moments import MOMENT, Moment
from app.cli.output import note, print_fields, print_json, print_line, print_table, show_instant
from app.cli.place import Place, pass_place
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.control.ledger import JobLedger, LedgerReport

_COUNTED = ("due", "ran", "late", "coalesced", "skipped", "missed", "pending", "unexplained")


@command("ledger")
@click.argument("name", required=False, shell_complete=job_names)
@click.option("--since", type=MOMENT, metavar="T", help="Default: all that is known.")
@click.option("--until", type=MOMENT, metavar="T", help="Default: now.")
@click.option("--job", metavar="J", shell_complete=job_names, help="Of this job only, as NAME.")
@as_json
@pass_place
def ledger(
    place: Place,
    name: str | None,
    since: Moment | None,
    until: Moment | None,
    job: str | None,
    json_output: bool,
) -> None:
    """Show how many instants were due and what became of each; `unexplained` is 0.

    Recomputed from the history of the schedules, not from what the engine wrote. T: ISO 8601, a
    date, 02:30 (today), or 24h, 10m, 7d ago.
    """
    if name is not None and job not in {None, name}:
        raise click.UsageError(f"One job at a time: {name} or {job}.")
    system = place.system()
    now = system.now()
    begins = None if since is None else since.at(now, -1)
    ends = None if until is None else until.at(now, -1)
    if begins is not None and begins >= (now if ends is None else ends):
        raise UsageError(
            "--since lies after the end of the window; the ledger accounts for the past."
        )
    report = system.ledger.report(since=begins, until=ends, job=name or job)
    if report.since == report.until:
        note("no engine has scheduled anything yet: nothing was due")
    if json_output:
        print_json(report.as_json())
    else:
        _print(report)


def _print(report: "LedgerReport") -> None:
    total = report.total
    fields: dict[str, object] = {
        "window": f"{show_instant(report.since)} to {show_instant(report.until)}"
    }
    fields.update({name: f"{getattr(total, name):,}" for name in _COUNTED})
    fields["unexplained"] = _unexplained(total)
    for name, by in (("skipped", total.skipped_by), ("missed", total.missed_by)):
        if by:
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in by.items())
            fields[name] = f"{fields[name]} ({reasons})"
    if total.doubled:
        fields["doubled"] = total.doubled
    if total.never_due:
        fields["never due"] = total.never_due
    if report.unknown:
        fields["unknown"] = report.unknown
    if report.pruned:
        fields["pruned"] = report.pruned
    print_fields(fields)
    if len(report.jobs) > 1:
        print_line("")
        print_table(
            ("JOB", *(name.upper() for name in _COUNTED)),
            [
                (each.name, *(getattr(each, name) for name in _COUNTED[:-1]), _unexplained(each))
                for each in report.jobs
            ],
        )
    if report.problems:
        print_line("")
        print_table(
            ("JOB", "PROBLEM", "FIRST", "LAST", "COUNT", "DETAIL"),
            [
                (
                    name,
                    problem.kind,
                    show_instant(problem.first),
                    show_instant(problem.last),
                    problem.count,
                    problem.detail,
                )
                for name, problem in report.problems
            ],
        )


def _unexplained(sums: "JobLedger") -> str:
    """Return how many instants nothing explains; "?" says that not all that was due is known."""
    return f"{sums.unexplained:,}{'?' if sums.unknown else ''}"
