"""Options on a command line: what is wrong with them is told as of an argument."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click

from app.assignments import read_assignments
from app.cli.output import note
from engine.errors import UsageError


def read_options(assignments: Iterable[str], flag: str = "--option") -> dict[str, Any]:
    """Return the options that `assignments` set.

    Raises:
        click.BadParameter: one is not K=V.
    """
    found: dict[str, Any] = {}
    for each in assignments:
        try:
            found |= read_assignments([each])
        except UsageError:
            message = f"'{each}' is not K=V, as in `{flag} warn_at=0.8`."
            raise click.BadParameter(message) from None
    return found


def note_unknown_options(name: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Say which options a job did not have: its code may read them, or they may be misspelt."""
    known = list(known)
    for each in given:
        if each not in known:
            near = get_close_matches(each, known, n=1)
            hint = f"; nearest: '{near[0]}'" if near else ""
            note(f"job '{name}' has no option '{each}' so far{hint}")
