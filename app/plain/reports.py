"""Logs, explanations and the ledger in the plain console."""

from collections import deque
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from app.ansi import coloured_line
from app.client.rows import instance_row
from app.plain.commands import Command, count_of, number_of, words
from app.plain.follow import interrupted
from app.plain.talk import Talk
from app.presentation.instants import full_time
from app.presentation.quantities import counted
from app.presentation.spoken import instance_sentence
from app.presentation.verdicts import ledger_text
from app.store.query_values import parse_around, parse_since
from engine.errors import NotFoundError, UsageError

_LINES = 40
_MOST_LINES = 5000
_READING_ON = "Reading on as it grows; Enter stops it."
_NO_MORE = "Not reading on any more."
_NO_BEGINNING = "Its beginning was removed by the rotation of the log."
_NOT_READ = "Lines were removed by the rotation of the log before they were read."


def log(talk: Talk, rest: str) -> None:
    """Read out the last lines of a job's log, of an instance's, or of the engine's."""
    usage = "log NAME|#INSTANCE|engine [LINES] [follow]"
    given = words(rest, usage, 1, 3)
    follows = given[-1] in {"follow", "--follow", "-f"}
    given = given[:-1] if follows else given
    if not given:
        raise UsageError(f"usage: {usage}")
    lines = min(count_of(given[1], usage), _MOST_LINES) if len(given) > 1 else _LINES
    number = _instance_number(talk, given[0])
    logs = talk.system.logs
    if number is not None:
        _log_of_instance(talk, number, lines, follows=follows)
        return
    path = logs.engine_path() if given[0] == "engine" else logs.job_path(given[0])
    if follows:
        _follow(talk, path, lines)
    else:
        _say_lines(talk, logs.tail(path, lines))


def _instance_number(talk: Talk, text: str) -> int | None:
    """Return the instance that is meant; a job whose name is a number has the first right to it."""
    if text.startswith("#"):
        return number_of(text, "log #INSTANCE")
    if not text.isdecimal():
        return None
    try:
        talk.system.jobs.get(text)
    except NotFoundError:
        return number_of(text, "log #INSTANCE")
    return None


def _log_of_instance(talk: Talk, number: int, lines: int, *, follows: bool) -> None:
    """Read out the last lines of an instance, and what it adds until it ends or Enter stops it."""
    logs = talk.system.logs
    instance = logs.instance(number)
    if not follows or instance.end is not None:
        part = instance.read()
        if not part.is_whole:
            talk.say(_NO_BEGINNING)
        _say_lines(talk, deque(part.lines, lines))
        return
    talk.say(_READING_ON)
    try:
        for place, part in enumerate(logs.follow_instance(number, partial(interrupted, talk))):
            if not part.is_whole:
                talk.say(_NOT_READ if place else _NO_BEGINNING)
            for line in part.lines if place else deque(part.lines, lines):
                _say_line(talk, line)
    except KeyboardInterrupt:
        talk.say("")
    row = instance_row(talk.system.instances.get(number))
    ended = instance_sentence(row, talk.now, talk.zone)
    talk.say(_NO_MORE if row.is_live else ended)


def _say_line(talk: Talk, line: bytes) -> None:
    talk.say(coloured_line(line.decode("utf-8", "replace"))[0])


def _say_lines(talk: Talk, lines: Iterable[bytes]) -> None:
    said = 0
    for line in lines:
        _say_line(talk, line)
        said += 1
    if not said:
        talk.say("Nothing was logged.")


def _follow(talk: Talk, path: Path, lines: int) -> None:
    """Read out what is added until something is typed, or the input ends."""
    talk.say(_READING_ON)
    try:
        for line in talk.system.logs.follow(path, talk.ear.wait, last=lines):
            _say_line(talk, line)
    except KeyboardInterrupt:
        talk.say("")
    if talk.ear.is_interactive and talk.ear.wait(0):
        talk.ear.line()
    talk.say(_NO_MORE)


def why(talk: Talk, rest: str) -> None:
    """Tell why a job ran, did not run, or will not run."""
    usage = "why NAME [WHEN]"
    name, _, when = rest.partition(" ")
    if not name:
        raise UsageError(f"usage: {usage}")
    at = None
    if when.strip():
        at = parse_around(when.strip(), talk.now, talk.zone)
        if at is None:
            examples = "14:30, -3h, +3h or 2026-11-23T14:30"
            raise UsageError(f"'{when.strip()}' is no time; as in {examples}")
    talk.voice.say_all(talk.words(line) for line in talk.system.why.explain(name, at).lines)


def ledger(talk: Talk, rest: str) -> None:
    """Tell what was due and what became of it."""
    given = words(rest, "ledger [NAME] [SINCE]", 0, 2)
    since = parse_since(given[-1], talk.now, talk.zone) if given else None
    names = given[:-1] if since is not None else given
    if len(names) > 1:
        raise UsageError(f"'{given[-1]}' is no time; as in 24h or 2026-11-23")
    report = talk.system.ledger.report(since, None, names[0] if names else None)
    talk.say(f"From {full_time(report.since, talk.zone)} to {full_time(report.until, talk.zone)}:")
    talk.say(str(ledger_text(report.as_json())))
    for word, reasons in (("skipped", report.total.skipped_by), ("missed", report.total.missed_by)):
        if reasons:
            listed = ", ".join(f"{reason} {number:,}" for reason, number in reasons.items())
            talk.say(f"{word}: {listed}")
    if report.is_clean and not report.unknown:
        talk.say("Every due instant has one verdict.")
    for job, problem in report.problems[:20]:
        talk.say(
            f"{job}: {problem.kind}, {counted(problem.count, 'instant')} from "
            f"{full_time(problem.first, talk.zone)} to {full_time(problem.last, talk.zone)}: "
            f"{problem.detail}"
        )


COMMANDS = (
    Command(
        "log", "NAME|#INSTANCE|engine [LINES]", "read a log out; 'follow' at the end reads on", log
    ),
    Command("why", "NAME [WHEN]", "tell why a job ran, did not, or will not run", why),
    Command("ledger", "[NAME] [SINCE]", "tell what was due and what became of it", ledger),
)
