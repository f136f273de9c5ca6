"""What the status line says, for how long, and what of it somebody has seen.

A message that is no error goes by itself after a minute. An error stays until it was in sight for a
few seconds and then a key comes: whoever pressed it has seen it. An error that came by itself and
gave way to another message before that is unread, and counted at the right of the line until
`:messages` shows it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from msgspec import Struct

from app.sanitize import safe
from app.widgets.status_line import StatusLine
from engine.clock import Clock, Instant

NEWS_SECONDS = 60.0  # how long the line holds what went well
READ_SECONDS = 1.0  # in sight before a key: it was read
ANSWER_SECONDS = 2.0  # after a key: whoever pressed it still looks
STAYS_SECONDS = 3.0  # in sight at the least
_MOST = 500

T = TypeVar("T")


class Told(Struct):
    """One message."""

    at: Instant
    text: str
    role: str
    is_read: bool


class Reader(Protocol):
    """Whom it is told."""

    @property
    def hint(self) -> str:
        """What the line shows at its right in the first place."""
        ...

    @property
    def text(self) -> str:
        """What that is about."""
        ...


class News:
    """The messages of this console, newest last."""

    def __init__(self, clock: Clock, status: StatusLine, undo: Reader) -> None:
        self.told: list[Told] = []
        self._clock = clock
        self._status = status
        self._undo = undo
        self._answers_a_key = False  # whoever pressed it looks at what is said
        self._in_sight_since = 0.0  # monotonic: when the line began to show the last one

    def say(self, text: str, role: str = "") -> None:
        """Show a message and keep it; the same one again is no other."""
        last = self.told[-1] if self.told else None
        if last is not None and (last.text, last.role) == (text, role) and self._shows(last):
            self.told.pop()
        is_read = self._answers_a_key or role != "error"
        self.told.append(Told(self._clock.now(), text, role, is_read))
        del self.told[:-_MOST]
        self._in_sight_since = self._clock.monotonic()
        self._status.say(text, role, self._hint(text))

    def has_failed_since(self, last: Told | None) -> bool:
        """Whether an error was told after `last` (None: at all)."""
        for told in reversed(self.told):
            if told is last:
                return False
            if told.role == "error":
                return True
        return False

    def _shows(self, told: Told) -> bool:
        return self._status.message == safe(told.text)

    @property
    def _last_error(self) -> Told | None:
        """The error that the line shows."""
        last = self.told[-1] if self.told else None
        return last if last is not None and last.role == "error" and self._shows(last) else None

    def _hint(self, text: str) -> str:
        """Return what stands at the right: what can be taken back, or what was not read."""
        undo = self._undo
        if undo.text:
            return undo.hint if undo.text in text else f"{undo.hint}: {undo.text}"
        shown = self.told[-1] if self.told and self.told[-1].text == text else None
        unread = sum(not each.is_read for each in self.told if each is not shown)
        if unread:
            return f"{unread} unread: :messages"
        is_long = shown is not None and shown.role == "error" and self._status.is_cut(text)
        return ":messages" if is_long else ""

    def show_hint(self) -> None:
        """Show at the right what is of use there now."""
        status = self._status
        status.say(status.message, status.role, self._hint(status.message))

    # -- what goes -------------------------------------------------------------------------------

    def key(self) -> None:
        """Somebody is there: take note of what was read, and take away what was there for long."""
        if self._status.is_covered:  # by what is typed: nobody can read it
            self._in_sight_since = self._clock.monotonic()
            return
        error = self._last_error
        if error is None:
            return
        seconds = self._clock.monotonic() - self._in_sight_since
        error.is_read |= seconds >= READ_SECONDS
        if seconds >= STAYS_SECONDS:
            self._fade()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Take what is said meanwhile as the answer to a key."""
        self._answers_a_key = True
        try:
            yield
        finally:
            self._answers_a_key = False

    def as_answer(self, callback: Callable[[T], None]) -> Callable[[T], None]:
        """Return what takes the answer to a question: soon after a key, it is that key's."""
        if not self._answers_a_key:
            return callback
        asked = self._clock.monotonic()

        def answered(answer: T) -> None:
            if self._clock.monotonic() - asked > ANSWER_SECONDS:
                callback(answer)
                return
            with self.answering():
                callback(answer)

        return answered

    def acted(self) -> None:
        """Another action begins: a warning answered an earlier key."""
        if self._status.role == "warning":
            self._fade()

    def second(self) -> None:
        """A second passed: take away what is no news any more; an error stays."""
        status = self._status
        if not status.message or status.role == "error":
            return
        if self._clock.monotonic() - self._in_sight_since >= NEWS_SECONDS:
            self._fade()

    def is_over(self, text: str) -> None:
        """Take an error away that is true no more."""
        for told in self.told:
            told.is_read |= told.text == text
        if self._status.message == safe(text):
            self._fade()

    def read_all(self) -> None:
        """All of them were shown."""
        for told in self.told:
            told.is_read = True
        self.show_hint()

    def _fade(self) -> None:
        self._status.say("", "", self._hint(""))
