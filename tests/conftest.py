"""What every test starts from, and ends with: Unicode on the terminal, stores that add up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sanitize import ascii_output
from tests.support.left_stores import problems_in


@pytest.fixture(autouse=True)
def unicode_output() -> Iterator[None]:
    """Take back a choice of ASCII: one test's locale is not the next one's."""
    ascii_output(False)
    yield
    ascii_output(False)


@pytest.fixture(autouse=True)
def nothing_unexplained(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every due instant has one verdict in each store that the test's engines left."""
    folder: Path | None = None
    if "tmp_path" in request.fixturenames:
        folder = request.getfixturevalue("tmp_path")
    yield
    if folder is not None and request.node.get_closest_marker("spoils_the_ledger") is None:
        assert problems_in(folder) == []
