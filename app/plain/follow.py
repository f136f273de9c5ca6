"""Wait and tell: one instance to its end, or everything that happens."""

from app.client.rows import instance_row
from app.plain.announcer import Announcer
from app.plain.commands import Command, number_of, words
from app.plain.talk import Talk
from app.presentation.spoken import instance_sentence, instance_standing
from app.store.query_values import parse_duration
from engine.domain.instance import Status
from engine.errors import UsageError

_PAUSE = 0.25  # seconds between two looks at the store
_FIRST_PAUSE = 0.02


def follow(talk: Talk, rest: str) -> None:
    """Follow one instance to its end."""
    (typed,) = words(rest, "follow INSTANCE", 1, 1)
    follow_instance(talk, number_of(typed, "follow INSTANCE"))


def follow_instance(talk: Talk, number: int) -> None:
    """Tell progress and end of an instance; Enter or ctrl+c stop the following, not the run."""
    if talk.ear.is_interactive:
        talk.say("Following it; Enter stops following, the run goes on.")
    said, pause = "", _FIRST_PAUSE
    try:
        while True:
            row = instance_row(talk.system.instances.get(number))
            if row.status is not Status.IN_PROGRESS:
                break
            progress = f"{row.progress or 0:.0%} {row.progress_text}".strip()
            if progress not in {said, "0%"}:
                talk.say(f"#{number} {instance_standing(row, talk.now)}")
                said = progress
            if interrupted(talk, pause):
                talk.say(f"Not following any more; instance {number} goes on.")
                return
            pause = min(pause * 1.5, _PAUSE)
    except KeyboardInterrupt:
        talk.say(f"Not following any more; instance {number} goes on.")
        return
    talk.say(str(instance_sentence(row, talk.now, talk.zone)))
    for error in talk.system.instances.errors(number)[:10]:
        talk.say(f"{error.severity} {error.error}: {error.description}")
    if row.status is not Status.COMPLETE:
        talk.say(f"'log {number}' reads its log out.")


def interrupted(talk: Talk, seconds: float) -> bool:
    """Wait; True when somebody typed a line meanwhile. A pipe is read on only afterwards."""
    if not talk.ear.is_interactive:
        talk.pause(seconds)
        return False
    if talk.ear.wait(seconds):
        talk.ear.line()
        return True
    return False


def watch(talk: Talk, rest: str) -> None:
    """Tell every change as it happens, one line each, until something is typed or time is over."""
    seconds, text = _time_and_filter(rest)
    announcer = Announcer(talk.system, talk.zone, text)
    limit = f" for {seconds:g} seconds" if seconds is not None else ""
    talk.say(f"Watching{limit}. Enter stops it.")
    end = None if seconds is None else talk.system.monotonic() + seconds
    try:
        while True:
            talk.voice.say_all(announcer.look())
            left = _PAUSE if end is None else min(_PAUSE, end - talk.system.monotonic())
            if left <= 0:
                break
            if end is not None and not talk.ear.is_interactive:
                talk.pause(left)
            elif talk.ear.wait(left):
                if talk.ear.is_interactive:
                    talk.ear.line()
                break
    except KeyboardInterrupt:
        talk.say("")
    talk.voice.say_all(announcer.look())
    talk.say("Not watching any more.")


def _time_and_filter(rest: str) -> tuple[float | None, str]:
    first, _, others = rest.partition(" ")
    seconds = parse_duration(first) if first else None
    if seconds is None:
        return None, rest
    if seconds > 86_400:  # noqa: PLR2004 - a day
        raise UsageError("'watch' takes at most a day; without a time it goes on until stopped.")
    return seconds, others.strip()


COMMANDS = (
    Command("watch", "[TIME] [FILTER]", "tell every change, one line each, as it happens", watch),
    Command("follow", "INSTANCE", "tell progress and end of a running instance", follow),
)
