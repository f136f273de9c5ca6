"""Options as they are written on a command line: K=V, where V is JSON, or text where it is not."""

import json
from collections.abc import Iterable
from typing import Any

import click


def read_options(assignments: Iterable[str]) -> dict[str, Any]:
    """Return the options that `assignments` set.

    Raises:
        click.BadParameter: one is not K=V, or its value is no plain data.
    """
    found: dict[str, Any] = {}
    for each in assignments:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{each}' is not K=V, as in `--option warn_at=0.8`.")
        found[name.strip()] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text


def _refuse(constant: str) -> None:
    raise ValueError(constant)
