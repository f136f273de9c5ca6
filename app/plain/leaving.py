"""Leave a plain console that hosts an engine: ask first what becomes of the jobs that run."""

from app.plain.hang_up import HangUp
from app.plain.talk import Talk
from app.presentation.quantities import counted
from engine.control.engine import EngineStatus
from engine.engine import Engine
from engine.errors import TocsinError


def may_leave(talk: Talk, hosted: Engine | None, hang_up: HangUp, *, ended: bool) -> bool:
    """Ask before an engine that is hosted here is stopped while jobs run; ctrl+c stays.

    `ended`: there is nobody to ask, the input came to its end.
    """
    if ended or hosted is None or not hosted.is_alive:  # another engine's runs go on
        return True
    status = _status(talk)
    if status is not None and not status.running:
        return True
    who = "What runs" if status is None else counted(status.running, "instance")
    talk.say(f"{who} would be ended with the engine that this console hosts.")
    stop = "stop or ctrl+d" if talk.ear.is_interactive else "stop"
    talk.say(f"drain waits for them, {stop} ends them, anything else stays.")
    try:
        while (answer := _answer(talk)) == "drain":
            if _drained(talk, hosted, hang_up):
                return True
    except KeyboardInterrupt:
        talk.voice.end_line()
        answer = ""
    if answer == "stop":
        return True
    talk.say(f"Staying.{_after_drain(talk, hosted, status)}")
    return False


def _after_drain(talk: Talk, hosted: Engine, before: EngineStatus | None) -> str:
    """Have an engine that was drained in order to leave start jobs again; say how it goes on."""
    now = _status(talk) if hosted.is_alive else None
    if now is None or now.mode != "draining":
        return ""
    if before is None or before.mode != "running":
        return " The engine still drains: 'resume' lets it start runs again."
    try:
        talk.system.engine.resume(talk.actor)
    except TocsinError as error:
        return f" The engine still drains: {talk.words(error.message)}"
    return " The engine starts jobs again."


def _status(talk: Talk) -> EngineStatus | None:
    """Return how the engines are; None where the store cannot be read, which is told."""
    try:
        return talk.system.engine.status()
    except TocsinError as error:
        talk.say(unread(talk, error))
        return None


def _answer(talk: Talk) -> str:
    """Return what to do about what runs; the end of input stops it."""
    typed = talk.ask("leave> ")
    return "stop" if typed is None else typed.strip()


def _drained(talk: Talk, hosted: Engine, hang_up: HangUp) -> bool:
    """Have the engine wait for what runs; False where it refuses, which is told."""
    try:
        talk.say(talk.words(talk.system.engine.drain(talk.actor)))
    except TocsinError as error:
        talk.say(f"Refused: {talk.words(error.message)}")
        return False
    with hang_up.waiting():
        hosted.wait()
    return True


def unread(talk: Talk, error: TocsinError) -> str:
    """Return that the store cannot be read, and why."""
    return f"The store cannot be read: {talk.words(error.message)}"
