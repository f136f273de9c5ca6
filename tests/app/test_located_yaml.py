"""Small YAML files with the lines of their keys: what is told of those that cannot be read."""

from pathlib import Path

import pytest

from app.located_yaml import read_located


def told(tmp_path: Path, text: str) -> list[str]:
    """Return what is wrong with a file of this text, without its folder."""
    path = tmp_path / "mine.yaml"
    path.write_bytes(text.encode())
    located = read_located(path)
    assert located.data == {} or not located.problems
    return [each.removeprefix(f"{tmp_path}/") for each in located.problems]


def test_every_key_has_its_line_and_every_value_its_type(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("a: 1\nb:\n  c: [x, 2.5, no]\n  d: &kept {e: ~}\nf: *kept\n2: two\n")
    located = read_located(path)
    assert located.problems == []
    assert located.data == {
        "a": 1,
        "b": {"c": ["x", 2.5, False], "d": {"e": None}},
        "f": {"e": None},
        "2": "two",
    }
    assert located.lines[("b", "d", "e")] == 4
    assert located.lines[("f",)] == 5
    assert located.source_of(("f",)) == "f: *kept"


@pytest.mark.parametrize("opening", ["[", "{", "- "])
def test_a_file_nested_thousands_deep_is_refused_not_fatal(tmp_path: Path, opening: str) -> None:
    # The composer of the C library would end the process here.
    text = opening * (250_000 // len(opening))
    assert told(tmp_path, text) == ["mine.yaml:1: is nested too deeply"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: {c: [1,\n", 2, "did not find expected node content"),
        ("a: 1\nb: c: d\n", 2, "mapping values are not allowed in this context"),
        ("a: *gone\n", 1, "found undefined alias 'gone'"),
        ("a: \x01\n", 1, "control characters are not allowed"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    assert told(tmp_path, text) == [f"mine.yaml:{line}: is not YAML: {reason}"]


def test_a_tag_that_would_make_an_object_is_refused(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, "a: !!python/object/apply:os.getcwd []\n")
    assert problem.startswith("mine.yaml:1: is not YAML: could not determine a constructor")
