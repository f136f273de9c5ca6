"""Groups, the engine, and its records in the plain console."""

import os
from collections.abc import Callable
from functools import partial

from app.client.rows import session_row
from app.plain.commands import Command, words
from app.plain.talk import Choice, Talk
from app.presentation.changes import change_text
from app.presentation.instants import full_time
from app.presentation.quantities import counted
from app.presentation.spoken import engine_sentence
from app.sanitize import safe_line
from app.store.query_values import parse_since
from engine.clock import DAY
from engine.control.groups import GroupView
from engine.errors import UsageError


def list_groups(talk: Talk, rest: str) -> None:
    """Read out the groups; a number opens one."""
    words(rest, "groups", 0, 0)
    views = talk.system.groups.all()
    talk.say(f"{counted(len(views), 'group')}. A number opens one.")
    talk.offer([Choice(_group_sentence(view), partial(_open_group, talk, view)) for view in views])


def _group_sentence(view: GroupView) -> str:
    group = view.group
    off = "" if group.enabled else f", disabled by {group.disabled_by or 'somebody'}"
    text = f"{group.name}: {counted(len(view.jobs), 'job')}{off}"
    return f"{text}; {group.description}" if group.description else text


def _open_group(talk: Talk, view: GroupView) -> None:
    from app.plain.jobs import list_jobs

    group = view.group
    verb = "disable" if group.enabled else "enable"
    talk.say(_group_sentence(view))
    talk.offer(
        [
            Choice("its jobs", lambda: list_jobs(talk, f'group:"{group.name}"')),
            Choice(f"{verb} it", lambda: group_command(talk, f"{verb} {group.name}")),
            Choice("all groups", lambda: list_groups(talk, "")),
        ]
    )


def group_command(talk: Talk, rest: str) -> None:
    """Enable, disable, create, delete, fill or empty a group."""
    usage = "group enable|disable|create|delete NAME, or: group add|remove NAME JOB..."
    talk.must_change("group")
    given = words(rest, usage, 2)
    verb, name, jobs = given[0], given[1], given[2:]
    groups, actor = talk.system.groups, talk.actor
    if verb in {"add", "remove"} and jobs:
        act = groups.add if verb == "add" else groups.remove
        talk.tell("job", act(name, jobs, actor))
    elif jobs and verb != "create":
        raise UsageError(f"usage: {usage}")
    elif verb == "create":
        talk.say(f"Group {name}: {groups.create(name, actor, description=' '.join(jobs))}")
    elif verb in {"enable", "disable"}:
        members = len(groups.get(name).jobs)
        if talk.confirm(f"{verb} group {name} with {counted(members, 'job')}?"):
            talk.tell("group", groups.set_enabled([name], verb == "enable", actor))
    elif verb == "delete":
        if talk.confirm(f"Delete group {name}? Its jobs stay.", name):
            talk.tell("group", groups.delete([name], actor))
    else:
        raise UsageError(f"usage: {usage}")


def engine(talk: Talk, rest: str) -> None:
    """Tell which engines are alive, and how the whole is."""
    words(rest, "engine", 0, 0)
    status = talk.system.engine.status()
    talk.say(
        engine_sentence([session_row(each) for each in status.engines], os.getpid(), talk.zone)
    )
    talk.say(
        f"Health {status.health}; {counted(status.jobs, 'job')}, {status.running} running, "
        f"{counted(status.alerts, 'alert')}; store {status.where}"
    )
    overview = talk.system.overview(talk.now - DAY)
    counts = ", ".join(f"{number} {status}" for status, number in overview.counts.items() if number)
    talk.say(f"The last 24 hours: {counts or 'nothing ran'}.")


def _steer(verb: str, ask: Callable[[Talk], str], *, always: bool) -> Callable[[Talk, str], None]:
    def act(talk: Talk, rest: str) -> None:
        talk.must_change(verb)
        words(rest, verb, 0, 0)
        if not always or talk.confirm(f"{verb} {talk.system.engine.describe()}?"):
            talk.say(talk.words(ask(talk)))

    return act


def stop(talk: Talk, rest: str) -> None:
    """Stop the engine; the runs that it ends are named first."""
    talk.must_change("stop")
    words(rest, "stop", 0, 0)
    status = talk.system.engine.status()
    running = status.running
    question = f"Stop {talk.system.engine.describe()}?"
    if running:
        question = f"{question} {counted(running, 'running instance')} would be ended."
    if talk.confirm(question, "stop" if running else "yes"):
        talk.say(talk.words(talk.system.engine.stop(talk.actor)))


def sessions(talk: Talk, rest: str) -> None:
    """Read out the sessions, the newest first."""
    words(rest, "sessions", 0, 0)
    for view in talk.system.sessions.all(limit=50):
        session = view.session
        end = session.ended or session.beat_at
        how = "ended" if session.ended else "not alive, last heartbeat"
        if view.lost_at is not None:
            how = f"lost, its lease ran out {full_time(view.lost_at, talk.zone)}, last heartbeat"
        alive = "alive" if view.is_alive else f"{how} {full_time(end, talk.zone)}"
        talk.say(
            f"session {session.sessionid}: {session.status}, engine {session.engine_key} on "
            f"{session.host}, started {full_time(session.started, talk.zone)}, {alive}"
        )


def alerts(talk: Talk, rest: str) -> None:
    """Read out the alerts that stand."""
    words(rest, "alerts", 0, 0)
    found = [view.alert for view in talk.system.alerts.current()]
    if not found:
        talk.say("No alert stands.")
    for alert in found:
        talk.say(
            f"{alert.alert} {alert.object_name}, since {full_time(alert.raised, talk.zone)}: "
            f"{talk.words(alert.reason)}"
        )


def audit(talk: Talk, rest: str) -> None:
    """Read out who changed what."""
    given = words(rest, "audit [NAME] [SINCE]", 0, 2)
    since = parse_since(given[-1], talk.now, talk.zone) if given else None
    name = given[0] if given and (since is None or len(given) > 1) else None
    for view in reversed(talk.system.audit.query(since=since, object_name=name, limit=50)):
        event = view.event
        change = change_text(event.before, event.after, event.reason)
        talk.say(
            f"{full_time(event.created, talk.zone)} {event.event} {event.object_type} "
            f"{safe_line(event.object_name)}, by {event.who} from {event.source}"
            f"{': ' if change else ''}{change}"
        )


COMMANDS = (
    Command("groups", "", "list groups and open one", list_groups),
    Command(
        "group", "VERB NAME [JOB...]", "enable, disable, create, delete, add, remove", group_command
    ),
    Command("engine", "", "tell which engines are alive and how the whole is", engine, ("status",)),
    Command(
        "pause",
        "",
        "let the engine start nothing new; runs go on",
        _steer("pause", lambda talk: talk.system.engine.pause(talk.actor), always=True),
    ),
    Command(
        "resume",
        "",
        "let a paused engine start runs again",
        _steer("resume", lambda talk: talk.system.engine.resume(talk.actor), always=False),
    ),
    Command(
        "drain",
        "",
        "start nothing new, and stop when the last run has ended",
        _steer("drain", lambda talk: talk.system.engine.drain(talk.actor), always=True),
    ),
    Command("stop", "", "stop the engine", stop),
    Command("sessions", "", "list every life of every engine", sessions),
    Command("alerts", "", "list what an operator should know", alerts),
    Command("audit", "[NAME] [SINCE]", "tell who changed what", audit),
)
