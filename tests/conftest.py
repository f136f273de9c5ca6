"""What every test starts from: text for a terminal that shows all of Unicode."""

from collections.abc import Iterator

import pytest

from app.sanitize import ascii_output


@pytest.fixture(autouse=True)
def unicode_output() -> Iterator[None]:
    """Take back a choice of ASCII: one test's locale is not the next one's."""
    ascii_output(False)
    yield
    ascii_output(False)
