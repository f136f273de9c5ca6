"""The wheel holds what the program needs, under the two import names that it owns."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=110,
    )
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_owns_two_import_names(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.startswith("tocsin-")} == {"app", "engine"}


@pytest.mark.parametrize(
    "needed",
    [
        "engine/persistence/migrations/versions/r0001_tables.py",
        "engine/execution/runtime/supervisor.py",
        "engine/execution/runtime/lib/jobapi/__init__.py",
    ],
)
def test_the_wheel_holds_files_that_are_started_by_path(
    wheel: zipfile.ZipFile, needed: str
) -> None:
    assert needed in wheel.namelist()


@pytest.mark.parametrize("folder", ["themes", "examples"])
def test_the_wheel_carries_its_data(wheel: zipfile.ZipFile, folder: str) -> None:
    shared = f"/data/share/tocsin/{folder}/"
    assert any(shared in name for name in wheel.namelist())
