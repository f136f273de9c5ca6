"""What changes something in the plain console: run, cancel, switches, schedule, groups."""

from collections.abc import Callable, Sequence

from app.actions.gradation import is_bulk, is_several
from app.assignments import read_assignments
from app.plain.commands import Command, number_of, words
from app.plain.follow import follow_instance
from app.plain.talk import Talk
from app.presentation.quantities import counted, name_rows
from app.presentation.schedules import preview, read_schedule
from app.store.query_values import parse_duration, parse_moment
from engine.clock import SECOND, Instant
from engine.control import Outcome
from engine.control.instances import InstanceView
from engine.domain.instance import Status
from engine.errors import UsageError

Switch = Callable[[Sequence[str]], list[Outcome]]


def run(talk: Talk, rest: str) -> None:
    """Run jobs now; one job is followed to its end."""
    talk.must_change("run")
    given = words(rest, "run NAME... [KEY=VALUE...] [--force]", 1)
    force = "--force" in given
    names = [each for each in given if "=" not in each and each != "--force"]
    options = read_assignments(each for each in given if "=" in each)
    if not names:
        raise UsageError("usage: run NAME... [KEY=VALUE...] [--force]")
    if not _agreed(talk, "run", names, always=talk.environment == "prod"):
        return
    if len(names) > 1:
        ran = talk.system.jobs.run_many(names, talk.actor, options=options or None, force=force)
        talk.tell("job", ran)
        return
    number = talk.system.jobs.run(names[0], talk.actor, options=options or None, force=force)
    talk.say(f"Job {names[0]} runs as instance {number}.")
    follow_instance(talk, number)


def _agreed(talk: Talk, verb: str, names: Sequence[str], *, always: bool = False) -> bool:
    """Ask before more than one object is changed, or before any where `always`."""
    if is_bulk(len(names)):
        return talk.confirm(f"{verb} {len(names)} jobs?", str(len(names)))
    if is_several(len(names)) or always:
        return talk.confirm(f"{verb} {name_rows(names)}?")
    return True


def _switch(talk: Talk, rest: str, verb: str, throw: Switch, back: Switch | None) -> None:
    talk.must_change(verb)
    names = words(rest, f"{verb} NAME...", 1)
    if not _agreed(talk, verb, names, always=back is None):
        return
    outcomes = throw(names)
    talk.tell("job", outcomes)
    done = [each.name for each in outcomes if each.ok and "already" not in each.message]
    if done and back is not None:
        talk.can_undo(f"{verb} {', '.join(done)}", lambda: _tell(talk, back(done)))


def _tell(talk: Talk, outcomes: Sequence[Outcome]) -> None:
    talk.tell("job", outcomes)


def _said(talk: Talk, name: str, answer: str) -> None:
    talk.say(f"Job {name}: {talk.words(answer)}")


def _thrower(verb: str) -> Callable[[Talk, str], None]:
    """Return the command that throws one of the two switches of jobs."""
    on = verb in {"enable", "activate"}

    def act(talk: Talk, rest: str) -> None:
        jobs = talk.system.jobs
        throw = jobs.set_enabled if verb in {"enable", "disable"} else jobs.set_active
        _switch(
            talk,
            rest,
            verb,
            lambda names: throw(names, on, talk.actor),
            lambda names: throw(names, not on, talk.actor),
        )

    return act


enable, disable = _thrower("enable"), _thrower("disable")
activate, deactivate = _thrower("activate"), _thrower("deactivate")


def reset(talk: Talk, rest: str) -> None:
    """Have the engine take jobs up anew."""
    _switch(talk, rest, "reset", lambda names: talk.system.jobs.reset(names, talk.actor), None)


def cancel(talk: Talk, rest: str) -> None:
    """Ask running instances to stop."""
    talk.must_change("cancel")
    usage = "cancel INSTANCE..."
    numbers = [number_of(each, usage) for each in words(rest, usage, 1)]
    views = [talk.system.instances.get(number) for number in numbers]
    running = [each for each in views if _is_running(each)]
    shown = name_rows([f"{each.instance.job_instanceid} of {each.name}" for each in running])
    question = f"Cancel {counted(len(running), 'instance')}: {shown}?"
    word = str(len(running)) if is_bulk(len(running)) else "yes"
    if not running or talk.confirm(question, word):  # one that ended is refused, unasked
        talk.tell("instance", talk.system.instances.cancel(numbers, talk.actor))


def kill(talk: Talk, rest: str) -> None:
    """End a running instance's processes at once."""
    talk.must_change("kill")
    (typed,) = words(rest, "kill INSTANCE", 1, 1)
    number = number_of(typed, "kill INSTANCE")
    view = talk.system.instances.get(number)
    question = f"Kill instance {number} of job {view.name}? It gets no time to clean up."
    if not _is_running(view) or talk.confirm(question, view.name):  # one that ended is refused
        talk.tell("instance", talk.system.instances.kill([number], talk.actor))


def _is_running(view: InstanceView) -> bool:
    return view.instance.jobstatus is Status.IN_PROGRESS


def schedule(talk: Talk, rest: str) -> None:
    """Tell what a schedule would do, then set it."""
    usage = "schedule NAME CRON, or: schedule NAME every 10m"
    name, _, text = rest.partition(" ")
    if not name or not text.strip():
        raise UsageError(f"usage: {usage}")
    job = talk.system.jobs.get(name).job
    shown = preview(text, talk.now, timezone=job.schedule.timezone, viewer=talk.zone, shown=5)
    if shown.problem:
        raise UsageError(str(shown.problem))
    talk.say(f"Job {name} would run {shown.words}:")
    talk.voice.say_all(f"{line.text} {line.note}".rstrip() for line in shown.due)
    talk.voice.say_all(shown.changes)
    talk.must_change("schedule")
    if talk.confirm(f"Set this schedule of job {name}?"):
        wanted = read_schedule(text, job.schedule.timezone)
        before = job.schedule
        said = talk.system.jobs.set_schedule(name, wanted, talk.actor)
        _said(talk, name, said)
        talk.can_undo(
            f"the schedule of {name}",
            lambda: _said(talk, name, talk.system.jobs.set_schedule(name, before, talk.actor)),
        )


def expire(talk: Talk, rest: str) -> None:
    """Set or clear an expiry date."""
    usage = "expire NAME WHEN|never"
    talk.must_change("expire")
    name, when = words(rest, usage, 2, 2)
    at = None if when == "never" else _moment(talk, when, usage)
    before = talk.system.jobs.get(name).job.expiry_date
    _said(talk, name, talk.system.jobs.set_expiry(name, at, talk.actor))
    talk.can_undo(
        f"the expiry of {name}",
        lambda: _said(talk, name, talk.system.jobs.set_expiry(name, before, talk.actor)),
    )


def trigger(talk: Talk, rest: str) -> None:
    """Let a job run once earlier than it is due."""
    usage = "trigger NAME WHEN|never"
    talk.must_change("trigger")
    name, when = words(rest, usage, 2, 2)
    at = None if when == "never" else _moment(talk, when, usage)
    _said(talk, name, talk.system.jobs.set_trigger(name, at, talk.actor))


def _moment(talk: Talk, text: str, usage: str) -> Instant:
    seconds = parse_duration(text)
    if seconds is not None:
        return talk.now + round(seconds * SECOND)
    at = parse_moment(text, talk.now, talk.zone, "after")
    if at is None:
        raise UsageError(
            f"'{text}' is no time; as in 10m, 14:30 or 2026-11-23T14:30; usage: {usage}"
        )
    return at


def undo(talk: Talk, rest: str) -> None:
    """Take the last change back."""
    words(rest, "undo", 0, 0)
    if talk.undo is None:
        talk.say("There is nothing to undo.")
        return
    text, back = talk.undo
    talk.undo = None
    talk.say(f"Taking back: {text}")
    back()


COMMANDS = (
    Command(
        "run", "NAME... [KEY=VALUE...] [--force]", "run jobs now; a single one is followed", run
    ),
    Command("enable", "NAME...", "throw jobs' operator switch on", enable),
    Command("disable", "NAME...", "throw jobs' operator switch off", disable),
    Command("activate", "NAME...", "throw jobs' schedule switch on", activate),
    Command("deactivate", "NAME...", "throw jobs' schedule switch off", deactivate),
    Command("reset", "NAME...", "have the engine take jobs up anew", reset),
    Command("cancel", "INSTANCE...", "ask running instances to stop", cancel, ("x",)),
    Command("kill", "INSTANCE", "end a running instance's processes at once", kill),
    Command("schedule", "NAME CRON|every TIME", "preview a schedule, then set it", schedule),
    Command("expire", "NAME WHEN|never", "set or clear an expiry date", expire),
    Command("trigger", "NAME WHEN|never", "let a job run once earlier than it is due", trigger),
    Command("undo", "", "take the last switch, schedule or expiry back", undo, ("u",)),
)
