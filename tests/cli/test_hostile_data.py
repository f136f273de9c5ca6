"""Stored data that try to steer the terminal are printed harmlessly by every listing."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.support import Cli

HOSTILE = "[/x]\x1b]0;PWNED\x07\x1b[2J\x9b31m\u202eevil\u200b\x00\x7f"
MILD = "[/x][@click=app.quit]{y}%s"  # a definition refuses control and invisible characters
FOREIGN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]")


@pytest.fixture
def loaded(empty: Cli, tmp_path: Path) -> Cli:
    text, options = json.dumps(MILD), json.dumps({"a": HOSTILE})  # JSON is YAML
    path = tmp_path / "hostile.yaml"
    path.write_text(
        f"name: report\nversion: {text}\ndesc: {text}\nauthor: {text}\nduration: 60\n"
        f"tags: {{team: {text}}}\noptions: {options}\ncode: |\n  def run():\n      pass\n"
    )
    said = empty("load", path)
    assert said.status == 0, said.err
    assert not FOREIGN.search(said.out + said.err)
    assert empty("state", "set", "report", json.dumps({HOSTILE: HOSTILE})).status == 0
    assert empty("group", "create", "g", "--description", HOSTILE.replace("\x00", "")).status == 0
    return empty


@pytest.mark.parametrize(
    "command",
    [
        "job list",
        "job show report",
        "job next report",
        "job why report",
        "group list",
        "group show g",
        "state show report",
        "audit list",
        "session list",
        "alert list",
        "instance list",
        "overview",
        "ledger",
        "status",
    ],
)
def test_no_listing_prints_what_a_terminal_would_act_on(loaded: Cli, command: str) -> None:
    said = loaded(*command.split())
    assert not FOREIGN.search(said.out), command
    assert not FOREIGN.search(said.err), command
    json_said = loaded(*command.split(), "--json")
    assert not FOREIGN.search(json_said.out), command


@pytest.mark.parametrize("command", ["job show", "job list", "state show", "log", "group show"])
def test_hostile_arguments_come_back_harmlessly_in_refusals(loaded: Cli, command: str) -> None:
    said = loaded(*command.split(), HOSTILE.replace("\x00", ""))
    assert said.status != 0 or command == "job list"
    assert not FOREIGN.search(said.out + said.err)
