"""What was recorded: instances, state data, definitions, and the instants to come."""

from functools import partial
from itertools import pairwise

from app.client.forecast import coming_of
from app.client.rows import instance_row
from app.client.saved_state import SavedStates
from app.plain.commands import Command, count_of, number_of, words
from app.plain.looking_back import LookedBack, look_back
from app.plain.talk import Choice, Talk
from app.presentation.agenda import agenda
from app.presentation.instants import full_time, when, zone_named
from app.presentation.quantities import count, counted
from app.presentation.schedules import schedule_text
from app.presentation.secrets import masked, masked_lines
from app.presentation.spoken import instance_sentence
from app.presentation.state_diff import differences
from app.presentation.state_raw import yaml_lines
from app.presentation.state_tree import size_text
from app.presentation.symbols import SYMBOLS
from app.store.query import INSTANCES, parse
from engine.clock import DAY
from engine.control.instances import InstanceView
from engine.domain.instance import Status
from engine.errors import UsageError

_SHOWN_LINES = 200
_SHOWN_SAVES = 3
_SHOWN_CHANGES = 20
_AGENDA_LINES = 20
_AGENDA_DAYS = 7
_WIDE = 10_000  # characters: a line that is read out is never folded


def list_instances(talk: Talk, rest: str) -> None:
    """Read out instances, those in progress first, then the newest; a number opens one."""
    query = parse(rest, INSTANCES, talk.zone).checked()
    _offer_instances(talk, look_back(talk.system, query.matcher(talk.now)))


def instances_of(talk: Talk, name: str) -> None:
    """Read out the instances of one job."""
    _offer_instances(talk, look_back(talk.system, None, name))


def _offer_instances(talk: Talk, found: LookedBack) -> None:
    if not found.looked_at:
        talk.say("Nothing ran yet.")
        return
    reach = f"the last {count(found.looked_at)}"
    if found.since is not None:
        since = when(found.since, talk.now, talk.zone)
        reach = f"those in progress and {reach}, since {since}"
    if not found.rows:
        talk.say(f"No instance matches: none of {reach}.")
        return
    talk.say(f"{counted(len(found.rows), 'instance')} of {reach}. A number opens one.")
    talk.offer(
        [
            Choice(
                instance_sentence(row, talk.now, talk.zone),
                partial(show_instance, talk, str(row.job_instanceid)),
            )
            for row in found.rows
        ]
    )


def show_instance(talk: Talk, rest: str) -> None:
    """Tell everything about one instance."""
    (typed,) = words(rest, "instance NUMBER", 1, 1)
    detail = talk.system.instances.info(number_of(typed, "instance NUMBER"))
    talk.voice.say_all(instance_facts(talk, detail.view))
    for error in detail.errors:
        talk.say(f"{error.severity} {error.error}: {error.description}")
        for line in error.info.splitlines()[:40]:
            talk.say(f"  {line}")


def instance_facts(talk: Talk, view: InstanceView) -> list[str]:
    """Return what there is to know of an instance, one fact a line."""
    instance = view.instance
    lines = [str(instance_sentence(instance_row(view), talk.now, talk.zone))]
    if instance.due_at is not None:
        lines.append(f"It answers for the due instant {full_time(instance.due_at, talk.zone)}")
    if instance.stands_for is not None:
        lines.append(
            f"It stands for the crashed run of {full_time(instance.stands_for, talk.zone)}"
        )
    is_over = instance.completed is not None
    ended = f"ended {full_time(instance.completed, talk.zone)}" if is_over else "goes on"
    lines.append(f"Started {full_time(instance.started, talk.zone)}, {ended}")
    lines.append(f"Session {instance.sessionid} on {instance.host or 'an unnamed host'}")
    if instance.options:
        lines.append(
            f"Options: {', '.join(f'{k}={v!r}' for k, v in masked(instance.options).items())}"
        )
    if instance.info:
        lines += ["Info:", *(f"  {line}" for line in masked_lines(instance.info)[:_SHOWN_LINES])]
    if instance.jobstatus is Status.IN_PROGRESS:
        lines.append(f"'cancel {instance.job_instanceid}' asks it to stop.")
    return lines


def state(talk: Talk, rest: str) -> None:
    """Read a job's state data out as YAML, and what the last save changed."""
    given = words(rest, "state NAME [--reveal]", 1, 2)
    reveal = "--reveal" in given
    names = [each for each in given if each != "--reveal"]
    if len(names) != 1:
        raise UsageError("usage: state NAME [--reveal]")
    saved = SavedStates().of(talk.system, names[0])
    if saved.data is None or saved.saved_at is None:
        talk.say(f"Job {names[0]} has no state data.")
    else:
        by = f"instance {saved.job_instanceid}" if saved.job_instanceid else "an operator"
        talk.say(f"{size_text(saved.data)}, saved {full_time(saved.saved_at, talk.zone)} by {by}")
        lines = yaml_lines(saved.data, reveal=reveal)
        talk.voice.say_all(f"  {line}" for line in lines[:_SHOWN_LINES])
        if len(lines) > _SHOWN_LINES:
            talk.say(f"{counted(len(lines) - _SHOWN_LINES, 'more line')}.")
    for newer, older in pairwise(saved.history[: _SHOWN_SAVES + 1]):
        at = f"At {full_time(newer.saved_at, talk.zone)}"
        number = f" instance {newer.job_instanceid}" if newer.job_instanceid else ""
        by = f"{newer.who}{number}".strip() or "an operator"
        if newer.data is None:
            talk.say(f"{at} cleared by {by}.")
            continue
        changes = differences(older.data, newer.data)
        talk.say(f"{at} saved by {by}{':' if changes else ', the same as before.'}")
        talk.voice.say_all(f"  {each.spoken(reveal=reveal)}" for each in changes[:_SHOWN_CHANGES])
        if len(changes) > _SHOWN_CHANGES:
            talk.say(f"  and {counted(len(changes) - _SHOWN_CHANGES, 'more change')}.")


def clear_state(talk: Talk, rest: str) -> None:
    """Clear a job's state data."""
    talk.must_change("clear-state")
    (name,) = words(rest, "clear-state NAME", 1, 1)
    saved = talk.system.state.get(name)
    if saved is None:
        talk.say(f"Job {name} has no state data.")
        return
    if talk.confirm(
        f"Clear {size_text(saved.data)} of job {name}? Its next run starts afresh.", name
    ):
        talk.tell("job", talk.system.state.clear([name], talk.actor))


def next_runs(talk: Talk, rest: str) -> None:
    """Read out the next due instants of a job."""
    given = words(rest, "next NAME [COUNT]", 1, 2)
    number = count_of(given[1], "next NAME [COUNT]") if len(given) > 1 else 10
    found = talk.system.jobs.next_runs(given[0], min(number, 1000))
    zone = zone_named(found.job.schedule.timezone)
    talk.say(f"{schedule_text(found.job.schedule)} in {found.job.schedule.timezone}:")
    talk.voice.say_all(f"  {full_time(due, zone)}" for due in found.due)
    if found.is_estimate:
        talk.say("No engine has scheduled this job yet: counted from now.")
    if found.refusal:
        talk.say(f"As things stand its schedule does not run it: {talk.words(found.refusal)}")


def coming(talk: Talk, rest: str) -> None:
    """Read out what is due next, by minute; what is due again and again comes first, at once."""
    given = words(rest, "agenda [COUNT]", 0, 1)
    most = count_of(given[0], "agenda [COUNT]") if given else _AGENDA_LINES
    now = talk.system.now()
    dues = coming_of(talk.system.jobs.all(), now, now + _AGENDA_DAYS * DAY)
    lines = agenda(dues, now, talk.zone, _WIDE, SYMBOLS["ascii"])
    shown = lines[:most]
    if shown and shown[-1].is_date:
        shown.pop()  # what is due on that day is not read out any more
    talk.voice.say_all(line.spoken for line in shown)
    if not lines:
        talk.say(f"Nothing is due in the next {_AGENDA_DAYS} days.")


def definition(talk: Talk, rest: str) -> None:
    """Read a job's definition out."""
    (name,) = words(rest, "definition NAME", 1, 1)
    talk.voice.say_all(talk.system.definitions.export(name, shown=masked).splitlines())


COMMANDS = (
    Command(
        "instances", "[FILTER]", "list instances, as in: instances status:failed", list_instances
    ),
    Command("instance", "NUMBER", "tell all about an instance, its errors too", show_instance),
    Command("state", "NAME [--reveal]", "read state data and their last changes out", state),
    Command("clear-state", "NAME", "clear a job's state data", clear_state),
    Command("next", "NAME [COUNT]", "read the next due instants out", next_runs),
    Command("agenda", "[COUNT]", "read out what is due next, of all jobs", coming),
    Command("definition", "NAME", "read a job's definition out", definition),
)
