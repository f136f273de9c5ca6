"""What a run's end is told as, where it ended and was ended at nearly the same moment."""

import pytest

from engine.execution.runtime.ending import (
    ENGINE_STOPPED,
    EXIT_CODE,
    LEASE_LOST,
    RETURNED,
    Facts,
    conclude,
)


@pytest.mark.parametrize(
    ("imposed", "code", "told"),
    [
        (LEASE_LOST, 0, RETURNED),
        (LEASE_LOST, 3, EXIT_CODE),
        (LEASE_LOST, -9, LEASE_LOST),
        (ENGINE_STOPPED, 0, ENGINE_STOPPED),  # it was asked first, and may have obeyed
    ],
)
def test_a_shell_that_was_over_when_the_lease_ran_out_is_told_as_it_ended(
    imposed: str, code: int, told: str
) -> None:
    facts = Facts()
    facts.began = True
    facts.impose(imposed, "no engine renewed the lease in time")
    facts.code = code
    ending, _, error = conclude(facts, {}, speaks=False)
    assert (ending, error) == (told, None)
