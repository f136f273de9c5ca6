"""The engine is killed when its store's log reaches a length, in the midst of a page too.

The kernel does it: no file of the engine's may grow beyond that length, and the signal that says so
is left deadly. Where strace is there, `tests.chaos.system_calls` kills at every call.
"""

from pathlib import Path

import pytest

from tests.chaos.kills import crash_points

_PAGE = 4096 + 24  # of the log
_HEADER = 32


@pytest.mark.timeout(180)
def test_no_run_is_lost_doubled_or_called_a_crash_wherever_a_write_is_cut_off(
    tmp_path: Path,
) -> None:
    whole = [_HEADER + pages * _PAGE for pages in (1, 9, 24, 45)]
    torn = [size + _PAGE // 3 for size in whole]
    figures = crash_points(tmp_path, sorted(whole + torn), seed=20_260_304)
    assert figures.violations == []
    assert figures.kills == 8
    assert figures.begun > 20
