"""Which columns a table leaves out: by choice, and where none was made as the layout has it."""

from collections.abc import Collection, Mapping


class ColumnChoice:
    """What was chosen for a table's columns stays as it is, whatever the layout changes to."""

    def __init__(self) -> None:
        self._by_hand: dict[str, bool] = {}  # column → whether it is shown
        self._left_out: Collection[str] = ()
        self.hidden: frozenset[str] = frozenset()

    @property
    def by_hand(self) -> Mapping[str, bool]:
        """Whether each column is shown of which that was chosen: what is remembered."""
        return dict(self._by_hand)

    @by_hand.setter
    def by_hand(self, chosen: Mapping[str, bool]) -> None:
        self._by_hand = dict(chosen)
        self._settle()

    def leave_out(self, columns: Collection[str]) -> None:
        """Have the layout do without these, unless they were chosen."""
        self._left_out = columns
        self._settle()

    def turn(self, column: str) -> None:
        """Show a column that is hidden, or hide it; what the layout does anyway is no choice."""
        is_shown = column in self.hidden
        if is_shown is (column not in self._left_out):
            self._by_hand.pop(column, None)
        else:
            self._by_hand[column] = is_shown
        self._settle()

    def _settle(self) -> None:
        shown = {column for column, is_shown in self._by_hand.items() if is_shown}
        away = self._by_hand.keys() - shown
        self.hidden = frozenset((away | set(self._left_out)) - shown)
