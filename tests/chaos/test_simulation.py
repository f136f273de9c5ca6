"""Lives of an engine in fast motion, each from its seed: every due instant has its one verdict."""

from pathlib import Path

import pytest

from tests.chaos.simulation import simulate
from tests.chaos.wider_simulation import WiderSimulation
from tests.support.stores import sqlite_template

__all__ = ["sqlite_template"]

# Seeds whose lives once ended badly, and some that never did.
OF_WIDER = (5, 133, 100, 101, 102, 103)
SEEDS = (5, 9, 15, 17, 21, 33, 38, 48, 51, 59, 65, 188)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_due_instant_has_one_verdict_whatever_happens(
    tmp_path: Path, sqlite_template: Path, seed: int
) -> None:
    wrong, told = simulate(tmp_path, sqlite_template, seed, steps=150)
    assert wrong == [], "\n".join(told)


@pytest.mark.parametrize("seed", OF_WIDER)
def test_nor_does_upkeep_or_what_is_done_between_lives_take_a_verdict_away(
    tmp_path: Path, sqlite_template: Path, seed: int
) -> None:
    wrong, told = simulate(tmp_path, sqlite_template, seed, 150, WiderSimulation)
    assert wrong == [], "\n".join(told)
