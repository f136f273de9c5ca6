"""Options as they are typed: read in one way on the command line and in both consoles."""

from typing import Any

import pytest

from app.assignments import read_assignments
from engine.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("x=0.9", 0.9),
        ("x=7", 7),
        ("x=true", True),
        ("x=null", None),
        ("x=[1,2]", [1, 2]),
        ('x="7"', "7"),
        ("x=", ""),
        ("x=a=b", "a=b"),
        ("x=yes", "yes"),
        ("x=*.csv", "*.csv"),
        ("x=@daily", "@daily"),
        ("x='", "'"),
        ("x=[1,", "[1,"),
        ("x=2026-02-28", "2026-02-28"),
        ("x=2026-02-30", "2026-02-30"),
        ("x=NaN", "NaN"),
        ("x=1e999", "1e999"),
        ("x=" + "[" * 100_000, "[" * 100_000),
    ],
)
def test_a_value_is_json_or_text_where_it_is_not(typed: str, value: Any) -> None:
    assert read_assignments([typed]) == {"x": value}


@pytest.mark.parametrize("typed", ["=y", " =y", "x"])
def test_what_is_no_option_is_refused_by_what_was_typed(typed: str) -> None:
    with pytest.raises(UsageError, match=f"^'{typed}' is no option: options are written KEY=VALUE"):
        read_assignments([typed])
