"""Pane 5: a job's state data as a tree or as text, their history with differences, and info."""

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal

from app.actions.scene import Console, Selection
from app.client.views import SavedState, StateView
from app.overlays.text import TextView
from app.panes.pane import COMPACT, Pane
from app.panes.state_feed import REREAD_SECONDS, StateFeed
from app.panes.state_saves import (
    kept_words,
    key_of,
    nothing_lines,
    save_line,
    save_of,
    title_of,
    unread_lines,
)
from app.panes.state_texts import StateTexts
from app.panes.state_tree_view import StateTreeView
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.presentation.state_tree import path_text
from app.sanitize import SafeText, safe, safe_lines
from app.store.changes import Changes
from app.widgets.list_panel import ListPanel
from app.widgets.paint import own
from app.widgets.panel import Panel
from app.widgets.text_panel import Line

_MOST_LINES = 10_000  # of one value
_FORMS = ("tree", "yaml", "json")


class StatePane(Pane):
    """The state data of one job."""

    name_of_pane = "state"

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console)
        self.viewpoint = viewpoint
        self.feed = StateFeed(console, viewpoint, self._came, self._redraw)
        self._left = ""  # whose data were shown when the console was left
        self.form = "tree"
        self._shown_save = 0  # index into the history; 0 is the newest
        self._shows_diff = False
        self._reveal = False
        self.main = ListPanel(id="state-main", frame="box", title="State data")
        self.main.opened = self.open
        self.data_tree = StateTreeView(self.main)
        self._texts = StateTexts(console, self.main, self._redraw)
        self.saves = ListPanel(id="state-saves", frame="box", title="Saves")
        self.saves.moved = self._choose_save

    def compose(self) -> ComposeResult:
        """The data left, their saves right."""
        with Horizontal():
            yield self.main
            yield self.saves

    @property
    def parts(self) -> Sequence[Panel]:
        """The data and their saves."""
        return (self.main, self.saves)

    @property
    def subject(self) -> str:
        """The name of the job whose state data are shown; "": none is chosen."""
        return self.feed.subject

    @property
    def view(self) -> StateView | None:
        """What was read of them; None: nothing yet."""
        return self.feed.view

    def selection(self) -> Selection:
        """Return the job whose state data are shown."""
        row = self.console.store.job(self.subject)
        return Selection(jobs=() if row is None else (row,))

    # -- what is shown ---------------------------------------------------------------------------

    def show_subject(self, name: str) -> None:
        """Show the state data of another job."""
        is_other = name != self.subject
        if is_other:
            self.feed.forget()
            self._texts.forget()
            self.data_tree.begin_anew()
            self.form = "tree"
            self._shown_save = 0
            self._shows_diff = self._reveal = False
            self.saves.cursor = 0
        self.feed.subject = name
        self.reload()
        if is_other and self.view is None:
            self._redraw()  # nothing of the job that was shown before stays

    def reload(self) -> None:
        """Read the state data anew."""
        self.feed.read()

    def _came(self, before: StateView | None) -> None:
        """Show what was read; an older save that is looked at stays the one that is shown."""
        chosen = save_of(before, self._shown_save) if self._shown_save else None
        if chosen is not None and self.view is not None:
            keys = [key_of(save) for save in self.view.history]
            self._shown_save = keys.index(key_of(chosen)) if key_of(chosen) in keys else 0
            self.saves.cursor = self._shown_save
        self._redraw()
        self.console.show_frame()

    def changed(self, changes: Changes) -> None:
        """Read anew when a run of the job began, moved on or ended."""
        if not self.subject:
            self.catch_up()
        if self.viewpoint.frozen_at is not None:
            return
        rows = (self.console.store.instances.get(key) for key in changes.instances)
        if any(row is not None and row.name == self.subject for row in rows):
            self.reload()

    def catch_up(self) -> None:
        """Read the state data anew."""
        if not self.subject and self.console.store.was_read:
            is_there = self._left in self.console.store.names
            self.feed.subject = self._left if is_there else self._job_under_cursor()
        self.reload()
        self._redraw()

    def _job_under_cursor(self) -> str:
        """Return the job that the jobs pane has its cursor on, as `s` there would have it."""
        jobs = self.console.pane_named("jobs")
        jobs.ready()
        view = jobs.view  # without a row where it was frozen before any was read
        row = view.current if view.keys else view.live.get(view.cursor)
        return next(iter(self.console.store.names), "") if row is None else str(row.name)

    def tick(self) -> None:
        """Ages go on; a run of the job may save at any time."""
        self.read_again()
        self._draw_saves()

    def read_again(self) -> None:
        """Read what runs may have saved meanwhile, or what could not be read yet."""
        if not self.subject:
            self.catch_up()
        self.feed.renew()

    def _save(self) -> SavedState | None:
        return save_of(self.view, self._shown_save)

    def shown_data(self) -> Any:
        """Return the data that are shown: of the chosen save, or the present ones."""
        shown = self._older_save() or self.view
        return None if shown is None else shown.data

    def _choose_save(self) -> None:
        if self.saves.cursor != self._shown_save:
            self._shown_save = self.saves.cursor
            self._redraw()

    def _redraw(self) -> None:
        self._draw_saves()
        data = self.shown_data()
        self.main.title = title_of(self._older_save(), self.viewpoint)
        self.data_tree.clear()
        self.main.has_cursor = not self._shows_diff and self.form == "tree"
        if self._shows_diff:
            history = self.view.history if self.view is not None else ()
            self._texts.show_difference(
                self._place(), history, self._shown_save, reveal=self._reveal
            )
        elif data is None:
            self.main.show(self._nothing_lines())
        elif self.form == "tree":
            self.data_tree.show(data, self.viewpoint.symbols, reveal=self._reveal)
        else:
            self._texts.show_data(self.form, self._place(), data, reveal=self._reveal)

    def _older_save(self) -> SavedState | None:
        """Return the save that is looked at; None: the present data are."""
        return self._save() if self._shown_save else None

    def _place(self) -> tuple[object, ...]:
        """Return what is looked at, however often it is saved anew."""
        save = self._older_save()
        return self.subject, None if save is None else key_of(save)

    def _nothing_lines(self) -> list[Line]:
        if self.view is not None:
            return nothing_lines(self.view, self._save(), self.viewpoint)
        if self.feed.problem:
            return unread_lines(self.feed.problem, REREAD_SECONDS, self.main.body.width)
        is_awaited = self.subject or not self.console.store.was_read
        jobs, state = map(self.viewpoint.key_of, ("go.jobs", "jobs.state"))
        text = "reading ..." if is_awaited else f"choose a job in {jobs} and press {state}"
        return [[Piece(safe(f"   {text}"), "muted")]]

    def _draw_saves(self) -> None:
        history = self.view.history if self.view is not None else ()
        lines = [save_line(save, self.viewpoint) for save in history]
        self.saves.show(lines or [[own("none", "muted")]])

    # -- keys ------------------------------------------------------------------------------------

    def move(self, motion: str) -> bool:
        """Move; left and right fold and unfold."""
        part = self.active_part
        if motion in {"left", "right"} and part is self.main:
            self._fold(open_it=motion == "right")
            return True
        return isinstance(part, ListPanel) and part.move(motion)

    def open(self) -> None:
        """Fold or unfold the node under the cursor; read a value whole."""
        line = self.data_tree.line if self.active_part is self.main else None
        if line is None:
            return
        if line.is_branch:
            self._fold(open_it=not line.is_expanded)
        elif line.is_masked:
            key = self.viewpoint.key_of("state.reveal")
            self.console.say(f"it looks like a secret: {key} shows it", "warning")
        else:
            text = self.copy_value()
            lines: list[Line] = [[Piece(each)] for each in safe_lines(text, _MOST_LINES, len(text))]
            title = path_text(line.path)
            self.console.open(TextView(title, lines or [[]], copy=self.console.outside.copy))

    def _fold(self, *, open_it: bool) -> None:
        self.data_tree.fold(open_it=open_it)
        self._redraw()

    def cycle_form(self) -> None:
        """Show tree, YAML, JSON in turn."""
        self.form = _FORMS[(_FORMS.index(self.form) + 1) % len(_FORMS)]
        self._shows_diff = False
        self._redraw()

    def toggle_diff(self) -> None:
        """Show what the chosen save changed, or the data themselves."""
        self._shows_diff = not self._shows_diff
        self._redraw()

    def toggle_reveal(self) -> None:
        """Show or mask what looks like a secret."""
        self._reveal = not self._reveal
        self._redraw()

    def toggle_wrap(self) -> None:
        """Long values are cut, never wrapped, in a tree; shown as YAML they are whole."""
        self.cycle_form()

    def copy_text(self) -> str:
        """Return the path under the cursor."""
        return self.data_tree.path

    def copy_value(self) -> str:
        """Return the value under the cursor as it is stored; nothing of what is masked."""
        return self.data_tree.value(self.shown_data(), reveal=self._reveal)

    def leave(self) -> bool:
        """Leave the difference first."""
        if self._shows_diff:
            self.toggle_diff()
            return True
        return False

    def info_pieces(self) -> Sequence[Piece]:
        """Return whose data they are, how large, how old."""
        if not self.subject:
            return [own(" no job chosen", "muted")]
        pieces = [own(" "), Piece(safe(self.subject), "title")]
        if self.view is not None:
            pieces.append(Piece(SafeText(f"  {kept_words(self.view, self.viewpoint.now)}")))
        path = self.data_tree.path
        mode = "difference" if self._shows_diff else self.form
        return [*pieces, own("\t"), Piece(path, "accent"), own(f"  {mode}", "muted")]

    def arranged(self) -> None:
        """On a small screen the saves take less room."""
        self.main.frame = self.saves.frame = self.viewpoint.frame()
        self.saves.styles.width = 34 if self.layout_name == COMPACT else 48

    def place(self) -> str:
        """Return whose data are shown."""
        return self.subject

    def restore(self, place: str) -> None:
        """Show them again."""
        if not self.subject:
            self._left = place
        elif place:
            self.show_subject(place)
