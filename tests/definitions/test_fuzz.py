"""The short version of `python -m tests.definitions.fuzz`."""

from tests.definitions.fuzz import fuzz


def test_generated_files_give_no_traceback_and_every_refusal_its_place() -> None:
    tally = fuzz(files=1500, seed=20_261_123)
    assert tally.failures == []
    assert tally.files == 1500
    assert 10 < tally.accepted < 1400  # both sides are tried
