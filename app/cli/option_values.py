"""Options as they are written on a command line: K=V, where V is JSON, or text where it is not."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click

from app.cli.output import note


def read_options(assignments: Iterable[str], flag: str = "--option") -> dict[str, Any]:
    """Return the options that `assignments` set.

    Raises:
        click.BadParameter: one is not K=V, or its value is no plain data.
    """
    found: dict[str, Any] = {}
    for each in assignments:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{each}' is not K=V, as in `{flag} warn_at=0.8`.")
        found[name.strip()] = _value(value)
    return found


def note_unknown_options(name: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Say which options a job did not have: its code may read them, or they may be misspelt."""
    known = list(known)
    for each in given:
        if each not in known:
            near = get_close_matches(each, known, n=1)
            hint = f"; nearest: '{near[0]}'" if near else ""
            note(f"job '{name}' has no option '{each}' so far{hint}")


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(constant: str) -> None:
    raise ValueError(constant)
