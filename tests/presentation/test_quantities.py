"""Counts, sizes and shares."""

import pytest

from app.presentation.quantities import count, counted, name_rows, percent, size


def test_counts_have_separators_and_plurals() -> None:
    assert count(10412) == "10,412"
    assert [counted(n, "job") for n in (0, 1, 2300)] == ["0 jobs", "1 job", "2,300 jobs"]
    assert (counted(2, "match"), counted(2, "entry"), counted(2, "key")) == (
        "2 matches",
        "2 entries",
        "2 keys",
    )


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (None, "-"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9960, "10 kB"),
        (96_000, "96 kB"),
        (999_700, "1.0 MB"),
        (3_400_000_000, "3.4 GB"),
        (10**19, "10000 PB"),
    ],
)
def test_sizes(octets: int | None, text: str) -> None:
    assert size(octets) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "-"),
        (0, 9, "0%"),
        (9, 9, "100%"),
        (286, 288, "99.3%"),
        (9999, 10_000, "99.9%"),
        (1, 9999, "0.1%"),
    ],
)
def test_a_share_is_rounded_to_all_or_nothing_only_if_it_is(
    part: int, whole: int, text: str
) -> None:
    assert percent(part, whole) == text


@pytest.mark.parametrize(("count", "text"), [(1, "a"), (3, "a, b, c"), (5, "a, b, c and 2 more")])
def test_of_many_names_the_first_are_told(count: int, text: str) -> None:
    assert name_rows("abcde"[:count]) == text
