"""One table's view of rows: filter, order, marks and a cursor that is a key: no refresh moves it.

Rows come and go and change places; the cursor stays on the same row while it is shown. Then it goes
to the row that took its place, and stays on that one. Marks are keys too, and may be hidden by the
filter.

The rows are those of the store, which may be ahead of the view: until it is told, it lists keys of
rows that are gone. While it stands still they are copies; an order is for the rows that there are
by then (`live`), and not for one that is gone.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Generic, TypeVar

from msgspec import Struct

R = TypeVar("R")
K = TypeVar("K", bound=Hashable)

_FEW = 200  # moves of single rows up to here, a whole sort beyond

SortKey = tuple[Any, ...]  # whether there is a value, the value, the name, and the key itself


class Order(Struct, Generic[R], frozen=True):
    """How rows are sorted: by a column's value, then by name.

    `changes_often`: rows whose value changed keep their place until `settle`.
    """

    column: str
    value: Callable[[R], Any]
    reverse: bool = False
    changes_often: bool = True


class Place(Struct, Generic[K], frozen=True):
    """Everything that is restored when the view is shown again."""

    cursor: K | None
    marks: frozenset[K]
    filter_text: str
    column: str
    reverse: bool
    top: int


def folded(name: str) -> str:
    """Return `name` in lower case: the very same string where it is, as most of a large store."""
    low = name.lower()
    return name if low == name else low


class TableView(Generic[K, R]):
    """The rows of one table, filtered and ordered."""

    def __init__(self, rows: Mapping[K, R], name_of: Callable[[R], Any], order: Order[R]) -> None:
        self.rows = rows  # that are shown
        self.live = rows  # that there are
        self.order = order
        self.keys: list[K] = []
        self.cursor: K | None = None
        self.returns_to: K | None = None  # the cursor, once this one is shown, if it is not moved
        self.marks: set[K] = set()
        self.filter_text = ""
        self.matches: Callable[[R], bool] | None = None
        self.only: Callable[[R], bool] | None = None  # the pane's own limit, beneath the filter
        self._name_of = name_of
        self._sorted: list[SortKey] = []
        self._sort_keys: dict[K, SortKey] = {}
        self._moved: set[K] = set()
        self._cursor_row = 0

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def total(self) -> int:
        """How many rows there are before the filter."""
        if self.only is None:
            return len(self.rows)
        if self.matches is None:
            return len(self.keys)
        return sum(map(self.only, self.rows.values()))

    # -- what is shown ---------------------------------------------------------------------------

    def at(self, index: int) -> R | None:
        """Return the row shown at `index`; None: it is gone, and the view was not told yet."""
        return self.rows.get(self.keys[index])

    def index_of(self, key: K | None) -> int | None:
        """Return where `key` is shown; None while the filter hides it."""
        if key is None:
            return None
        sort_key = self._sort_keys.get(key)
        if sort_key is None:
            return None
        low = bisect_left(self._sorted, sort_key)
        return len(self.keys) - 1 - low if self.order.reverse else low

    @property
    def cursor_index(self) -> int:
        """Where the cursor is."""
        index = self.index_of(self.cursor)
        return min(self._cursor_row, max(0, len(self.keys) - 1)) if index is None else index

    @property
    def current(self) -> R | None:
        """The row under the cursor; None: there is none, or none any more."""
        return self.at(self.cursor_index) if self.keys else None

    @property
    def chosen(self) -> R | None:
        """The row under the cursor as it is by now; None: there is none, or none any more."""
        return self.live.get(self.keys[self.cursor_index]) if self.keys else None

    @property
    def current_key(self) -> K | None:
        """The key under the cursor."""
        return self.keys[self.cursor_index] if self.keys else None

    def targets(self) -> list[K]:
        """What an action means: the marked rows in order, else the one under the cursor.

        Without what is gone: then there may be none, and it never is another row instead.
        """
        key = self.current_key
        meant = self.standing_marks() or ([] if key is None else [key])
        return [key for key in meant if key in self.live]

    def standing_marks(self) -> list[K]:
        """The marked rows in order, the hidden ones last; one that is gone as long as it is listed.

        A mark of a row that is not read yet, or was not read again, marks nothing.
        """
        if not self.marks:
            return []
        return [key for key in self.keys if key in self.marks] + self.hidden_marks()

    def hidden_marks(self) -> list[K]:
        """The marked rows that the filter hides, without what is gone."""
        return [key for key in self.marks if key not in self._sort_keys and key in self.live]

    # -- moving ----------------------------------------------------------------------------------

    def move_to(self, index: int) -> None:
        """Put the cursor on the row at `index`, or the nearest there is."""
        if self.keys:
            self._cursor_row = max(0, min(index, len(self.keys) - 1))
            self.cursor = self.keys[self._cursor_row]
            self.returns_to = None

    def toggle_mark(self, key: K) -> None:
        """Mark `key`, or take its mark away."""
        self.marks ^= {key}

    def drop_gone_marks(self) -> None:
        """Take the marks of rows that are not there away: one of that name later is another."""
        self.marks = {key for key in self.marks if key in self.rows}

    # -- rebuilding ------------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Filter and sort everything anew."""
        only, matches = self.only, self.matches
        items: Iterable[tuple[K, R]] = self.rows.items()
        if only is not None:
            items = [(key, row) for key, row in items if only(row)]
        if matches is not None:
            items = [(key, row) for key, row in items if matches(row)]
        sort_key = self._sort_key
        self._sort_keys = {key: sort_key(key, row) for key, row in items}
        self._sorted = sorted(self._sort_keys.values())
        self._moved.clear()
        self._relist()

    def sort_by(self, order: Order[R]) -> None:
        """Show the rows in another order; the cursor stays on its row."""
        self.order = order
        self.rebuild()

    def set_filter(self, text: str, matches: Callable[[R], bool] | None) -> None:
        """Show only what `matches`; None shows all."""
        self.filter_text = text
        self.matches = matches
        self.rebuild()

    def apply(self, changed: Collection[K], gone: Collection[K]) -> bool:
        """Take changed and gone rows in; True when rows appeared or went, so that lines moved.

        Rows whose place changed are moved by `settle`: a table does not jump under the cursor.
        """
        self.marks.difference_update(gone)
        if len(changed) > len(self._sorted) // 4 + _FEW:
            self.rebuild()
            return True
        structural = False
        for key in gone:
            structural |= self._remove(key)
        for key in changed:
            row = self.rows.get(key)
            belongs = row is not None and self._belongs(row)
            if row is not None and belongs and key not in self._sort_keys:
                self._insert(key, row)
                structural = True
            elif not belongs:
                structural |= self._remove(key)
            elif row is not None and self._sort_keys[key] != self._sort_key(key, row):
                self._moved.add(key)
        if self._moved and not self.order.changes_often:
            return self.settle() or structural
        if structural:
            self._relist()
        return structural

    def settle(self) -> bool:
        """Move the rows whose place changed to where they belong; True when any did."""
        if not self._moved:
            return False
        moved = [key for key in self._moved if key in self._sort_keys and key in self.rows]
        if len(moved) > _FEW:
            self._move_many(moved)
        else:
            for key in moved:
                self._remove(key)
                self._insert(key, self.rows[key])
        self._moved.clear()
        self._relist()
        return True

    # -- inside ----------------------------------------------------------------------------------

    def _belongs(self, row: R) -> bool:
        if self.only is not None and not self.only(row):
            return False
        return self.matches is None or self.matches(row)

    def _sort_key(self, key: K, row: R) -> SortKey:
        value = self.order.value(row)
        return (
            (value is None) != self.order.reverse,
            value if value is not None else 0,
            self._name_of(row),
            key,
        )

    def _insert(self, key: K, row: R) -> None:
        sort_key = self._sort_key(key, row)
        self._sort_keys[key] = sort_key
        insort(self._sorted, sort_key)

    def _move_many(self, moved: Collection[K]) -> None:
        """Put many rows where they belong: the others are in order, and sorting keeps to that."""
        fresh = {key: self._sort_key(key, self.rows[key]) for key in moved}
        self._sort_keys.update(fresh)
        kept = [sort_key for sort_key in self._sorted if sort_key[-1] not in fresh]
        self._sorted = sorted(kept + sorted(fresh.values()))

    def _remove(self, key: K) -> bool:
        sort_key = self._sort_keys.pop(key, None)
        if sort_key is None:
            return False
        self._moved.discard(key)
        del self._sorted[bisect_left(self._sorted, sort_key)]
        return True

    def _relist(self) -> None:
        keys: list[K] = [sort_key[-1] for sort_key in self._sorted]
        if self.order.reverse:
            keys.reverse()
        before, self.keys = self.keys, keys
        if not keys:
            return
        if self.returns_to is not None and self.returns_to in self._sort_keys:
            self.cursor = self.returns_to
        elif self.cursor is None:
            self.cursor = keys[0]
        elif self.cursor not in self._sort_keys:
            self.cursor = self._in_its_place(before)
        self._cursor_row = self.cursor_index

    def _in_its_place(self, before: Sequence[K]) -> K:
        """Return the row next to where the cursor was among those `before`: below it, if any is."""
        below, above = before[self._cursor_row :], before[: self._cursor_row]
        near = chain(below, reversed(above))
        listed = next((key for key in near if key in self._sort_keys), None)
        return self.keys[min(self._cursor_row, len(self.keys) - 1)] if listed is None else listed
