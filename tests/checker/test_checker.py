"""The checker finds every class of seeded fault, and nothing in a history without one."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.checker.check import check
from tests.checker.expansion import expand
from tests.checker.mutations import MUTATIONS
from tests.checker.rows import Revision, load
from tests.checker.synthetic import history
from tests.checker.witness import Witness, read_all
from tests.support.builders import cron, definition, every

SITES = 12


@pytest.mark.parametrize("seed", range(8))
def test_a_history_without_a_fault_has_no_violation(seed: int) -> None:
    result = check(*history(seed=seed))
    assert result.violations == []
    assert result.due > 500


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_seeded_fault_is_found(name: str) -> None:
    invariant = name.split("/", maxsplit=1)[0]
    for site in range(SITES):
        rows, witness = history(seed=site)
        chance = random.Random(f"{name} {site}")
        MUTATIONS[name](rows, witness, chance)
        assert (rows, witness) != history(seed=site)  # it did change something
        found = check(rows, witness)
        assert invariant in found.kinds, f"site {site}: found only {dict(found.kinds)}"


def test_there_are_enough_classes_of_faults() -> None:
    assert len(MUTATIONS) >= 30
    assert len({name.split("/")[0] for name in MUTATIONS}) >= 24


def test_it_checks_a_hundred_thousand_due_instants_a_second_on_a_busy_machine() -> None:
    result = check(*history(jobs=100, minutes=1000))
    assert result.violations == []
    assert result.due > 90_000
    assert result.due / result.seconds > 100_000  # a quiet one does more than 250,000


def test_a_store_that_an_engine_wrote_has_no_violation(tmp_path: Path) -> None:
    clock = ManualClock.at("2026-03-28T20:00:00Z")
    with ManualEngine(tmp_path, clock=clock) as engine:
        engine.add(definition("night", cron("30 2 * * *", "Europe/Prague")))
        engine.add(definition("often", every(600), single_instance=True))
        engine.add(definition("never", cron("*/7 * * * *"), run_skipped=False))
        engine.advance(20_000, step=300)
        engine.kill()
        clock.advance(5000)
        engine.open()
        engine.advance(40_000, step=900)
    rows = load(tmp_path / "tocsin.db")
    result = check(rows)
    assert result.violations == []
    assert result.due > 150
    assert {one.verdict for one in rows.stretches} == {"coalesced", "missed"}


def test_the_command_prints_figures_and_fails_for_a_violation(tmp_path: Path) -> None:
    clock = ManualClock.at("2026-03-28T20:00:00Z")
    with ManualEngine(tmp_path, clock=clock) as engine:
        engine.add(definition("often", every(600)))
        engine.advance(6000, step=300)
    command = [sys.executable, "-m", "tests.checker", str(tmp_path / "tocsin.db"), str(tmp_path)]
    clean = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "due instants   10" in clean.stdout
    assert "violations     0" in clean.stdout
    (tmp_path / "often.witness").write_text("B 3 100.5 1772366400.0 77\nB 99 101.0 1.0 78\nE 3 1")
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "unrecorded" in found.stdout
    assert "false-complete" in found.stdout


def test_witness_files_with_and_without_times_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.witness").write_text(
        "B 1 100.5 1772366400.0 77\nS 1 100.6 1.0 77 4\nE 1 101.0 1.0 77\n"
    )
    (tmp_path / "b.witness").write_text("B 2 2026-03-01\nG 2 4\nB 2 -\nE 2\nB 3 tor")
    witness = read_all(tmp_path)
    assert (witness.begun[1], witness.begun[2], witness.begun[3]) == (1, 2, 0)
    assert witness.ended == {1, 2}
    assert (witness.began_at, witness.ended_at) == ({1: 100.5}, {1: 101.0})
    assert (witness.saved, witness.found) == ({1: 4}, {2: 4})
    with pytest.raises(ValueError):
        Witness().take("X 1")


def test_its_own_expansion_knows_clock_changes() -> None:
    hour = 3_600_000_000
    midnight = 1_774_742_400_000_000  # 2026-03-29T00:00:00Z
    fields = ("30", "2", "*", "*", "*")
    daily = Revision(1, 0, None, None, None, fields, "Europe/Prague", "after", "first")
    found = expand([daily], midnight - 24 * hour, midnight + 48 * hour)
    assert [(due - midnight) / hour for due in found] == [-22.5, 1.0, 24.5]
    tick = Revision(1, midnight, midnight + hour, None, 1200, fields, "UTC", "after", "first")
    assert len(expand([tick], 0, midnight + 9 * hour)) == 3
