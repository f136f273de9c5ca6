"""What a watching engine takes for a change of its definitions."""

import shlex
from pathlib import Path

import pytest

from app.sources import Sources
from engine.config import Settings
from engine.control import Actor, open_system
from engine.control.definitions import read_definitions
from engine.errors import DefinitionError, StoreError

TEXT = 'name: sample\nduration: 60\nlang: shell\ncode: "true"\n'


def test_a_change_counts_when_it_has_settled(tmp_path: Path) -> None:
    file = tmp_path / "jobs" / "sample.yaml"
    file.parent.mkdir()
    file.write_text(TEXT)
    settings = Settings(tmp_path, f"sqlite:///{tmp_path}/tocsin.db")
    sources = Sources(settings, [file.parent], watch=True)
    assert sources.load() is not None
    assert not sources.have_changed()
    file.rename(tmp_path / "saved")  # as an editor does that keeps a backup
    assert not sources.have_changed()
    file.write_text(TEXT.replace("60", "90"))
    assert not sources.have_changed()
    assert sources.have_changed()
    report = sources.load()
    assert report is not None
    assert (report.plan.changed, report.plan.retired) == (["sample"], [])
    assert not sources.have_changed()
    file.unlink()
    assert not sources.have_changed()
    assert sources.have_changed()


def test_what_the_store_could_not_take_is_tried_again_until_it_has(tmp_path: Path) -> None:
    file = tmp_path / "jobs" / "sample.yaml"
    file.parent.mkdir()
    file.write_text(TEXT)
    store = tmp_path / "tocsin.db"
    sources = Sources(Settings(tmp_path, f"sqlite:///{store}"), [file.parent], watch=True)
    assert sources.load() is not None
    for text in (TEXT.replace("60", "90"), "nonsense: 1\n"):
        away = store.rename(tmp_path / "away")
        store.mkdir()  # nobody can open that
        file.write_text(text)
        assert [sources.have_changed() for _ in range(2)] == [False, True]
        for _ in range(2):
            with pytest.raises(StoreError):
                sources.load()
            assert [sources.have_changed() for _ in range(10)] == [False] * 9 + [True]
        store.rmdir()
        away.rename(store)
        if text == "nonsense: 1\n":
            with pytest.raises(DefinitionError):
                sources.load()
        else:
            report = sources.load()
            assert report is not None
            assert report.plan.changed == ["sample"]
        assert not any(sources.have_changed() for _ in range(20))


def test_a_folder_that_is_empty_all_at_once_is_told_by_an_alert_until_it_is_back(
    tmp_path: Path,
) -> None:
    file = tmp_path / "jobs" / "sample.yaml"
    file.parent.mkdir()
    settings = Settings(tmp_path, f"sqlite:///{tmp_path}/tocsin.db")
    sources = Sources(settings, [file.parent], watch=False)
    assert sources.load() is not None  # empty from the first: nothing is wrong
    file.write_text(TEXT)
    sources.load()
    file.rename(tmp_path / "away")  # as a disk that is not mounted
    with pytest.raises(DefinitionError, match="1 of the store's jobs came from it; they go on"):
        sources.load()
    assert sources.store_has_jobs
    system = open_system(settings)
    try:
        (told,) = system.alerts.query()
        assert (told.alert.alert, told.alert.cleared) == ("DEFINITION-ERROR", None)
        by_hand = Actor("ann", "here")
        system.definitions.load(read_definitions([file.parent]), by_hand)
        assert [each.alert.cleared for each in system.alerts.query()] == [None]
        (tmp_path / "away").rename(file)
        report = sources.load()
        assert report is not None
        assert report.plan.unchanged == ["sample"]
        assert [each.alert.cleared is None for each in system.alerts.query()] == [False]
    finally:
        system.close()


def test_a_file_whose_only_job_was_commented_out_is_right_again(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    settings = Settings(tmp_path, f"sqlite:///{tmp_path}/tocsin.db")
    sources = Sources(settings, [file], watch=False)
    file.write_text(TEXT)
    sources.load()
    file.write_text("nonsense: 1\n")
    with pytest.raises(DefinitionError):
        sources.load()
    file.write_text("".join(f"# {line}\n" for line in TEXT.splitlines()))
    assert sources.load() is not None
    system = open_system(settings)
    try:
        assert system.alerts.current() == []
    finally:
        system.close()


def test_the_alert_names_the_command_that_loads_all_paths_as_a_shell_takes_it(
    tmp_path: Path,
) -> None:
    folders = [tmp_path / "first", tmp_path / "with a blank"]
    for folder in folders:
        folder.mkdir()
        (folder / "wrong.yaml").write_text("nonsense: 1\n")
    settings = Settings(tmp_path, f"sqlite:///{tmp_path}/tocsin.db")
    with pytest.raises(DefinitionError):
        Sources(settings, folders, watch=False).load()
    system = open_system(settings)
    try:
        told = system.alerts.query()
        assert {each.alert.object_name for each in told} == {*map(str, folders)}
        for each in told:
            command = each.alert.reason.split("`")[1]
            assert shlex.split(command) == ["tocsin", "load", *map(str, folders)]
    finally:
        system.close()
