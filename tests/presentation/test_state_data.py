"""State data: tree, raw text, differences, and secrets that stay hidden."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.presentation.secrets import MASK, masked, masked_lines, names_a_secret
from app.presentation.state_diff import differences
from app.presentation.state_raw import from_yaml, json_lines, to_yaml, yaml_lines
from app.presentation.state_tree import path_text, size_text, tree_lines, value_at
from engine.errors import StateDataError

DATA: dict[str, Any] = {
    "cursor": "2026-01-05T12:28:00Z",
    "retries": 0,
    "done": False,
    "pages": {"a": [1, 2, {"url": "x"}], "b c": None},
    "api_key": "s3cret",
    "empty": {},
}
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
STATES = st.dictionaries(st.text(max_size=4), PLAIN, max_size=4)


def lines(*expanded: tuple[str | int, ...]) -> list[str]:
    return [
        f"{'  ' * line.depth}{line.key} ({line.kind}) {line.value}".rstrip()
        for line in tree_lines(DATA, frozenset(expanded))
    ]


def test_a_folded_tree_shows_types_and_sizes() -> None:
    assert lines() == [
        "cursor (text) 2026-01-05T12:28:00Z",
        "retries (number) 0",
        "done (yes/no) false",
        "pages (mapping) {2 keys}",
        "api_key (text) ********",
        "empty (mapping) {}",
    ]


def test_expanded_nodes_show_their_children() -> None:
    assert lines(("pages",), ("pages", "a"), ("pages", "a", 2))[3:10] == [
        "pages (mapping) {2 keys}",
        "  a (list) [3 items]",
        "    [0] (number) 1",
        "    [1] (number) 2",
        "    [2] (mapping) {1 key}",
        "      url (text) x",
        "  b c (null) null",
    ]


def test_many_children_are_folded_into_ranges() -> None:
    data = {"ids": list(range(450))}
    open_list = tree_lines(data, frozenset({("ids",)}))
    assert [str(line.key) for line in open_list] == [
        "ids",
        "[0 .. 199]",
        "[200 .. 399]",
        "[400 .. 449]",
    ]
    opened = tree_lines(data, frozenset({("ids",), ("ids", "400..449")}))
    assert [line.path for line in opened[4:6]] == [("ids", 400), ("ids", 401)]
    assert value_at(data, opened[5].path) == 401
    assert [line.value for line in opened[1:4]] == ["200 items", "200 items", "50 items"]
    assert opened[3].is_range
    assert opened[3].is_expanded


def test_half_a_character_is_written_so_that_it_can_be_read_back() -> None:
    data = {"file": "caf\udce9"}  # a name of a file that is no UTF-8, as Python has it
    text = to_yaml(data)
    text.encode()
    assert from_yaml(text) == data
    assert "caf" in yaml_lines(data)[0]
    assert "caf" in json_lines(data)[1]


def test_a_path_is_shown_as_it_would_be_written_and_found_again() -> None:
    path = ("pages", "a", 2, "url")
    assert path_text(path) == "pages.a[2].url"
    assert path_text(("pages", "b c", "\x1b")) == 'pages["b c"]["\\u001b"]'
    assert value_at(DATA, path) == "x"
    for gone in (("pages", "z"), ("retries", "x"), ("pages", "a", 9), ("done", 0)):
        with pytest.raises(LookupError):
            value_at(DATA, gone)


def test_the_size_is_told_and_a_large_one_warned_of() -> None:
    assert size_text(None) == "no state data"
    assert size_text({"a": 1}) == "1 key, 7 B"
    assert size_text({"a": "x" * 300_000}) == "1 key, 300 kB, large: every save writes it all"


@pytest.mark.parametrize(
    "key", ["password", "db_password", "API-KEY", "token", "access_token", "clientSecret", "Cookie"]
)
def test_keys_that_name_a_secret_are_masked(key: str) -> None:
    assert names_a_secret(key)
    assert masked({"a": [{key: "hunter2"}]}) == {"a": [{key: MASK}]}


@pytest.mark.parametrize(
    "key", ["cursor", "keyboard", "tokens_used", "passed", "monkey", "page_token2", 7]
)
def test_ordinary_keys_are_shown(key: object) -> None:
    assert not names_a_secret(key)


def test_a_mask_can_be_lifted_and_hides_no_absence() -> None:
    revealed = [line.value for line in tree_lines(DATA, frozenset(), reveal=True)]
    assert "s3cret" in revealed
    assert masked({"token": None, "secret": ""}) == {"token": None, "secret": ""}
    assert "s3cret" not in "\n".join(yaml_lines(DATA) + json_lines(DATA))
    assert "api_key: s3cret" in yaml_lines(DATA, reveal=True)


@given(STATES)
def test_what_is_written_for_the_editor_is_read_back_the_same(data: dict[str, Any]) -> None:
    assert from_yaml(to_yaml(data)) == data


@pytest.mark.parametrize("text", ["é", "日本", "😀", "a \\U0001F600", "\x85", "\u2028"])
def test_what_is_no_ascii_is_written_as_it_is_where_it_is_read_back(text: str) -> None:
    written = to_yaml({"a": text, "b": "plain"})
    assert from_yaml(written)["a"] == text
    assert text in written or not text.isprintable()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "line 1: "),
        ("ok: 1\n\tb: 2", "line 2: "),
        ("- 1", "a mapping of keys to values"),
        ("", "a mapping of keys to values"),
        ("a: {1: x}", "the key 1 under 'a' is not text"),
        ("a: [2026-01-01]", "'a[0]' is a date; put dates"),
    ],
)
def test_what_is_no_state_data_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(StateDataError) as refused:
        from_yaml(text)
    assert message in refused.value.message


def changes(before: Any, after: Any) -> list[str]:
    return [str(difference.line()) for difference in differences(before, after)]


def test_a_difference_names_what_was_added_removed_and_changed() -> None:
    after = {**DATA, "cursor": "later", "pages": {"a": [1, 2, {"url": "y"}]}, "new": [1]}
    assert changes(DATA, after) == [
        "~ cursor: 2026-01-05T12:28:00Z -> later",
        '- pages["b c"]: null',
        "~ pages.a[2].url: x -> y",
        "+ new: [1 item]",
    ]


def test_a_list_that_grew_or_shrank_shows_what_came_and_went() -> None:
    assert changes({"a": [1, 2, 3]}, {"a": [1, 2, 3, 4]}) == ["+ a[3]: 4"]
    assert changes({"a": [1, 2, 3]}, {"a": [2, 3]}) == ["- a[0]: 1"]
    assert changes({"a": [1, 9, 3]}, {"a": [1, 2, 3]}) == ["~ a[1]: 9 -> 2"]


def test_cleared_and_first_state_data_differ_in_every_key() -> None:
    assert changes(None, {"a": 1}) == ["+ a: 1"]
    assert changes({"a": 1}, None) == ["- a: 1"]
    assert changes(None, None) == []
    assert changes({"a": 1}, {"a": True}) == ["~ a: 1 -> true"]


def test_a_difference_hides_secrets_too() -> None:
    assert changes({"token": "a"}, {"token": "b"}) == ["~ token: ********"]
    assert (
        str(differences({"token": "a"}, {"token": "b"})[0].line(reveal=True)) == "~ token: a -> b"
    )


@given(STATES)
def test_nothing_differs_from_itself(data: dict[str, Any]) -> None:
    assert differences(data, data) == []


@given(STATES, STATES)
def test_different_data_always_show_a_difference(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    if before != after:
        assert differences(before, after)


@given(STATES)
def test_every_line_of_a_tree_is_safe_to_show(data: dict[str, Any]) -> None:
    hostile = {"\x1b[2J": "\x1b]0;x\x07", "[/x]": data}
    for line in tree_lines(hostile, frozenset({("[/x]",)})):
        assert f"{line.key}{line.value}".isprintable()


def test_the_info_of_an_instance_is_masked_line_by_line() -> None:
    info = to_yaml(
        {
            "rows": 7,
            "token": "line one\nline two",
            "nested": [{"password": ["a", {"b": "c"}], "user": "x"}, {"api_key": None}],
            "secret": {"deep": {"er": "s3cret"}},
            "last": "a: b",
        }
    )
    assert masked_lines(info) == [
        "rows: 7",
        "token: ********",
        "nested:",
        "- password: ********",
        "  user: x",
        "- api_key: null",
        "secret: ********",
        "last: 'a: b'",
    ]
    large = {"rows": [{"token": "a", "user": "x"}], "secret": {"deep": [1]}, "pin": None, "a": 1}
    assert masked_lines(json.dumps(large, indent=2))[3:] == [
        '      "token": ********',
        '      "user": "x"',
        "    }",
        "  ],",
        '  "secret": ********',
        "  },",
        '  "pin": null,',
        '  "a": 1',
        "}",
    ]
    assert masked_lines("no yaml [ at all\n\n\x1b") == ["no yaml [ at all", "", "\x1b"]


@given(STATES)
def test_no_value_of_a_secret_survives_the_masking_of_lines(data: dict[str, Any]) -> None:
    hidden = {
        "a": [{"password": {"marker-1": ["marker-2", data]}}, {"pin": ["marker-5"]}],
        "token": "marker-3\nmarker-4",
    }
    shown = "\n".join(masked_lines(to_yaml(hidden)))
    assert "marker" not in shown
