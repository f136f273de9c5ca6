"""Why something failed is told in words, not in names of classes."""

import errno

from app.presentation.reasons import reason_of
from engine.errors import JobError


def test_the_engine_and_the_system_speak_for_themselves() -> None:
    assert reason_of(JobError("job 'x' is disabled")) == "job 'x' is disabled"
    full = OSError(errno.ENOSPC, "No space left on device", "/var/log/x")
    assert reason_of(full) == "/var/log/x: No space left on device"
    assert reason_of(OSError(errno.EPIPE, "Broken pipe")) == "Broken pipe"


def test_a_defect_is_told_by_its_kind() -> None:
    assert reason_of(ValueError("no")) == "ValueError: no"
