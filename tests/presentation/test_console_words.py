"""The engine's sentences, as they are said on the console."""

import re
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

from app.actions.all import all_actions
from app.cells import wrap_words
from app.plain.main import COMMANDS as PLAIN
from app.presentation.console_words import about_row, console_words
from app.presentation.plain_words import plain_words
from app.sanitize import SafeText

ENGINE = Path(__file__).parents[2] / "engine"
PRAGUE = ZoneInfo("Europe/Prague")

# What only the shell can do: there is nothing to press or to type for it on the console.
OF_THE_SHELL = {"engine", "load", "job delete", "doctor", "backup", "session forget"}


def test_a_command_of_the_shell_becomes_what_is_typed_on_the_console() -> None:
    said = "group 'mail' is disabled by ops; `tocsin group enable mail` lets its jobs run again."
    told = "group 'mail' is disabled by ops; :enablegroup mail lets its jobs run again."
    assert console_words(said, UTC) == told
    assert console_words("`tocsin instance show 12` shows its errors.", UTC) == (
        ":errors #12 shows its errors."
    )


def test_on_the_plain_console_it_becomes_what_is_typed_there() -> None:
    said = "group 'mail' is disabled by ops; `tocsin group enable mail` lets its jobs run again."
    told = "group 'mail' is disabled by ops; 'group enable mail' lets its jobs run again."
    assert plain_words(said, UTC) == told
    assert plain_words("`tocsin log a --instance 12` shows it", UTC) == "'log #12' shows it"
    assert plain_words("since 2026-11-28T17:44:53Z", PRAGUE) == "since 2026-11-28 18:44:53 CET"
    said = "job 'a' is running as instance 1; --force starts a second run beside it."
    assert plain_words(said, UTC).endswith("; 'run a --force' starts a second run beside it.")
    assert plain_words("`tocsin engine` starts one", UTC) == "`tocsin engine` starts one"


def test_about_the_selected_rows_it_becomes_a_key() -> None:
    key_of = all_actions().key_of
    said = "job 'a' is disabled; `tocsin job enable a` lets it run again."
    told = "job 'a' is disabled; e lets it run again."
    assert console_words(said, UTC, key_of) == told
    assert about_row(said, "a", UTC, key_of) == "disabled; e lets it run again."


def test_instants_are_told_to_the_second_in_the_zone_of_the_viewer() -> None:
    assert console_words("since 2026-11-28T17:44:53.123456Z; then", PRAGUE) == (
        "since 2026-11-28 18:44:53 CET; then"
    )
    assert console_words("at 2026-03-29T03:00:00+02:00: ran", PRAGUE) == (
        "at 2026-03-29 03:00:00 CEST: ran"
    )


def test_an_instant_of_another_zone_keeps_its_own_time_beside_the_viewers() -> None:
    assert console_words("at 2026-03-29T03:00:00+02:00: ran", UTC) == (
        "at 2026-03-29 03:00:00 +02:00 (2026-03-29 01:00:00 UTC): ran"
    )


def test_what_is_no_instant_stays_as_it_is() -> None:
    for text in ("at 2026-13-41T99:00:00Z", "9999-12-31T23:59:59-23:59", "1.2.3", ""):
        assert console_words(text, PRAGUE) == text


def test_every_command_that_the_engine_names_has_its_word_on_the_console() -> None:
    said = set()
    for path in ENGINE.rglob("*.py"):
        if path.stem != "template":  # comments of a file that is edited outside the console
            text = path.read_text("utf-8")
            said |= {*re.findall(r"`tocsin ([a-z]+(?: [a-z]+)?)[^`]*`", text)}
            said |= {*re.findall(r'listing="tocsin ([a-z ]+)"', text)}
    assert "job enable" in said
    for command in said - OF_THE_SHELL:
        assert "tocsin" not in console_words(f"`tocsin {command} x`", UTC), command
        typed = plain_words(f"`tocsin {command} x`", UTC)
        assert PLAIN.find(typed.strip("'").split()[0]).help, command


def test_sentences_are_broken_between_words_and_long_words_anywhere() -> None:
    assert wrap_words(SafeText("a job that runs"), 8) == ["a job", "that", "runs"]
    assert wrap_words(SafeText("an abcdefghij"), 4) == ["an", "abcd", "efgh", "ij"]
    assert wrap_words(SafeText(""), 4) == [""]
