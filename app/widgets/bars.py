"""The tab bar and the key bar: one line each, built from what the registry says."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.presentation.pieces import Piece
from app.sanitize import SafeText
from app.widgets.key_names import key_name
from app.widgets.paint import own, width_of

PANE_TITLES = {
    "jobs": "Jobs",
    "groups": "Groups",
    "instances": "Instances",
    "logs": "Logs",
    "state": "State",
    "schedule": "Schedule",
    "engine": "Engine",
}


class Shown(Protocol):
    """An action, as the key bar shows it."""

    @property
    def id(self) -> str:
        """What a click performs."""
        ...

    @property
    def title(self) -> str:
        """Its word."""
        ...

    @property
    def keys(self) -> Sequence[str]:
        """Its keys; the first one is shown."""
        ...

    @property
    def bar(self) -> int:
        """Its place, 1 first."""
        ...


_SHORT_TITLES = {**PANE_TITLES, "instances": "Inst", "schedule": "Sched"}
_NO_TITLES = dict.fromkeys(PANE_TITLES, "")


def tab_pieces(active: str, separator: SafeText, width: int) -> tuple[list[Piece], list[str]]:
    """Return the tab bar and what a click on each piece does.

    All seven are in sight at any width: their names grow shorter, then only the active one has one.
    """
    wide, tight = SafeText(f" {separator} "), separator
    for titles, between in (
        (PANE_TITLES, wide),
        (PANE_TITLES, tight),
        (_SHORT_TITLES, tight),
        (_NO_TITLES, wide),
        (_NO_TITLES, tight),
    ):
        pieces, actions = _tabs(titles, active, between)
        if width_of(pieces) <= width:
            break
    return pieces, actions


def _tabs(
    titles: Mapping[str, str], active: str, separator: SafeText
) -> tuple[list[Piece], list[str]]:
    pieces, actions = [own(" ")], [""]
    for number, (pane, whole) in enumerate(PANE_TITLES.items(), start=1):
        if number > 1:
            pieces.append(Piece(separator, "muted"))
            actions.append("")
        title = whole if pane == active else titles[pane]
        pieces.append(own(f"{number} {title}".rstrip(), "tab" if pane == active else ""))
        actions.append(f"go.{pane}")
    return pieces, actions


_ALWAYS = 29  # actions from this place on are always on the bar: menu, help, commands


def key_pieces(actions: Sequence[tuple[Shown, str]], width: int) -> tuple[list[Piece], list[str]]:
    """Return the key bar: as many of `actions` (with why each is impossible) as fit.

    One whose keys were taken away has no place there.
    """
    entries = [(action, _entry(action, refusal)) for action, refusal in actions if action.keys]
    always = [each for each in entries if each[0].bar >= _ALWAYS]
    room = width + 1 - sum(width_of(entry) for _, entry in always)
    shown = []
    for action, entry in entries:
        if action.bar >= _ALWAYS:
            continue
        room -= width_of(entry)
        if room < 0:
            break
        shown.append((action, entry))
    pieces: list[Piece] = [own(" ")]
    ids = [""]
    for action, entry in [*shown, *always]:
        pieces += entry
        ids += [action.id] * len(entry)
    return pieces, ids


def _entry(action: Shown, refusal: str) -> list[Piece]:
    key = key_name(action.keys[0])
    return [
        own(key, "muted" if refusal else "key"),
        own(f" {action.title}  ", "muted" if refusal else ""),
    ]
