"""Open the plain console: attach or host, read lines until the end, leave things in order."""

import locale
import os
import sys
import threading
from collections.abc import Sequence
from typing import TextIO

from msgspec.structs import replace

from app.boundary import Boundary
from app.plain import engines, follow, jobs, moment, records, reports, switches
from app.plain.announcer import Announcer
from app.plain.commands import Command, Commands
from app.plain.ear import Ear, FileEar
from app.plain.hang_up import HangUp, HungUpError
from app.plain.leaving import may_leave, unread
from app.plain.talk import Talk
from app.plain.voice import Voice
from app.presentation.symbols import choose_symbols
from app.sanitize import SafeText, ascii_output, safe
from app.settings import LoadedSettings, load_console_settings, viewer_zone
from app.sources import load_home
from engine.config import Settings
from engine.control import System, current_actor, open_system
from engine.engine import Engine
from engine.errors import TocsinError

_PROMPT = SafeText("tocsin> ")
_PATIENCE = 1.0  # seconds between two looks at the engine while nothing is typed


def _help(talk: Talk, rest: str) -> None:
    if rest:
        command = COMMANDS.find(rest)
        talk.say(f"{command.name} {command.usage}".rstrip() + f": {command.help}")
        return
    for title, commands in COMMANDS.groups:
        talk.say(f"{title}:")
        talk.voice.say_all(
            f"  {each.name} {each.usage}".rstrip() + f": {each.help}" for each in commands
        )
    talk.say(
        "A number takes a choice that was read out. Filters: name:x group:y status:failed !word."
    )


def _quit(talk: Talk, rest: str) -> None:
    del rest
    talk.is_over = True


def _more(talk: Talk, rest: str) -> None:
    del rest
    talk.more()


COMMANDS = Commands(
    (
        "Look",
        (*jobs.COMMANDS, *records.COMMANDS, *reports.COMMANDS, *moment.COMMANDS, *follow.COMMANDS),
    ),
    ("Change", switches.COMMANDS),
    ("Groups and engine", engines.COMMANDS),
    (
        "This console",
        (
            Command("more", "", "read the next choices out", _more),
            Command("help", "[COMMAND]", "list the commands, or tell about one", _help, ("?",)),
            Command("quit", "", "leave", _quit, ("q", "exit")),
        ),
    ),
)


def run(settings: Settings, *, attach: bool = False, read_only: bool = False) -> int:
    """Talk until the end of input; return the exit status.

    Raises:
        TocsinError: the store cannot be opened, or `attach` is set and no engine is alive.
    """
    loaded = load_console_settings(settings.home)
    encoding = sys.stdout.encoding or locale.getpreferredencoding()
    ascii_output(choose_symbols(os.environ, encoding) == "ascii" and "utf" not in encoding.lower())
    system = open_system(settings, create=not attach and not read_only)
    try:
        if attach:
            system.living.require("--attach needs one")
        hosted, wrong = (None, ()) if attach or read_only else _host(system)
        loaded = replace(loaded, problems=(*loaded.problems, *wrong))
        hang_up = HangUp()
        ear = FileEar(sys.stdin.fileno(), hang_up)
        try:
            return _talk(system, loaded, ear, sys.stdout, hosted, hang_up, read_only=read_only)
        finally:
            _leave(hosted)
    finally:
        system.close()


def _host(system: System) -> tuple[Engine | None, Sequence[SafeText]]:
    """Start an engine in this process if none is alive on the store, with the home's definitions.

    Returns it, and what is wrong with them, in words: then the jobs of the store go on.
    """
    if system.living.is_alive():
        return None, ()
    wrong = [safe(f"  {each}") for each in load_home(system.settings)]
    if wrong:
        where = system.settings.jobs_dir
        wrong.insert(0, safe(f"The definitions in {where} are wrong; none was loaded:"))
    engine = Engine(system.settings)
    engine.start()
    return engine, wrong


def _leave(hosted: Engine | None) -> None:
    if hosted is not None:
        hosted.stop()
        hosted.wait()


def _talk(
    system: System,
    loaded: LoadedSettings,
    ear: Ear,
    stream: TextIO,
    hosted: Engine | None,
    hang_up: HangUp,
    *,
    read_only: bool,
) -> int:
    settings = loaded.settings
    talk = Talk(
        system,
        current_actor(),
        ear,
        Voice(stream),
        viewer_zone(settings.zone),
        is_read_only=read_only or settings.read_only,
        environment=settings.environment,
    )
    if threading.current_thread() is threading.main_thread():
        hang_up.listen()
    try:
        greet(talk, loaded, hosted)
        converse(talk, hosted, hang_up)
    except HungUpError as error:
        return 128 + int(error.args[0])
    return 0


def greet(talk: Talk, loaded: LoadedSettings, hosted: Engine | None) -> None:
    """Tell where we are, and what could be typed."""
    badge = f" {talk.environment.upper()}" if talk.environment else ""
    talk.say(f"tocsin{badge}, plain console{', read-only' if talk.is_read_only else ''}.")
    talk.voice.say_all(loaded.problems)
    if hosted is not None:
        talk.say("This console hosts the engine: it stops when you leave.")
    engines.engine(talk, "")
    talk.say("'jobs' lists jobs, 'watch' tells what happens, 'help' lists all commands.")


def converse(talk: Talk, hosted: Engine | None, hang_up: HangUp) -> None:
    """Take one line after the other until the end."""
    announcer = Announcer(talk.system, talk.zone)
    boundary = Boundary(
        talk.system.context.clock,
        talk.system.settings.home,
        lambda text, _role: talk.say(text),
        "a new start",
    )
    while not talk.is_over:
        typed = _next_line(talk, announcer, boundary)
        if typed is None:
            talk.is_over = True
        elif typed.strip():
            _do(talk, typed, boundary)
        ended = typed is None and not talk.ear.is_interactive
        if talk.is_over and not may_leave(talk, hosted, hang_up, ended=ended):
            talk.is_over = False


def _do(talk: Talk, typed: str, boundary: Boundary) -> None:
    """Do what was typed; no error of it ends the talk, and with it the engine hosted here."""
    try:
        COMMANDS.run(talk, typed)
    except TocsinError as error:
        talk.refuse(error)
    except KeyboardInterrupt:
        talk.say("Interrupted.")
    except (HungUpError, BrokenPipeError):  # nobody is there any more
        raise
    except Exception as error:  # noqa: BLE001 - the edge of the talk
        boundary.took(f"command {typed.split(maxsplit=1)[0]}", error)


def _next_line(talk: Talk, announcer: Announcer, boundary: Boundary) -> str | None:
    """Return what is typed next; tells meanwhile when an engine comes or goes."""
    talk.voice.prompt(_PROMPT)
    while True:
        try:
            if not talk.ear.is_interactive or talk.ear.wait(_PATIENCE):
                typed = talk.ear.line()
                if typed is None or not talk.ear.is_interactive:
                    talk.voice.end_line()
                return typed
            lines = _engines(talk, announcer, boundary)
        except KeyboardInterrupt:
            lines = ["'quit' leaves."]
        if lines:
            talk.voice.end_line()
            talk.voice.say_all(lines)
            talk.voice.prompt(_PROMPT)


def _engines(talk: Talk, announcer: Announcer, boundary: Boundary) -> list[str]:
    """Return which engines came and went; what is wrong with reading that ends nothing."""
    try:
        return announcer.engines()
    except TocsinError as error:
        return [unread(talk, error)]
    except Exception as error:  # noqa: BLE001 - as with commands
        boundary.took("the engines", error)
        return []
