"""Tables on a terminal: what gives way where they are too wide, and what never does."""

from app.cells import cell_width
from app.cli.fitting import fitted

YEAR = 2026
NOW, LATER = "2026-03-01T02:03:04+01:00", "1999-12-31T23:59:58+00:00"
HEADERS = ("NAME", "STATUS", "NEXT")


def widths(rows: list[list[str]]) -> list[int]:
    """Return how wide each column of `rows` is."""
    return [max(map(cell_width, column)) for column in zip(*rows, strict=True)]


def test_a_table_that_fits_is_left_as_it_is() -> None:
    rows = [["report", "ERROR", NOW]]
    assert fitted(HEADERS, rows, 80, year=YEAR) == rows


def test_instants_lose_their_offset_and_this_year_first_and_then_the_seconds() -> None:
    rows = [["report", "ERROR", NOW], ["probe", "-", LATER]]
    assert [row[2] for row in fitted(HEADERS, rows, 35, year=YEAR)] == [
        "03-01 02:03:04",
        "1999-12-31 23:59:58",
    ]
    assert [row[2] for row in fitted(HEADERS, rows, 33, year=YEAR)] == [
        "03-01 02:03",
        "1999-12-31 23:59",
    ]


def test_then_the_widest_column_is_cut_and_every_column_stays_in_sight() -> None:
    rows = [["n" * 90, "ERROR", NOW], ["probe", "COMPLETE", "-"]]
    table = fitted(HEADERS, rows, 60, year=YEAR)
    assert sum(widths(table)) + 4 == 60
    assert table[0][1:] == ["ERROR", "03-01 02:03"]
    assert table[0][0] == "n" * 36 + "…"
    assert table[1] == ["probe", "COMPLETE", "-"]


def test_an_instant_is_never_cut() -> None:
    table = fitted(HEADERS, [["n" * 90, "ERROR", NOW]], 20, year=YEAR)
    assert table[0][2] == "03-01 02:03"
    assert widths(table)[:2] == [8, 5]


def test_a_last_column_that_goes_below_its_row_takes_no_room_and_is_not_touched() -> None:
    rows = [["n" * 20, NOW, "reason " * 30]]
    assert fitted(("NAME", "NEXT", "REASON"), rows, 55, year=YEAR, free=1) == rows


def test_instants_give_way_so_that_the_title_of_such_a_column_stays_in_sight() -> None:
    rows = [["n" * 20, NOW, "reason " * 30]]
    assert fitted(("NAME", "NEXT", "REASON"), rows, 54, year=YEAR, free=1) == [
        ["n" * 20, "03-01 02:03:04", "reason " * 30]
    ]


def test_names_of_two_cells_a_letter_are_cut_by_cells() -> None:
    table = fitted(HEADERS, [["日本" * 30, "ERROR", NOW]], 40, year=YEAR)
    assert sum(widths(table)) + 4 <= 40
