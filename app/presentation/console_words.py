"""The engine's sentences as the console says them: its own keys and commands, the viewer's zone.

The engine speaks for every door: it names commands of the shell and instants in UTC. Who reads the
same sentence on the console is told the key, or what to type after `:`, and the time as it stands
in the rows.
"""

import re
from datetime import datetime, timedelta, tzinfo

from app.presentation.instants import full_time
from app.presentation.shell_commands import SHELL_COMMAND, typed
from engine.clock import from_datetime

_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_FORCE = re.compile(r"--force starts a second run beside it")

# The key that does it to what is selected.
_KEYS = {"job run": "r", "job enable": "e", "instance cancel": "x", "instance show": "E"}


def console_words(text: str, zone: tzinfo, *, of_selection: bool = False) -> str:
    """Return a sentence of the engine for a reader at the console, with times in `zone`.

    `of_selection`: it is about the selected rows, so that a key does what a command would.
    """
    if "tocsin " in text:
        text = SHELL_COMMAND.sub(lambda found: _typed(found[1], of_selection=of_selection), text)
    if "--force" in text:
        text = _FORCE.sub("x stops it" if of_selection else ":stop ends it", text)
    return local_times(text, zone)


def local_times(text: str, zone: tzinfo) -> str:
    """Return a sentence with its instants to the second, as they are in `zone`."""
    return _INSTANT.sub(lambda found: _time(found[0], zone), text)


def about_row(text: str, name: str, zone: tzinfo) -> str:
    """Return a refusal beside the row of job `name`, which it need not name again."""
    words = console_words(text, zone, of_selection=True)
    return words.removeprefix(f"job '{name}' ").removeprefix("is ")


def _typed(command: str, *, of_selection: bool) -> str:
    if of_selection:
        key = _KEYS.get(" ".join(command.split()[:2]))
        if key is not None:
            return key
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
