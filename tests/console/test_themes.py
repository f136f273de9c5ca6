"""A theme of one's own follows its file while the console runs, from the start on."""

from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, open_console
from app.theming.library import ThemeLibrary, theme_at_start
from tests.console.conftest import Opened

MINE = "name: mine\nextends: night\nroles:\n  error: bold red\n"


@pytest.fixture
def own_themes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's own folder of themes, which is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "tocsin" / "themes"


def saved(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "mine.yaml"
    file.write_text(text)
    return file


async def test_the_theme_that_was_put_on_at_the_start_follows_its_file(
    engine: ScriptedEngine, clock: ManualClock, own_themes: Path
) -> None:
    file = saved(own_themes, MINE)
    theme, problems = theme_at_start("mine")
    assert not problems
    wide = (240, 50)  # the path of the file is told whole
    async with open_console(engine, clock, size=wide, options=ConsoleOptions(theme=theme)) as robot:
        await robot.pass_time(1)
        file.write_text(MINE.replace("error", "eror"))
        await robot.pass_time(1)
        assert "mine.yaml:4" in robot.status
        assert "Nearest: 'error'" in robot.status
        assert robot.app.wardrobe.theme == theme
        file.write_text(MINE.replace("night", "paper"))
        await robot.pass_time(1)
        assert not robot.app.wardrobe.theme.is_dark


@pytest.mark.parametrize("command", ["theme mine", "set theme=mine"])
async def test_a_theme_is_known_as_soon_as_its_file_is_saved(
    engine: ScriptedEngine,
    clock: ManualClock,
    own_themes: Path,
    command: str,
) -> None:
    async with open_console(engine, clock) as robot:
        await robot.command("theme night")
        saved(own_themes, MINE)
        await robot.command(command)
        assert robot.app.wardrobe.theme.name == "mine"


@pytest.mark.parametrize("command", ["theme mine", "set theme=mine"])
async def test_a_theme_whose_file_has_a_mistake_says_which(
    engine: ScriptedEngine,
    clock: ManualClock,
    own_themes: Path,
    command: str,
) -> None:
    file = saved(own_themes, "roles:\n  eror: red\n")
    async with open_console(engine, clock, size=(200, 50)) as robot:
        await robot.command(command)
        assert f"theme mine has a mistake: {file}:2: unknown key 'eror'." in robot.status
        await robot.command(command.replace("mine", "nobody's"))
        assert "no theme is called nobody's: ansi-dark, " in robot.status


async def test_the_screen_behind_the_panes_has_the_colour_of_the_theme(console: Opened) -> None:
    seen = []
    for name in ("night", "high-contrast", "night"):
        async with console(options=ConsoleOptions(theme=ThemeLibrary().choose(name))) as robot:
            seen.append(robot.app.screen.styles.background)
    assert seen[0] != seen[1]
    assert seen[0] == seen[2]
