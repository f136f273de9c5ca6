"""`tocsin alert|session|audit list`: what happened, and who did it; `tocsin session forget`."""

import click

from app.cli.answers import as_json
from app.cli.lazy import Group, Lazy, command
from app.cli.moments import MOMENT, Moment
from app.cli.output import note, print_json, print_line, print_table, show_instant
from app.cli.place import Place, pass_place
from app.presentation.changes import change_text
from engine.control.actor import current_actor
from engine.control.sessions import SessionView
from engine.domain.eligibility import RUNNING

_ALERTS: Lazy = {"list": ("app.cli.events:alert_list", "Alerts, the newest first.")}
_SESSIONS: Lazy = {
    "list": ("app.cli.events:session_list", "Sessions, the newest first."),
    "forget": ("app.cli.events:session_forget", "End the accounts of a removed engine."),
}
_AUDIT: Lazy = {"list": ("app.cli.events:audit_list", "Changes, the newest first.")}
_since = click.option("--since", type=MOMENT, metavar="T", help="At or after T: ISO 8601 or 24h.")
_limit = click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    metavar="N",
    help="At most so many; default 100.",
)


@click.group("alert", cls=Group, lazy=_ALERTS)
def alert() -> None:
    """What an operator should know."""


@click.group("session", cls=Group, lazy=_SESSIONS)
def session() -> None:
    """Every life of every engine on this store."""


@click.group("audit", cls=Group, lazy=_AUDIT)
def audit() -> None:
    """Who changed what, when and from where."""


@command("list")
@click.option("--all", "every", is_flag=True, help="Cleared ones too.")
@_since
@_limit
@as_json
@pass_place
def alert_list(
    place: Place, every: bool, since: Moment | None, limit: int, json_output: bool
) -> None:
    """List the alerts that stand, the newest first.

    An ongoing one stands until its cause is gone, a transient one until it is pruned.
    """
    system = place.system()
    at = None if since is None else since.at(system.now(), -1)
    if every or at is not None:
        views = system.alerts.query(since=at, cleared=every, limit=limit)
    else:
        views = system.alerts.current()[:limit]
    if json_output:
        print_json([view.as_json() for view in views])
        return
    rows = [
        (
            view.alert.alert,
            f"{view.alert.object_type} {view.alert.object_name}",
            view.alert.kind,
            show_instant(view.alert.raised),
            show_instant(view.alert.cleared),
            view.alert.reason,
        )
        for view in views
    ]
    print_table(("ALERT", "OBJECT", "TYPE", "RAISED", "CLEARED", "REASON"), rows, prose=True)


@command("list")
@_since
@_limit
@as_json
@pass_place
def session_list(place: Place, since: Moment | None, limit: int, json_output: bool) -> None:
    """List sessions, the newest first, with what their engines run."""
    system = place.system()
    at = None if since is None else since.at(system.now(), -1)
    views = system.sessions.all(since=at, limit=limit)
    if json_output:
        print_json([view.as_json() for view in views])
        return
    rows = [
        (
            view.session.sessionid,
            view.session.engine_key,
            view.session.host,
            view.session.pid,
            view.session.version,
            _standing(view),
            view.running,
            show_instant(view.session.started),
            show_instant(view.session.ended or view.session.beat_at),
        )
        for view in views
    ]
    headers = ("ID", "INSTANCE", "HOST", "PID", "VERSION", "STATUS", "RUNS", "SINCE", "LAST BEAT")
    print_table(headers, rows)
    for view in views:
        if view.lost_at is not None:
            note(
                f"session {view.session.sessionid} of '{view.session.engine_key}' is lost: its "
                f"lease ran out at {show_instant(view.lost_at)}; another engine, or the next "
                "start, rescues it"
            )
    if not any(view.is_alive for view in views):
        note("no engine is alive")


def _standing(view: SessionView) -> str:
    """Return a session's status, with its mode where it has another than to run."""
    session = view.session
    if not view.is_alive:
        how = "not alive" if view.lost_at is None else "lost"
        return session.status if session.ended else f"{session.status} ({how})"
    return session.status if session.mode == RUNNING else f"{session.status} ({session.mode})"


@command("forget")
@click.argument("key")
@as_json
@pass_place
def session_forget(place: Place, key: str, json_output: bool) -> None:
    """End the accounts of the engine KEY, which was removed for good.

    Jobs that every engine runs are due for it no more; what it left open is missed. It must not be
    alive. Should it come back, its accounts begin anew.
    """
    done = place.system().sessions.forget(key, current_actor())
    if json_output:
        print_json(done.as_json())
        return
    accounts = f"{done.jobs:,} account{'' if done.jobs == 1 else 's'}"
    instants = f"{done.missed:,} due instant{'' if done.missed == 1 else 's'}"
    print_line(f"engine '{key}' is forgotten: {accounts} ended, {instants} missed")


@command("list")
@_since
@click.option("--object", "object_name", metavar="NAME", help="Of this job, group or instance.")
@_limit
@as_json
@pass_place
def audit_list(
    place: Place,
    since: Moment | None,
    object_name: str | None,
    limit: int,
    json_output: bool,
) -> None:
    """List changes, the newest first."""
    system = place.system()
    at = None if since is None else since.at(system.now(), -1)
    views = system.audit.query(since=at, object_name=object_name, limit=limit)
    if json_output:
        print_json([view.as_json() for view in views])
        return
    rows = [
        (
            show_instant(view.event.created),
            view.event.event,
            f"{view.event.object_type} {view.event.object_name}",
            view.event.who,
            view.event.source,
            change_text(view.event.before, view.event.after, view.event.reason),
        )
        for view in views
    ]
    print_table(("WHEN", "EVENT", "OBJECT", "WHO", "FROM", "CHANGE"), rows, prose=True)
