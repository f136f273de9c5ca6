"""A moment of the past in the plain console: how jobs, groups and instances stood, read out.

Each line is of that moment, and none can be chosen: whatever is typed next is about now again.
"""

from app.client.past_rows import past_view
from app.client.views import PastView
from app.plain.commands import Command
from app.plain.talk import Talk
from app.presentation.instants import moment_time
from app.presentation.quantities import counted
from app.presentation.spoken import group_sentence, instance_sentence, job_sentence
from app.sanitize import SafeText
from app.store.query import GROUPS, INSTANCES, JOBS, Vocabulary, parse
from app.store.query_values import parse_since
from app.store.store import ConsoleStore
from engine.clock import Instant
from engine.errors import UsageError

_USAGE = "at WHEN [jobs|instances|groups] [FILTER], as in: at 03:12 instances status:running"
_MOST_LINES = 200


def at(talk: Talk, rest: str) -> None:
    """Read out how everything stood at an instant of the past."""
    when, what, text = _asked(talk, rest)
    past = past_view(talk.system.past(when))
    store = ConsoleStore()
    store.apply(past.rows)
    as_of = moment_time(when, talk.now, talk.zone)
    talk.say(f"AS OF {as_of}, read only.")
    _tell_limits(talk, past)
    lines = _lines(talk, store, when, what, text)
    noun = what.removesuffix("s")
    more = len(lines) - _MOST_LINES
    talk.say(f"{counted(len(lines), noun)} as of {as_of}.")
    talk.voice.say_all(lines[:_MOST_LINES])
    if more > 0:
        talk.say(f"{counted(more, f'more {noun}')}: a filter shows fewer.")


def _asked(talk: Talk, rest: str) -> tuple[Instant, str, str]:
    """Return which instant is meant, what of it, and the filter.

    Raises:
        UsageError: it is no instant.
    """
    given = rest.split()
    for size in (2, 1):  # a date and a time of day, or one word
        if len(given) < size:
            continue
        found = parse_since(" ".join(given[:size]).removeprefix("-"), talk.now, talk.zone)
        if found is None:
            continue
        left = given[size:]
        what = left.pop(0) if left and left[0] in _KINDS else "jobs"
        return found, what, " ".join(left)
    raise UsageError(f"'{rest}' names no instant; usage: {_USAGE}")


def _tell_limits(talk: Talk, past: PastView) -> None:
    """Say what of that moment nobody kept."""
    if not past.sessions:
        talk.say("No engine was up.")
    if past.deleted:
        talk.say(f"Deleted since, nothing of them is kept: {', '.join(past.deleted)}.")
    if past.pruned:
        talk.say(f"Records of that time are pruned for {counted(past.pruned, 'job')}.")


_KINDS: dict[str, Vocabulary] = {"jobs": JOBS, "instances": INSTANCES, "groups": GROUPS}


def _lines(talk: Talk, store: ConsoleStore, when: Instant, what: str, text: str) -> list[SafeText]:
    matcher = parse(text, _KINDS[what], talk.zone).checked().matcher(when)
    if what == "groups":
        groups = sorted(store.groups.values(), key=lambda row: row.name)
        return [group_sentence(row) for row in groups if matcher is None or matcher(row)]
    if what == "instances":
        rows = sorted(
            store.instances.values(), key=lambda row: (not row.is_live, -row.job_instanceid)
        )
        return [
            instance_sentence(row, when, talk.zone)
            for row in rows
            if matcher is None or matcher(row)
        ]
    jobs = sorted(store.jobs.values(), key=lambda row: row.name)
    return [job_sentence(row, when) for row in jobs if matcher is None or matcher(row)]


COMMANDS = (
    Command("at", "WHEN [jobs|instances|groups] [FILTER]", "read out how they stood then", at),
)
