"""The alert that definitions were refused goes with its cause, however they are loaded next."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sources import Sources
from engine.config import Settings
from engine.control import System, open_system
from engine.errors import DefinitionError

RIGHT = "name: {}\nduration: 60\nlang: shell\ncode: 'true'\n"
WRONG = "nonsense: 1\n"


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Two folders, of which the second one holds a mistake."""
    found = [tmp_path / "a", tmp_path / "b"]
    for folder in found:
        folder.mkdir()
        (folder / "job.yaml").write_text(RIGHT.format(folder.name))
    (found[1] / "wrong.yaml").write_text(WRONG)
    return found


@pytest.fixture
def settings(tmp_path: Path, folders: list[Path]) -> Settings:
    """Of an engine that refused those folders."""
    found = Settings(tmp_path, f"sqlite:///{tmp_path}/tocsin.db")
    with pytest.raises(DefinitionError):
        Sources(found, folders, watch=False).first_load()
    return found


@pytest.fixture
def system(settings: Settings) -> Iterator[System]:
    system = open_system(settings)
    yield system
    system.close()


def standing(system: System) -> set[str]:
    """Return what the alerts are about that stand."""
    return {each.alert.object_name for each in system.alerts.current()}


def test_each_folder_that_was_refused_has_an_alert(system: System, folders: list[Path]) -> None:
    assert standing(system) == {str(folder) for folder in folders}


def test_folders_are_right_again_whatever_they_are_loaded_with(
    settings: Settings, system: System, folders: list[Path]
) -> None:
    (folders[1] / "wrong.yaml").unlink()
    Sources(settings, [folders[0]], watch=False).load()
    assert standing(system) == {str(folders[1])}
    Sources(settings, folders[::-1], watch=False).load()
    assert standing(system) == set()


def test_an_engine_that_starts_clears_the_alerts_of_folders_that_it_does_not_follow(
    settings: Settings, system: System, folders: list[Path]
) -> None:
    with pytest.raises(DefinitionError):
        Sources(settings, [folders[1]], watch=False).first_load()
    assert standing(system) == {str(folders[1])}
    Sources(settings, [], watch=False).first_load()
    assert standing(system) == set()


def test_a_load_later_on_leaves_the_alerts_of_other_folders(
    settings: Settings, system: System, folders: list[Path]
) -> None:
    Sources(settings, [folders[0]], watch=False).load()
    assert standing(system) == {str(folders[1])}
