"""A text that is told anew while it is open: whoever reads in it stays where they read."""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from app.overlays.text import TextView
from app.widgets.text_panel import Line

T = TypeVar("T")
_Name = tuple[Hashable, int]  # of a line: what it is about, and which of the lines about it


class Passage(Struct, frozen=True):
    """The lines about one thing."""

    about: Hashable  # by which they are found again
    lines: Sequence[Line]


class FollowedText(TextView, Generic[T]):
    """Tells an answer by the passage; asks again where anything changed, and ages go on."""

    def __init__(
        self,
        title: str,
        answer: T,
        tell: Callable[[T], Sequence[Passage]],
        ask: Callable[[Callable[[T], None]], None],
        *,
        copy: Callable[[str], None] | None = None,
    ) -> None:
        self._answer = answer
        self._tell = tell
        self._ask = ask
        self._is_behind = True  # what came while the answer was on its way is not known
        lines, self._names = _told(tell(answer))
        super().__init__(title, lines, copy=copy, words=True)

    def changed(self) -> None:
        """Ask again with the next second."""
        self._is_behind = True

    def second(self) -> None:
        """Ask again where something changed, and tell how old all is by now."""
        if self._is_behind:
            self._is_behind = False
            self._ask(self._take)
        self._renew()

    def _take(self, answer: T) -> None:
        self._answer = answer
        self._renew()

    def _renew(self) -> None:
        lines, names = _told(self._tell(self._answer))
        before, self._names = self._names, names
        if lines != self._source:
            self.replace(lines, lambda line: _now_at(before, line, names))


def _told(passages: Sequence[Passage]) -> tuple[list[Line], list[_Name]]:
    """Return the lines of the passages, and their names."""
    lines = [line for passage in passages for line in passage.lines]
    names = [(each.about, index) for each in passages for index in range(len(each.lines))]
    return lines, names


def _now_at(before: Sequence[_Name], line: int, after: Sequence[_Name]) -> int:
    """Return where a line is, else the next one that is still there, else the end."""
    for name in before[line:]:
        if name in after:
            return after.index(name)
    return len(after)
