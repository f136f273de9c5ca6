"""A job's code comes from a file or the text, compiles, and defines run(); it is never executed."""

from pathlib import Path

import pytest

from engine.definitions.reader import read
from engine.domain.job import Execution
from tests.definitions.support import one, problems_in, problems_of, with_lines


def _execution(folder: Path, *lines: str) -> Execution:
    (folder / "j.yaml").write_text(
        with_lines(*lines, without="code").replace("  def run():\n      pass\n", "")
    )
    (definition,) = read([folder / "j.yaml"]).definitions
    return definition.execution


def _problems(folder: Path, *lines: str) -> list[str]:
    (folder / "j.yaml").write_text(
        with_lines(*lines, without="code").replace("  def run():\n      pass\n", "")
    )
    return problems_in(folder / "j.yaml")


def test_a_path_beside_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("def run(): pass\n")
    execution = _execution(tmp_path, "code: code.py")
    assert execution.code == "def run(): pass\n"
    assert execution.code_path == str(tmp_path / "code.py")


def test_a_shell_command_on_one_line_is_the_text(tmp_path: Path) -> None:
    execution = _execution(tmp_path, "lang: shell", "code: df -h /")
    assert (execution.code, execution.code_path) == ("df -h /", None)


def test_one_line_that_names_a_file_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "check").write_text("#!/bin/sh\ntrue\n")
    execution = _execution(tmp_path, "lang: shell", "code: ./check")
    assert execution.code_path == str(tmp_path / "check")


def test_a_block_is_always_the_text(tmp_path: Path) -> None:
    (tmp_path / "check.sh").write_text("true\n")
    execution = _execution(tmp_path, "lang: shell", "code: |", "  check.sh")
    assert (execution.code, execution.code_path) == ("check.sh\n", None)


def test_a_missing_file_of_code_is_named_where_it_is_written(tmp_path: Path) -> None:
    assert _problems(tmp_path, "code: none.py") == [
        "j.yaml:1:7: 'code' names 'none.py', which cannot be opened: No such file or directory"
    ]


def test_code_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("def run(): pass\n")
    (tmp_path / "link.py").symlink_to("real.py")
    assert _problems(tmp_path, "code: link.py") == [
        (
            "j.yaml:1:7: 'code' names 'link.py', which is a symbolic link; "
            "only regular files are read: name the file itself"
        )
    ]


def test_a_syntax_error_points_into_the_block_of_code() -> None:
    text = "name: a\nduration: 5\ncode: |\n    def run():\n        x = (\n    y = 1\n"
    (problem,) = problems_of(text)
    assert problem.startswith("5:13: Python cannot compile this: '(' was never closed")


def test_a_syntax_error_points_into_the_file_of_code(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import os\ndef run(:\n    pass\n")
    assert _problems(tmp_path, "code: bad.py") == [
        "bad.py:2:9: Python cannot compile this: invalid syntax"
    ]


def test_a_syntax_error_in_a_library_object_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text("x = = 1\n")
    (tmp_path / "ok.py").write_text("def run(): pass\n")
    assert _problems(tmp_path, "library: [lib.py]", "code: ok.py") == [
        "lib.py:1:5: Python cannot compile this: invalid syntax"
    ]


@pytest.mark.parametrize(
    "code",
    [
        "def run(): pass",
        "from thing import run",
        "from thing import *",
        "import thing as run",
        "run = lambda: None",
        "run: object = print",
        "a, run = 1, print",
        "if True:\n    def run(): pass",
        "try:\n    from a import run\nexcept ImportError:\n    def run(): pass",
        "match 1:\n    case 1:\n        def run(): pass",
        "class run:\n    pass",
        "async def run(): pass",
    ],
)
def test_run_may_be_defined_in_any_way(tmp_path: Path, code: str) -> None:
    (tmp_path / "code.py").write_text(code + "\n")
    assert _execution(tmp_path, "code: code.py").code == code + "\n"


@pytest.mark.parametrize(
    "code",
    ["x = 1", "def main():\n    def run(): pass", "class A:\n    def run(self): pass", "run()"],
)
def test_python_code_without_run_is_refused(tmp_path: Path, code: str) -> None:
    (tmp_path / "code.py").write_text(code + "\n")
    assert _problems(tmp_path, "code: code.py") == [
        "code.py:1:1: job 'sample' defines no function run(); it is what the engine calls"
    ]


def test_run_may_come_from_a_library_object(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text("def run(): pass\n")
    (tmp_path / "code.py").write_text("x = 1\n")
    assert len(_execution(tmp_path, "library: [lib.py]", "code: code.py").library) == 1


def test_code_for_another_python_is_not_judged_by_this_one() -> None:
    text = with_lines("interpreter: /usr/bin/python3.99").replace("pass", "new syntax!")
    assert one(text).execution.code == "def run():\n    new syntax!\n"


def test_code_is_never_executed(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    (tmp_path / "code.py").write_text(f"open({str(witness)!r}, 'w')\ndef run(): pass\n")
    _execution(tmp_path, "code: code.py")
    assert not witness.exists()


@pytest.mark.parametrize("bad", ["(" * 5000, "-" * 200_000 + "1", "'\\d'\ndef run(): pass"])
def test_code_that_strains_the_compiler_is_no_traceback(tmp_path: Path, bad: str) -> None:
    (tmp_path / "code.py").write_text(bad)
    if "def run" in bad:
        assert _execution(tmp_path, "code: code.py").code == bad
    else:
        assert "Python cannot compile this" in _problems(tmp_path, "code: code.py")[0]


@pytest.mark.parametrize(
    ("library", "problem"),
    [
        ("lib.py", "1:10: 'library' must be a list of files, as in library: [lib/notify.py]"),
        ("[none.txt]", "1:11: library object 'none.txt' is no file beside this one"),
        ("[{name: a}]", "1:11: this library object has no 'code'"),
        (
            "[{name: a, code: x = 1}, {name: a, code: y = 1}]",
            "1:35: library object 'a' is listed twice",
        ),
        ("[{name: a, code: [x]}]", "1:27: 'code' of a library object must be its text"),
    ],
)
def test_a_wrong_library_is_named(library: str, problem: str) -> None:
    assert problems_of(with_lines(f"library: {library}")) == [problem]


def test_empty_code_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text(" \n")
    assert _problems(tmp_path, "code: empty.py")[0] == (
        "j.yaml:1:7: 'code' names 'empty.py', which is empty"
    )
    assert _problems(tmp_path, 'code: ""')[0].startswith("j.yaml:1:7: 'code' must be a text")
