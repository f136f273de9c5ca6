"""What every test starts from, and ends with: Unicode on the terminal, ledgers that add up."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sanitize import ascii_output
from tests.support.ledgers import is_spoiled_on_purpose, problems_below

_GARBAGE = (5000, 20, 100)  # as in a console: see `app.console`


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among what was imported: it took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


@pytest.fixture(autouse=True)
def unicode_output() -> Iterator[None]:
    """Take back a choice of ASCII: one test's locale is not the next one's."""
    ascii_output(False)
    yield
    ascii_output(False)


@pytest.fixture(autouse=True)
def nothing_unexplained(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every due instant has its one verdict in each store that the test's engines left."""
    folder: Path | None = None
    if "tmp_path" in request.fixturenames and not is_spoiled_on_purpose(request.node):
        folder = request.getfixturevalue("tmp_path")
    yield
    if folder is not None:
        assert problems_below(folder) == []
