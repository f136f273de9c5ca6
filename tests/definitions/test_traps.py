"""The traps of YAML are refused in its events, before anything is built from them."""

import pytest
import yaml

from engine.definitions import documents
from tests.definitions.support import JOB, problems_of, with_lines

BILLION_LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
MERGE_BOMB = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [*{before}, *{before}]}}\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.fixture(params=["the C parser", "the Python parser"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run each test with both parsers of PyYAML: not every machine has the C one."""
    if request.param == "the Python parser":
        monkeypatch.setattr(documents, "_LOADER", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without its C parser")
    return str(request.param)


def test_aliases_and_anchors_are_refused() -> None:
    assert problems_of("a: &x 1\nb: *x\n")[:2] == [
        "1:4: anchor &x is not accepted; write the value out instead",
        (
            "2:4: alias *x is not accepted; write the value out, in quotes if it is a text that "
            "begins with *"
        ),
    ]


@pytest.mark.parametrize("bomb", [BILLION_LAUGHS, MERGE_BOMB, "a: &a [*a]\n"])
def test_a_bomb_is_refused_for_its_first_anchor(bomb: str) -> None:
    assert problems_of(bomb)[0] == "1:4: anchor &a is not accepted; write the value out instead"


def test_merge_keys_are_refused() -> None:
    assert problems_of("<<: {a: 1}\n") == [
        "1:1: merge keys (<<) are not accepted; write the values out"
    ]


def test_a_key_given_twice_is_refused() -> None:
    assert problems_of(JOB + "name: again\n") == [
        "6:1: key 'name' is given twice in the same mapping"
    ]
    assert problems_of(with_lines("options: {a: {b: 1, c: 2, b: 3}}")) == [
        "1:27: key 'b' is given twice in the same mapping"
    ]


def test_tags_are_refused() -> None:
    assert problems_of("name: !!python/object/apply:os.system [id]\n") == [
        "1:7: tag !!python/object/apply:os.system is not accepted; this is plain data"
    ]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[a, "])
def test_depth_is_refused_at_21_levels_however_deep_the_file_is(opening: str) -> None:
    problem = problems_of(opening * 30_000)[-1]
    assert problem.endswith("nested too deeply; at most 20 levels are accepted")
    assert problem.startswith("1:")


def test_twenty_levels_are_accepted() -> None:
    nested = "[" * 18 + "]" * 18
    assert problems_of(with_lines(f"options: {{a: {nested}}}", "nam: x")) == [
        "2:1: unknown key 'nam'; nearest: 'name'"
    ]


def test_too_many_values_are_refused() -> None:
    text = with_lines(f"options: {{a: [{'1,' * 20_000}]}}")
    assert problems_of(text) == [
        "1:40005: the document has more than 20,000 values, the most that is accepted"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("schedule: * * * * *\n", ("1:11: a value that begins with * needs quotes: "
         'write the value in quotes, as in schedule: "*/10 * * * *"')),
        ("schedule: */5 * * * *\n", ("1:11: a value that begins with * needs quotes: "
         'write the value in quotes, as in schedule: "*/10 * * * *"')),
        ("schedule: @daily\n", ("1:11: a value cannot begin with '@'; "
         'write the value in quotes, as in schedule: "*/10 * * * *"')),
        ("a:\n\t- b\n", "2:1: found a tab where the indentation is; YAML accepts only spaces"),
        ("a: 'b\n", None),
        ("a: [1, 2\n", None),
        ("desc: a: b\n", None),
        ("a: \0\n", "1:4: found the character U+0000; it is not accepted"),
        ("a:\n  - \x1b[31m\n", "2:5: found the character U+001B; it is not accepted"),
        ("a: \ud800\n", "1:4: found the character U+D800; it is not accepted"),
        ("[a]: 1\n", "1:1: a key must be a text; found a list or a mapping"),
        ("%YAML 2.0\n---\na: 1\n", None),
    ],
)  # fmt: skip
def test_what_yaml_cannot_read_is_said_in_plain_words(text: str, problem: str | None) -> None:
    (found, *_) = problems_of(text)
    if problem is not None:
        assert found == problem
    assert "while scanning" not in found
    assert "found character" not in found


def test_a_number_of_thousands_of_digits_is_no_traceback() -> None:
    (problem,) = problems_of(with_lines(f"timeout: {'9' * 5000}"))
    assert "of more than 40 digits" in problem
    assert len(problem) < 300


def test_documents_before_a_syntax_error_are_still_checked() -> None:
    assert problems_of("nam: x\n---\na: 'b\n")[0] == "1:1: unknown key 'nam'; nearest: 'name'"
