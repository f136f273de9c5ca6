"""The commands of the plain console: one list for its loop, for `help` and for the manual."""

import shlex
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from msgspec import Struct

from app.plain.talk import Talk
from engine.errors import UsageError


class Command(Struct, frozen=True):
    """One thing that can be typed."""

    name: str
    usage: str  # what follows the name
    help: str
    act: Callable[[Talk, str], None]  # gets what was typed after the name
    aliases: tuple[str, ...] = ()


class Commands:
    """All commands by name and alias."""

    def __init__(self, *groups: tuple[str, tuple[Command, ...]]) -> None:
        self.groups = groups
        self._by_name: dict[str, Command] = {}
        for _, commands in groups:
            for command in commands:
                for name in (command.name, *command.aliases):
                    if name in self._by_name:
                        message = f"two commands are called {name}"
                        raise ValueError(message)
                    self._by_name[name] = command

    @property
    def by_name(self) -> Mapping[str, Command]:
        """Every name and alias."""
        return self._by_name

    def run(self, talk: Talk, typed: str) -> None:
        """Do what was typed: a number, or a command with what follows it.

        Raises:
            TocsinError: it was refused, or is no command.
        """
        name, _, rest = typed.strip().partition(" ")
        if name.isdecimal() and name.isascii() and not rest.strip():
            talk.take(int(name))
            return
        self.find(name).act(talk, rest.strip())

    def find(self, name: str) -> Command:
        """Return the command called `name`, or the only one that begins with it.

        Raises:
            UsageError: there is none, or several.
        """
        wanted = name.lower()
        command = self._by_name.get(wanted)
        if command is not None:
            return command
        every = {each.name: each for each in self._by_name.values()}
        starting = {key: each for key, each in every.items() if key.startswith(wanted)}
        if len(starting) == 1:
            return next(iter(starting.values()))
        if starting:
            raise UsageError(f"'{name}' could be {', '.join(sorted(starting))}.")
        near = get_close_matches(wanted, self._by_name, n=1)
        hint = f" Nearest: '{near[0]}'." if near else ""
        raise UsageError(f"There is no command '{name}'.{hint} 'help' lists them all.")


def words(rest: str, usage: str, least: int = 0, most: int | None = None) -> list[str]:
    """Return what was typed as words, quotes kept together.

    Raises:
        UsageError: a quote is not closed, or there are too few or too many words.
    """
    try:
        found = shlex.split(rest)
    except ValueError as error:
        raise UsageError(f"{error}; usage: {usage}") from None
    if len(found) < least or (most is not None and len(found) > most):
        raise UsageError(f"usage: {usage}")
    return found


def count_of(text: str, usage: str) -> int:
    """Return how many were typed.

    Raises:
        UsageError: it is no number, or none.
    """
    if not text.isdecimal() or not text.isascii() or len(text) > 18 or not int(text):  # noqa: PLR2004
        raise UsageError(f"'{text}' is no count; usage: {usage}")
    return int(text)


def number_of(text: str, usage: str) -> int:
    """Return the instance id that was typed, with or without a `#`.

    Raises:
        UsageError: it is no number.
    """
    digits = text.removeprefix("#")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 18:  # noqa: PLR2004
        raise UsageError(f"'{text}' is no instance number; usage: {usage}")
    return int(digits)
