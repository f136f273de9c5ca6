"""What stands on each line of a table: only what looks otherwise is painted again."""

from app.presentation.pieces import Piece
from app.sanitize import SafeText
from app.widgets.columns import Cell, Column, Placed
from app.widgets.drawn import Drawn, Look, Place
from engine.clock import Instant


def cell(text: object) -> Cell:
    return (Piece(SafeText(str(text))),)


def look(key: str, *texts: object, under: str = "", is_marked: bool = False) -> Look[str]:
    return Look(key, tuple(map(cell, texts)), under, is_marked)


NAME: Placed[list[int]] = Placed(Column("name", "NAME", 8, 0, cell), 3, 8)
AGE: Placed[list[int]] = Placed(
    Column("age", "AGE", 4, 1, lambda row: cell(row[0]), until=lambda row: row[1]), 12, 4
)
COLUMNS = [NAME, AGE]


def aged(drawn: Drawn[str], row: list[int], now: Instant) -> list[Place]:
    return list(drawn.aged({"a": row}, COLUMNS, now))


def test_only_the_cells_that_differ_are_told() -> None:
    drawn: Drawn[str] = Drawn()
    drawn.keep(1, look("a", "one", 5))
    assert drawn.changed(1, look("a", "one", 5), COLUMNS) == []
    assert drawn.changed(1, look("a", "one", 6), COLUMNS) == [Place(12, 1, 4)]
    assert drawn.changed(1, look("b", "two", 6), COLUMNS) == [Place(3, 1, 8), Place(12, 1, 4)]


def test_a_line_changes_whole_with_cursor_and_mark_and_where_a_row_comes_or_goes() -> None:
    drawn: Drawn[str] = Drawn()
    drawn.keep(1, look("a", "one", 5))
    assert drawn.changed(1, look("a", "one", 5, under="cursor"), COLUMNS) is None
    assert drawn.changed(1, look("a", "one", 5, is_marked=True), COLUMNS) is None
    assert drawn.changed(1, None, COLUMNS) is None
    assert drawn.changed(2, look("b", "two", 5), COLUMNS) is None
    assert drawn.changed(3, None, COLUMNS) == []


def test_nothing_ages_before_the_first_cell_can() -> None:
    drawn: Drawn[str] = Drawn()
    drawn.keep(1, look("a", "one", 5))
    assert aged(drawn, [5, 100], 50) == []
    assert drawn.still_until == 100
    assert aged(drawn, [6, 200], 99) == []
    assert aged(drawn, [6, 200], 100) == [Place(12, 1, 4)]
    assert drawn.still_until == 200


def test_a_clock_that_is_set_back_has_every_age_looked_at_again() -> None:
    drawn: Drawn[str] = Drawn()
    drawn.keep(1, look("a", "one", 5))
    assert aged(drawn, [5, 100], 50) == []
    assert aged(drawn, [4, 20], 10) == [Place(12, 1, 4)]


def test_a_row_that_is_drawn_or_compared_may_age_at_any_moment() -> None:
    drawn: Drawn[str] = Drawn()
    drawn.keep(1, look("a", "one", 5))
    assert aged(drawn, [5, 100], 50) == []
    drawn.keep(2, look("b", "two", 5))
    assert drawn.still_until == 0
    assert aged(drawn, [5, 100], 50) == []
    drawn.changed(2, look("b", "two", 5), COLUMNS)
    assert drawn.still_until == 0


def test_lines_that_went_out_of_sight_are_forgotten() -> None:
    drawn: Drawn[str] = Drawn()
    for y, key in enumerate("abc", 1):
        drawn.keep(y, look(key))
    drawn.keep(2, None)
    drawn.shrink(3)
    assert drawn.lines_of("abc") == [1]
