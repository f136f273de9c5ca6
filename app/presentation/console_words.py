"""The engine's sentences as the console says them: its own keys and commands, the viewer's zone.

The engine speaks for every door: it names commands of the shell and instants in UTC. Who reads the
same sentence on the console is told the key, or what to type after `:`, and the time as it stands
in the rows.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from app.presentation.instants import full_time
from app.presentation.shell_commands import SHELL_COMMAND, typed
from engine.clock import from_datetime

_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_FORCE = re.compile(r"--force starts a second run beside it")

# The action that does it to what is selected.
_ACTIONS = {
    "job run": "jobs.run",
    "job enable": "jobs.enable",
    "instance cancel": "instances.stop",
    "instance show": "instances.errors",
}

KeyOf = Callable[[str], str]  # what does an action: its key, or what is typed


def console_words(text: str, zone: tzinfo, key_of: KeyOf | None = None) -> str:
    """Return a sentence of the engine for a reader at the console, with times in `zone`.

    `key_of`: it is about the selected rows, so that a key does what a command would.
    """
    if "tocsin " in text:
        text = SHELL_COMMAND.sub(lambda found: _typed(found[1], key_of), text)
    if "--force" in text:
        stops = ":stop ends it" if key_of is None else f"{key_of('instances.stop')} stops it"
        text = _FORCE.sub(lambda _: stops, text)
    return local_times(text, zone)


def local_times(text: str, zone: tzinfo) -> str:
    """Return a sentence with its instants to the second, as they are in `zone`."""
    return _INSTANT.sub(lambda found: _time(found[0], zone), text)


def about_row(text: str, name: str, zone: tzinfo, key_of: KeyOf) -> str:
    """Return a refusal beside the row of job `name`, which it need not name again."""
    words = console_words(text, zone, key_of)
    return words.removeprefix(f"job '{name}' ").removeprefix("is ")


def _typed(command: str, key_of: KeyOf | None) -> str:
    action = _ACTIONS.get(" ".join(command.split()[:2]))
    if action is not None and key_of is not None:
        return key_of(action)
    said = typed(command, "console")
    return f"`tocsin {command}`" if said is None else f":{said}"


def _time(text: str, zone: tzinfo) -> str:
    try:
        moment = datetime.fromisoformat(text)
        seen = full_time(from_datetime(moment), zone)
    except (ValueError, OverflowError):
        return text
    there = f"{moment:%Y-%m-%d %H:%M:%S}"
    offset = moment.utcoffset() or timedelta(0)
    if seen.startswith(there) or not offset:
        return seen
    return f"{there} {offset_text(offset)} ({seen})"


def offset_text(offset: timedelta) -> str:
    """Return `+02:00`."""
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
