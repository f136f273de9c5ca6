"""Statuses, verdicts, causes and endings in words and signs."""

import pytest

from app.cells import cell_width
from app.presentation.changes import change_text
from app.presentation.status import LOOKS, sign_of
from app.presentation.symbols import SYMBOL_SETS, SYMBOLS, choose_symbols
from app.presentation.verdicts import (
    cause_text,
    ending_text,
    ledger_text,
)
from app.store.conditions import Condition, conditions, is_overdue, last_condition, switch_condition
from app.store.model import JobRow
from engine.clock import MINUTE
from engine.domain.instance import Cause, Ending, Status

NOW = 1_767_616_205_000_000  # 2026-01-05 12:30:05 UTC


def test_every_condition_has_a_sign_a_word_and_a_role_in_every_set() -> None:
    assert set(LOOKS) == set(Condition)
    for condition in Condition:
        for symbols in SYMBOL_SETS:
            sign = sign_of(condition, symbols)
            assert 1 <= cell_width(sign) <= 5
            assert symbols != "ascii" or sign.isascii()
        assert LOOKS[condition].word


def test_no_two_conditions_of_a_run_look_the_same_without_colours() -> None:
    for symbols in SYMBOL_SETS:
        signs = [sign_of(condition, symbols) for condition in Condition]
        assert len(set(signs)) == len(signs)
    words = [look.word for look in LOOKS.values()]
    assert len(set(words)) == len(words)


def test_every_sign_of_a_set_is_one_cell_wide_and_ascii_is_ascii() -> None:
    for name, symbols in SYMBOLS.items():
        for field, value in symbols._asdict().items():
            if field == "name":
                continue
            for sign in value if isinstance(value, tuple) else (value,):
                assert cell_width(sign) == 1 or (name, field) == ("ascii", "ellipsis")
                assert name != "ascii" or sign.isascii()


@pytest.mark.parametrize(
    ("environment", "encoding", "expected"),
    [
        ({"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}, "utf-8", "unicode"),
        ({"TERM": "xterm", "LANG": "ja_JP.UTF-8"}, "utf-8", "narrow"),
        ({"TERM": "xterm", "LANG": "C"}, "utf-8", "ascii"),
        ({"TERM": "xterm", "LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, "utf-8", "ascii"),
        ({"TERM": "xterm", "LANG": "en_US"}, "iso-8859-1", "ascii"),
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, "utf-8", "ascii"),
        ({"TERM": "dumb"}, "utf-8", "ascii"),
        ({}, "utf-8", "ascii"),
        ({"TERM": "dumb", "TOCSIN_SYMBOLS": "unicode"}, "utf-8", "unicode"),
        ({"TERM": "xterm", "LANG": "C.UTF-8"}, "utf-8", "unicode"),
    ],
)
def test_the_set_of_signs_follows_the_terminal(
    environment: dict[str, str], encoding: str, expected: str
) -> None:
    assert choose_symbols(environment, encoding) == expected


def test_where_a_job_stands() -> None:
    late = JobRow(1, "a", next_at=NOW - MINUTE)
    assert is_overdue(late, NOW)
    assert conditions(late, NOW) == {Condition.NEVER, Condition.OVERDUE}
    held = JobRow(1, "a", next_at=NOW - MINUTE, group_off="g", last_status=Status.ERROR)
    assert conditions(held, NOW) == {Condition.ERROR, Condition.GROUP_DISABLED}
    running = JobRow(1, "a", next_at=NOW - MINUTE, running=(7,), last_status=Status.COMPLETE)
    assert last_condition(running) is Condition.RUNNING
    assert not is_overdue(running, NOW)
    assert last_condition(JobRow(1, "a")) is Condition.NEVER


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (JobRow(1, "a"), None),
        (JobRow(1, "a", active=False), Condition.INACTIVE),
        (JobRow(1, "a", active=False, expired=True), Condition.EXPIRED),
        (JobRow(1, "a", expired=True, group_off="g"), Condition.GROUP_DISABLED),
        (JobRow(1, "a", enabled=False, group_off="g"), Condition.DISABLED),
        (JobRow(1, "a", enabled=False, retired=True), Condition.RETIRED),
    ],
)
def test_the_most_lasting_switch_is_named(row: JobRow, expected: Condition | None) -> None:
    assert switch_condition(row) is expected


def test_causes_and_endings_are_words() -> None:
    assert cause_text(Cause.MANUAL, "ops\x1b") == "manual ops␛"
    assert cause_text(Cause.SKIPPED) == "catch-up"
    assert ending_text(Ending.EXIT_CODE, 3) == "exited with 3"
    assert ending_text(Ending.SIGNAL, None, 11) == "killed by signal 11"
    assert ending_text(Ending.TIMEOUT, None, 9) == "timed out, signal 9"
    assert ending_text(None) == ""
    assert all(ending_text(ending) for ending in Ending)
    assert all(cause_text(cause) for cause in Cause)


def test_a_ledger_is_one_line() -> None:
    counts = {"due": 1200, "ran": 1198, "skipped": 1, "pending": 1, "unexplained": 0, "other": 5}
    assert ledger_text(counts) == "due 1,200  ran 1,198  skipped 1  pending 1  unexplained 0"


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({"enabled": True, "who": "a"}, {"enabled": False, "who": "a"}, "enabled: true -> false"),
        (None, {"version": "1.0", "line": None}, "version: 1.0"),
        (None, None, ""),
        ("a", "b", "a -> b"),
        (None, 7, "7"),
        ({"token": "x"}, {"token": "y"}, "token: ********"),
        (None, {str(i): i for i in range(1, 9)}, "1: 1; 2: 2; 3: 3; 4: 4; 5: 5; 6: 6; 2 more"),
        (1, {"a": 1}, "removed value: 1; added a: 1"),
        (None, {"job": "fat-lines"}, "job: fat-lines"),
        ({"job": "fat-lines"}, None, "removed job: fat-lines"),
        ({"n": 777}, {}, "removed n: 777"),
        ({"n": 0}, {}, "removed n: 0"),
        ({}, {"n": 777}, "added n: 777"),
        (
            {"items": [1, 2], "n": 1, "password": "x"},
            {"n": 777, "m": 3},
            "removed items: [2 items]; removed password: ********; n: 1 -> 777; added m: 3",
        ),
    ],
)
def test_an_audited_change_names_only_what_changed(
    before: object, after: object, text: str
) -> None:
    assert change_text(before, after).replace('["', "").replace('"]', "") == text


def test_an_audited_change_carries_its_reason() -> None:
    assert change_text(None, None, "lease\x07 lost") == "lease␇ lost"
