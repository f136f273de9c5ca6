"""The manual names what there is, and its examples work."""

import re
from pathlib import Path

import pytest
import yaml
from msgspec.structs import fields

from app.located_yaml import read_located
from app.plain.main import COMMANDS
from app.presentation.status import LOOKS
from app.settings import load_console_settings
from app.store.query import INSTANCES, JOBS, Vocabulary, parse
from app.theming.library import ThemeLibrary
from app.theming.roles import ROLES
from engine.config import Settings

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    return page(name).split(f"## {heading}\n")[1].split("\n## ")[0]


def code(text: str, language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", code(section("filters", "Examples"))[0].splitlines())
def test_every_example_of_a_filter_is_right(example: str) -> None:
    assert parse(example).problems == ()
    assert parse(example).terms


def test_every_value_in_the_manual_of_filters_is_right() -> None:
    for example in re.findall(r"`(\w+(?::|>=|<=|>|<)[^` ]+)`", page("filters")):
        problems = [parse(example, each).problems for each in (JOBS, INSTANCES)]
        assert () in problems, f"{example}: {problems}"


@pytest.mark.parametrize(("heading", "vocabulary"), [("jobs", JOBS), ("instances", INSTANCES)])
def test_every_field_is_in_the_manual_with_its_words(heading: str, vocabulary: Vocabulary) -> None:
    text = section("filters", f"Fields of {heading}")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.MULTILINE))
    assert rows == {field.name: field.kind for field in vocabulary.fields.values()}
    for field in vocabulary.fields.values():
        for word in set(field.words.values()):
            assert f"`{word}`" in text


def test_every_role_and_theme_is_in_the_manual() -> None:
    text = page("themes")
    for role, info in ROLES.items():
        assert f"| `{role}` | {info.help} |" in text
    for theme in ThemeLibrary([DOCS.parent / "themes"]).names:
        assert f"| `{theme}` |" in text


def test_the_theme_in_the_manual_can_be_read(tmp_path: Path) -> None:
    (example,) = code(page("themes"), "yaml")
    (tmp_path / "mine.yaml").write_text(example)
    library = ThemeLibrary([DOCS.parent / "themes", tmp_path])
    assert library.problems == []
    assert library.choose("mine").roles["crash"].foreground == "#ff7a59"


def test_the_settings_in_the_manual_can_be_read_and_are_all(tmp_path: Path) -> None:
    (example,) = code(section("console", "Settings"), "yaml")
    (tmp_path / "console.yaml").write_text(example)
    assert load_console_settings(tmp_path, {"HOME": str(tmp_path)}).problems == ()
    from app.settings import _READERS

    assert set(yaml.safe_load(example)) == set(_READERS)
    assert read_located(tmp_path / "console.yaml").problems == []


def test_every_plain_command_is_in_the_manual() -> None:
    text = page("console").replace("\\|", "|")
    for command in COMMANDS.by_name.values():
        usage = f"{command.name} {command.usage}".strip()
        assert f"| `{usage}` | {command.help} |" in text, "the table of commands is out of date"


def test_every_sign_of_a_status_is_in_the_manual() -> None:
    text = page("console")
    for look in LOOKS.values():
        assert f"| `{look.glyph}` | `{look.ascii}` |" in text


def test_every_setting_of_the_engine_is_in_the_manual() -> None:
    names = {each.name.replace("_", "-") for each in fields(Settings)} - {"home"}
    names = names - {"database-url", "instance-key"} | {"db", "instance"}
    shown = section("operations", "Settings of the engine")
    assert set(re.findall(r"`([a-z-]+)`(?=[^|]*\|)", shown)) >= names
