"""Short ways to write definitions and to see what is wrong with them."""

from pathlib import Path

import pytest

from engine.definitions.reader import Reading, read, read_definitions_text
from engine.domain.job import Definition
from engine.errors import DefinitionError

JOB = """\
name: sample
schedule: "*/10 * * * *"
code: |
  def run():
      pass
"""


def with_lines(*lines: str, without: str = "") -> str:
    """Return a good job with more lines, and without the one line that begins with `without`."""
    kept = [line for line in JOB.splitlines() if not without or not line.startswith(without)]
    return "\n".join([*lines, *kept]) + "\n"


def one(text: str, timezone: str = "UTC") -> Definition:
    """Return the one definition in `text`."""
    (definition,) = read_definitions_text(text, timezone=timezone).definitions
    return definition


def problems_of(text: str) -> list[str]:
    """Return what is wrong with `text`, without the name of the file."""
    with pytest.raises(DefinitionError) as caught:
        read_definitions_text(text, name="f.yaml", timezone="UTC")
    return [problem.removeprefix("f.yaml:") for problem in caught.value.problems]


def problems_in(*paths: Path) -> list[str]:
    """Return what is wrong with the files at `paths`, with only the names of the files."""
    with pytest.raises(DefinitionError) as caught:
        read(paths, timezone="UTC")
    folder = str(paths[0].parent) + "/"
    return [problem.replace(folder, "") for problem in caught.value.problems]


def reading_of(folder: Path, **files: str) -> Reading:
    """Write `files` (name without `.yaml`: text) into `folder` and read it."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return read([folder], timezone="UTC")
