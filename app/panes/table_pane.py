"""What the panes around one main table share: filter, order, motions, and their place."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from app.actions.scene import Console
from app.panes.live_filter import LiveFilter
from app.panes.marking import Marking, clear_marks
from app.panes.pane import Pane
from app.panes.table_words import TableWords
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.store.query import JOBS, Query, Vocabulary, parse
from app.store.query_complete import complete
from app.store.store import ConsoleStore
from app.store.view import Order, TableView
from app.widgets.grid import Grid
from app.widgets.panel import Panel
from app.widgets.prompt import Completion
from app.widgets.text_panel import TextPanel
from app.widgets.typed_text import Part

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class TablePlace(Struct, Generic[K], frozen=True):
    """Where a table stands: everything that coming back restores."""

    cursor: K | None
    marks: frozenset[K]
    filter_text: str
    column: str
    is_reverse: bool
    top: int


class TablePane(Pane, Generic[K, R]):
    """A pane whose main part is one table."""

    view: TableView[K, R]
    grid: Grid[K, R]
    vocabulary: Vocabulary = JOBS
    own_order: Order[R] | None = None  # the one that the rows begin in, where it is no column's
    info_tells_time = False

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console)
        self.viewpoint = viewpoint
        self._store = console.store  # of now, or of the moment of the past that it shows
        self.marking = Marking(self)
        self.live_filter: LiveFilter[K, R] = LiveFilter()
        self.words = TableWords(self)
        self._awaited = ""  # the name of a row to point at once it comes
        self._is_early = False  # the row that the cursor was left on may be on its way

    # -- rows ------------------------------------------------------------------------------------

    def apply_rows(self, changed: Collection[K], gone: Collection[K]) -> None:
        """Take changed rows in."""
        if not changed and not gone:
            return
        awaited, self._awaited = self._awaited, ""
        self.live_filter.changing(self.view, changed, gone, self.viewpoint.now)
        shown = self.view.keys
        is_other = self.view.apply(changed, gone)
        if not shown and not self.view.keys:
            self.grid.stayed_empty(self.viewpoint.now)
        elif is_other:
            self.grid.restructured()
        else:
            self.grid.refresh_keys(changed)
        self._see_whether_all_came()
        if awaited:
            self.point_at(awaited)

    @property
    def table(self) -> tuple[TableView[Any, Any], Grid[Any, Any]]:
        """The table that has the keys, where marks are set: its rows, and what shows them."""
        return self.view, self.grid

    @property
    def shown(self) -> ConsoleStore:
        """What is shown: what the store knows, or knew when the view was frozen."""
        return self.viewpoint.shown(self._store)

    def use_rows(self) -> None:
        """Take the rows of each table from what is shown."""

    def stand_still(self) -> None:
        """Go on with copies of what is known: the store's own rows go on changing.

        It may know more by now than was painted: a row would be gone, or of another moment.
        """
        self.catch_up()

    def ready(self) -> None:
        """Rebuild the rows."""
        self._rematch()

    def catch_up(self) -> None:
        """Rebuild the table."""
        self._rematch()
        self.grid.show()

    def tick(self) -> None:
        """Move rows whose place changed; let rows come and go, ages and distances go on."""
        shown, now = self.view.keys, self.viewpoint.now
        is_asked_anew = self.live_filter.pass_time(self.view, now)
        differs = is_asked_anew and self.view.keys != shown
        if is_asked_anew and not shown and not differs:
            self.grid.stayed_empty(now)
        if self.view.settle() or differs:
            self.grid.restructured()
        else:
            self.grid.tick(now)
        if differs:
            self.console.show_frame()  # it counts the rows

    # -- filter ----------------------------------------------------------------------------------

    def parsed_filter(self) -> Query:
        """Return the filter in force."""
        return parse(self.view.filter_text, self.vocabulary, self.viewpoint.zone)

    def set_filter(self, text: str) -> None:
        """Show only the rows that the filter `text` lets through."""
        self.view.filter_text = text
        self._rematch()
        self.grid.show()
        self.console.caught_up()

    def _rematch(self) -> None:
        self.use_rows()
        if self.shown.was_read:  # else the row of a mark from last time is on its way
            self.view.drop_gone_marks()
        self.live_filter.use(self.parsed_filter(), self.view, self.viewpoint.now)
        self._see_whether_all_came()

    def _see_whether_all_came(self) -> None:
        """Wait no more for the row that the cursor was left on, once all were read."""
        if self._is_early and self.shown.was_read:
            self._is_early, self.view.returns_to = False, None

    def point_at(self, name: str) -> None:
        """Put the cursor on the row called `name`, if need be by clearing the filter."""
        key = self.key_named(name)
        if key is None:
            self._awaited = name  # it was made just now, and its row is on the way
            return
        if self.viewpoint.still is not None and key not in self.view.rows:
            follow = self.viewpoint.key_of("follow")
            self.console.say(f"{name} is not in the frozen view: {follow} ends that", "warning")
            return
        if self.view.index_of(key) is None:
            self.set_filter("")
        index = self.view.index_of(key)
        if index is not None:
            self.grid.move_to(index)

    def key_named(self, name: str) -> K | None:
        """Return the key of the row called `name`."""
        del name
        return None

    def complete(self, text: str, position: int) -> Completion:
        """Return how a filter that is being typed may go on."""
        options = complete(text, position, self.vocabulary, self.known_values)
        start = options[0].start if options else position
        return Completion(start, [option.insert for option in options])

    def known_values(self, field: str) -> Iterable[str]:
        """Return values that the rows have in a field of the filter language."""
        store = self.console.store
        known: dict[str, Iterable[str]] = {"group": store.groups, "name": store.names}
        return known.get(field, ())

    def info_pieces(self) -> Sequence[Piece]:
        """Return filter, counts and order."""
        return self.words.line(self.app.size.width)

    def wrong_parts(self, text: str) -> Sequence[Part]:
        """Return which parts of a filter mean nothing."""
        problems = parse(text, self.vocabulary, self.viewpoint.zone).problems
        return [(each.start, each.end) for each in problems]

    def reach_words(self) -> str:
        """Return how far back the rows go, where there may be more than were read."""
        return ""

    # -- order -----------------------------------------------------------------------------------

    @property
    def orders(self) -> Mapping[str, Order[R]]:
        """Every order by its name, the pane's own first, then the columns from left to right."""
        known = [] if self.own_order is None else [self.own_order]
        known += [
            Order(column.id, column.sort_value, changes_often=column.changes_often)
            for column in self.grid.columns
            if column.sort_value is not None
        ]
        return {order.column: order for order in known}

    def sort_step(self, step: int) -> None:
        """Sort by the next or the previous column in sight; the pane's own order is one of them."""
        in_sight = {placed.column.id for placed in self.grid.placed}
        own = "" if self.own_order is None else self.own_order.column
        names = [name for name in self.orders if name in in_sight or name == own]
        at = names.index(self.view.order.column) if self.view.order.column in names else 0
        self.sort_by(names[(at + step) % len(names)])

    def sort_by(self, name: str, *, reverse: bool | None = None) -> None:
        """Sort by a column, or in the pane's own order; the same again turns it around."""
        order = self.orders.get(name)
        if order is None:
            return
        if reverse is None:
            present = self.view.order
            reverse = name == present.column and not present.reverse
        self.view.sort_by(replace(order, reverse=reverse))
        self.grid.show()
        self.console.caught_up()

    def sort_reverse(self) -> None:
        """Turn the order around."""
        self.sort_by(self.view.order.column, reverse=not self.view.order.reverse)

    # -- moving ----------------------------------------------------------------------------------

    def move(self, motion: str) -> bool:
        """Move the cursor of the active table."""
        self._awaited = ""
        part = self.active_part
        if isinstance(part, Grid):
            return move_grid(part, motion)
        if isinstance(part, TextPanel):
            return part.move(motion)
        return False

    def leave(self) -> bool:
        """Drop a range that was begun; clear the filter, then the marks in the main table."""
        if self.marking.drop_range():
            return True
        if self.view.filter_text:
            self.set_filter("")
            return True
        return clear_marks(self.view, self.grid)

    def place(self) -> TablePlace[K]:
        """Return where the table stands."""
        view = self.view
        marks = frozenset(view.marks)
        order = view.order
        cursor = view.cursor if view.returns_to is None else view.returns_to
        if self.grid.follows_top and self.grid.is_at_top:
            cursor = None
        return TablePlace(
            cursor, marks, view.filter_text, order.column, order.reverse, self.grid.top
        )

    def restore(self, place: TablePlace[K]) -> None:
        """Go back to where the table stood."""
        self.view.marks = set(place.marks)
        self._is_early = not self.shown.was_read
        self.view.cursor = place.cursor
        self.view.returns_to = place.cursor if self._is_early else None
        self.grid.is_at_top = place.cursor is None
        self.grid.top = place.top
        self.view.filter_text = place.filter_text
        self._rematch()
        self.sort_by(place.column, reverse=place.is_reverse)

    def activate_for(self, panel: Panel) -> None:
        """Give the keys to the panel that was clicked."""
        self.activate(panel)


def move_grid(grid: Grid[K, R], motion: str) -> bool:
    """Move the cursor of `grid`; False for a motion that means nothing to a table."""
    page, last = grid.page, len(grid.view) - 1
    half = max(1, page // 2)
    steps = {
        "down": 1,
        "up": -1,
        "page_down": page,
        "page_up": -page,
        "half_down": half,
        "half_up": -half,
    }
    if motion in steps:
        grid.move(steps[motion])
    elif motion in {"home", "end"}:
        grid.move_to(0 if motion == "home" else last)
    else:
        return False
    return True
