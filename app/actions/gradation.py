"""How many rows are asked about, and how: the same on the screen and in the plain console."""

BULK = 50  # more rows than this are confirmed by typing their number


def is_several(count: int) -> bool:
    """Whether so many rows are asked about, even where one could be taken back."""
    return count > 1


def is_bulk(count: int) -> bool:
    """Whether so many rows are confirmed by typing their number."""
    return count > BULK
