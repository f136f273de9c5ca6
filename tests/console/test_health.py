"""What the header tells of the account of due instants while an engine takes over."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from app.client.account import AccountApart, unexplained
from app.client.health import HealthReader
from app.client.system_desk import SystemDesk
from app.testing.harness import ManualClock
from engine.config import Settings
from engine.control import Actor, System, open_system
from engine.control.definitions import read_definitions
from engine.errors import DefinitionError, EngineError


class AtOnce(Executor):
    """Runs what it is given before it returns."""

    def submit(self, work: Any, /, *values: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(work(*values, **named))
        return future


class Accounts(HealthReader):
    """Finds the differences that a test lists, one account after the other."""

    def __init__(self, system: System, found: list[int]) -> None:
        super().__init__(system, AtOnce())
        self._found = found

    def _count(self) -> int:
        return self._found.pop(0) if len(self._found) > 1 else self._found[0]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_767_616_205_000_000)


@pytest.fixture
def system(sqlite_template: Path, tmp_path: Path, clock: ManualClock) -> Iterator[System]:
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    system = open_system(Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}"), clock=clock)
    yield system
    system.close()


def told(system: System, clock: ManualClock, found: list[int]) -> list[int | None]:
    """Return what is told at the start and every two seconds from then on."""
    reader = Accounts(system, found)
    tellings = []
    for _ in range(4):
        tellings.append(reader.read().unexplained)
        clock.pass_time(2)
    return tellings


def test_an_account_that_does_not_add_up_once_is_not_told(
    system: System, clock: ManualClock
) -> None:
    assert told(system, clock, [1, 0]) == [None, None, 0, 0]


def test_an_account_that_does_not_add_up_twice_is_told(system: System, clock: ManualClock) -> None:
    assert told(system, clock, [2]) == [None, None, 2, 2]


def test_an_alert_is_told_with_the_change_that_raised_it(system: System, tmp_path: Path) -> None:
    reader = HealthReader(system)
    assert reader.read(seen=1).alerts == 0
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("nonsense: 1\n")
    with pytest.raises(DefinitionError) as refused:
        read_definitions([wrong])
    system.definitions.note_refused(refused.value, [wrong])
    assert reader.read(seen=1).alerts == 0
    assert reader.read(seen=2).alerts == 1
    system.definitions.note_loaded([wrong])
    assert reader.read(seen=3).alerts == 0


class Burdened(HealthReader):
    """Has accounts that take a tenth of a second of a processor, and tells how many there were."""

    def __init__(self, system: System) -> None:
        super().__init__(system, AtOnce())
        self.accounts = 0

    def _count(self) -> int:
        self.accounts += 1
        until = time.thread_time() + 0.1
        while time.thread_time() < until:
            pass
        return 0


def test_a_process_of_its_own_counts_the_same(system: System) -> None:
    definitions = system.settings.home / "jobs.yaml"
    definitions.write_text("name: quick\nduration: 60\nlang: shell\ncode: 'true'\n")
    system.definitions.load(read_definitions([definitions]), Actor("ops", "test"))
    found, seconds = AccountApart(system.settings).count()
    assert found == unexplained(system) == 0
    assert seconds > 0


def test_the_account_of_a_large_store_is_the_last_one_and_tells_its_age(system: System) -> None:
    account = AccountApart(system.settings)
    account.is_wanted = True
    desk = SystemDesk(system, Actor("ops", "test"), account)
    first = desk.ledger(None, None)
    assert first == desk.ledger(None, None)
    account.count()
    newer = desk.ledger(None, None)
    assert newer.until > first.until
    asked = desk.ledger(None, newer.since)
    assert (asked.since, asked.due) == (newer.since, newer.due)


def test_a_process_that_was_ended_counts_nothing(system: System) -> None:
    account = AccountApart(system.settings)
    account.end()
    with pytest.raises(EngineError, match="counted"):
        account.count()


def test_an_account_that_takes_long_is_made_less_often(system: System, clock: ManualClock) -> None:
    reader = Burdened(system)
    for _ in range(3):
        reader.read()
        clock.pass_time(61)
    assert reader.accounts == 2
