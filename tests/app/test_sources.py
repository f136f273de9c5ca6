"""What a watching engine takes for a change of its definitions."""

from pathlib import Path

from app.sources import Sources
from engine.config import Settings

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
