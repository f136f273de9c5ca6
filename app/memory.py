"""What survives a restart: the places of the panes, the typed filters and commands, saved filters.

Every value is checked as it is read back: a file of another time never breaks a start. Several
consoles may have one home, so each writes only what it changed into what the file holds by then.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from app.options import ConsoleOptions
from app.panes.pane import Pane
from app.panes.switcher import Switcher
from app.panes.table_pane import TablePane, TablePlace
from app.store.log_stretch import WHOLE
from app.view_state import ViewState, load_view_state, save_view_state

_MOST_TYPED = 200
_TABLES = ("jobs", "groups", "instances")
_SUBJECTS = ("logs", "state")
_HID = ("jobs", "instances")  # had "hidden" for "columns" once; in groups it was the layout's


class Remembered(Protocol):
    """What of a console is kept."""

    panes: Switcher
    options: ConsoleOptions


class Memory:
    """Reads the last view at the start, writes the present one at the end, and filters at once."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._writing = threading.Lock()
        self._saved: dict[str, str] = {}  # filters that were saved by name in this console
        self.views: ViewState = {}
        self.problem = ""
        if folder is not None:
            self.views, self.problem = load_view_state(folder)

    def strings(self, part: str, key: str) -> list[str]:
        """Return a list of texts that was kept."""
        return _strings_in(self.views, part, key)

    def filters(self) -> dict[str, str]:
        """Return the filters that were saved by name."""
        return _filters_in(self.views)

    def first_pane(self) -> str:
        """Return the pane that was in sight."""
        return str(self.views.get("console", {}).get("pane", ""))

    def bring_back(self, pane: Pane) -> None:
        """Bring a pane that was just made to where it stood when the console was left."""
        name = pane.name_of_pane
        place = self._place_of(name)
        if place is None:
            return
        if isinstance(pane, TablePane):
            pane.grid.choice.by_hand = self._columns_of(name)
        pane.restore(place)

    def _place_of(self, pane: str) -> Any:
        """Return where `pane` stood, as its `restore` takes it; None: it is not known."""
        view = self.views.get(pane)
        if view is None:
            return None
        if pane in _TABLES:
            return self._table_place(view)
        subject, at = view.get("subject"), view.get("at")
        if pane not in _SUBJECTS or not isinstance(subject, str):
            return None
        at_place = isinstance(at, int) and not isinstance(at, bool) and at >= 0
        return (subject, at if at_place else None, WHOLE) if pane == "logs" else subject

    def _columns_of(self, pane: str) -> dict[str, bool]:
        """Return which columns of a pane were chosen to be shown, or hidden."""
        found = self.views.get(pane, {}).get("columns")
        if found is None and pane in _HID:
            return dict.fromkeys(self.strings(pane, "hidden"), False)
        if not isinstance(found, dict):
            return {}
        return {name: shown for name, shown in found.items() if isinstance(shown, bool)}

    @staticmethod
    def _table_place(view: Mapping[str, Any]) -> TablePlace[Any]:
        marks = view.get("marks")
        keys = frozenset(marks) if isinstance(marks, list) and all(map(_is_key, marks)) else None
        top = view.get("top")
        return TablePlace(
            view.get("cursor") if _is_key(view.get("cursor")) else None,
            keys or frozenset(),
            str(view.get("filter", "")),
            str(view.get("column", "name")),
            bool(view.get("reverse")),
            top if isinstance(top, int) else 0,
        )

    def note_filter(self, name: str, text: str) -> None:
        """Take note of a filter under a name: `keep` writes it if nothing did before."""
        self._saved[name] = text

    def keep_filter(self, name: str, text: str) -> str:
        """Write a filter under a name, at once; return what went wrong, or "". Any thread."""
        if self._folder is None:
            return ""
        with self._writing:
            views = self._latest(self._folder)
            saved = {**_filters_in(views), name: text}
            views["console"] = {**views.get("console", {}), "saved": saved}
            problem = save_view_state(self._folder, views)
            if not problem and self._saved.get(name) == text:
                del self._saved[name]  # another console may write a newer one by then
            return problem

    def keep(self, console: Remembered) -> str:
        """Write the present view; return what went wrong, or ""."""
        if self._folder is None:
            return ""
        with self._writing:
            latest = self._latest(self._folder)
            views: ViewState = {
                "console": {
                    "pane": console.panes.current_name,
                    "saved": self._saved_by_now(latest, console),
                    "filters": self._typed_by_now(latest, console),
                }
            }
            for name in (*_TABLES, *_SUBJECTS):
                pane = console.panes.known(name)
                if isinstance(pane, TablePane):
                    views[name] = _kept_table(pane)
                elif pane is not None:
                    views[name] = _subject_of(name, pane.place())
                elif name in latest:
                    views[name] = latest[name]
            return save_view_state(self._folder, views)

    def _latest(self, folder: Path) -> ViewState:
        """Return what the file holds by now; what it held at the start where it cannot be read."""
        views, problem = load_view_state(folder)
        return dict(self.views) if problem else views

    def _saved_by_now(self, latest: ViewState, console: Remembered) -> dict[str, str]:
        """Return the saved filters without those of the settings, which are read at each start."""
        told = console.options.filters
        saved = {**_filters_in(latest), **self._saved}
        return {name: text for name, text in saved.items() if told.get(name) != text}

    def _typed_by_now(self, latest: ViewState, console: Remembered) -> list[str]:
        """Return the filters that were typed, here and in other consoles; the last ones last."""
        typed_here = console.panes.filters[len(self.strings("console", "filters")) :]
        return [*_strings_in(latest, "console", "filters"), *typed_here][-_MOST_TYPED:]


def _strings_in(views: ViewState, part: str, key: str) -> list[str]:
    found = views.get(part, {}).get(key)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _filters_in(views: ViewState) -> dict[str, str]:
    found = views.get("console", {}).get("saved")
    if not isinstance(found, dict):
        return {}
    return {str(name): text for name, text in found.items() if isinstance(text, str)}


def _kept_table(pane: TablePane[Any, Any]) -> dict[str, Any]:
    place = pane.place()
    return {
        "cursor": place.cursor,
        "marks": sorted(place.marks)[:10_000],
        "filter": place.filter_text,
        "column": place.column,
        "reverse": place.is_reverse,
        "top": place.top,
        "columns": pane.grid.choice.by_hand,
    }


def _subject_of(name: str, place: Any) -> dict[str, Any]:
    if name != "logs":
        return {"subject": place}
    subject, at, stretch = place
    return {"subject": subject, "at": at if stretch == WHOLE else None}


def _is_key(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)
