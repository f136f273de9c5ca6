"""The engine is killed at random moments: nothing is lost, doubled, or told wrongly."""

from pathlib import Path

import pytest

from tests.chaos.kills import storm


@pytest.mark.timeout(180)
def test_no_run_is_lost_doubled_or_called_a_crash_through_twenty_kills(tmp_path: Path) -> None:
    figures = storm(tmp_path, kills=20, seed=20_260_301)
    assert figures.violations == []
    assert figures.begun > 50
