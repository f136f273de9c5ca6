"""The console's settings, key remapping, and the view that it remembers."""

import json
import stat
import string
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser

from app.actions.all import all_actions
from app.keymap import check_keys
from app.settings import ConsoleSettings, LoadedSettings, load_console_settings, settings_files
from app.view_state import FILE, load_view_state, save_view_state
from app.widgets.key_names import arriving, written

PANES = ("jobs", "logs")
_HELD = (  # by kitty's numbers, from 2 on
    *("shift", "alt", "shift+alt", "ctrl", "shift+ctrl", "ctrl+alt", "shift+ctrl+alt"),
)


def load(home: Path, text: str, **environment: str) -> LoadedSettings:
    (home / "console.yaml").write_text(text)
    return load_console_settings(home, {"XDG_CONFIG_HOME": str(home / "xdg"), **environment})


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    loaded = load_console_settings(tmp_path, {"HOME": str(tmp_path)})
    assert loaded == LoadedSettings(ConsoleSettings())


def test_every_setting_is_read(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
theme: night
symbols: ascii
refresh: 2
environment: prod
boxes: false
zone: Europe/Prague
read-only: true
plain: true
mouse: false
keys: {jobs.run: [r, F5], jobs.disable: D, pane.jobs: 1, view.wrap: ""}
filters: {failing now: "status:failed"}
""",
    )
    assert loaded.problems == ()
    assert loaded.settings == ConsoleSettings(
        theme="night",
        symbols="ascii",
        refresh=2.0,
        environment="prod",
        boxes=False,
        zone="Europe/Prague",
        read_only=True,
        plain=True,
        mouse=False,
        keys={
            "jobs.run": ("r", "F5"),
            "jobs.disable": ("D",),
            "pane.jobs": ("1",),
            "view.wrap": (),
        },
        filters={"failing now": "status:failed"},
    )


def test_the_home_wins_over_the_users_file_key_by_key(tmp_path: Path) -> None:
    personal = settings_files(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "xdg")})[0]
    personal.parent.mkdir(parents=True)
    personal.write_text("theme: paper\nenvironment: dev\nfilters: {a: x}\nkeys: {jobs.run: R}\n")
    settings = load(tmp_path, "environment: prod\nfilters: {b: y}\n").settings
    assert (settings.theme, settings.environment) == ("paper", "prod")
    assert settings.filters == {"a": "x", "b": "y"}
    assert settings.keys == {"jobs.run": ("R",)}


def test_the_environment_wins_over_the_files(tmp_path: Path) -> None:
    settings = load(tmp_path, "theme: night\n", TOCSIN_THEME="mono", TOCSIN_A11Y="1").settings
    assert (settings.theme, settings.plain) == ("mono", True)
    assert not load(tmp_path, "", TOCSIN_A11Y="0").settings.plain


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("theme: night\nsymbls: ascii\n", 2, "unknown key 'symbls'. Nearest: 'symbols'."),
        ("symbols: emoji\n", 1, "'symbols' is one of auto, unicode, narrow, ascii, not 'emoji'"),
        ("refresh: 1000\n", 1, "'refresh' is a number of frames a second from 0.1 to 60, or 0"),
        ("refresh: true\n", 1, "'refresh' is a number"),
        ("environment: live\n", 1, "'environment' is one of prod, stage, dev"),
        ("zone: Mars/Base\n", 1, "'zone' is no time zone: 'Mars/Base'"),
        ("\n\nboxes: 1\n", 3, "'boxes' is true or false"),
        ("keys: r\n", 1, "'keys' must be a mapping of actions to keys"),
        ("keys:\n  jobs.run: {a: b}\n", 2, "'jobs.run' takes a key or a list of keys"),
        ("filters:\n  a: x\n  b: grup:y\n", 3, "filter 'b', column 1: no field 'grup'"),
        ("filters: {a: 1}\n", 1, "filter 'a' must be text"),
        ("theme: [", 1, "is not YAML"),
        ("theme: 3\n", 1, "'theme' must be text"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_leaves_the_default(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    loaded = load(tmp_path, text)
    assert len(loaded.problems) == 1
    assert loaded.problems[0].startswith(f"{tmp_path}/console.yaml:{line}: ")
    assert message in loaded.problems[0]
    assert loaded.settings.symbols is None
    assert loaded.settings.refresh == 10.0


def test_a_file_of_bytes_is_told_and_ignored(tmp_path: Path) -> None:
    (tmp_path / "console.yaml").write_bytes(b"theme: \xff\xfe")
    loaded = load_console_settings(tmp_path, {"HOME": str(tmp_path)})
    assert "it is not UTF-8" in loaded.problems[0]


@dataclass(frozen=True)
class Act:
    id: str
    keys: tuple[str, ...]
    panes: tuple[str, ...] = ()


ACTIONS = [
    Act("jobs.run", ("r",), ("jobs",)),
    Act("logs.wrap", ("w",), ("logs",)),
    Act("quit", ("q",)),
]


def remap(tmp_path: Path, text: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    accepted, problems = check_keys(load(tmp_path, text), ACTIONS, PANES)
    return dict(accepted), [str(problem) for problem in problems]


def test_a_key_may_serve_two_panes_but_not_two_actions_of_one(tmp_path: Path) -> None:
    assert remap(tmp_path, "keys: {logs.wrap: r}\n") == ({"logs.wrap": ("r",)}, [])
    accepted, problems = remap(tmp_path, "keys:\n  logs.wrap: [w, W]\n  jobs.run: q\n")
    assert accepted == {"logs.wrap": ("w", "W")}
    place = f"{tmp_path}/console.yaml:3"
    assert problems == [f"{place}: key 'q' in jobs belongs to both 'jobs.run' and 'quit'."]


def test_two_remappings_can_change_places(tmp_path: Path) -> None:
    accepted, problems = remap(tmp_path, "keys: {jobs.run: q, quit: r}\n")
    assert (accepted, problems) == ({"jobs.run": ("q",), "quit": ("r",)}, [])


def test_unknown_actions_and_keys_of_the_terminal_are_refused(tmp_path: Path) -> None:
    accepted, problems = remap(tmp_path, "keys:\n  jobs.rum: x\n  quit: ctrl+s\n")
    assert accepted == {}
    assert "no action is called 'jobs.rum'. Nearest: 'jobs.run'." in problems[0]
    assert ":3: 'quit' cannot have ctrl+s: it stops the terminal's output." in problems[1]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("F5", "f5"), ("f5", "f5"), ("Ctrl+R", "ctrl+r"), ("CTRL+Shift+Left", "ctrl+shift+left"),
        ("shift+ctrl+left", "ctrl+shift+left"), ("Enter", "enter"), ("pgdn", "pagedown"),
        ("Esc", "escape"), ("R", "R"), ("é", "é"), ("'+'", "+"), ("' '", "space"), ("7", "7"),
        ("'ctrl+]'", "ctrl+right_square_bracket"), ("alt+left", "alt+left"), ("Alt+F5", "alt+f5"),
        ("shift+alt+down", "alt+shift+down"), ("ctrl+alt+left", "alt+ctrl+left"),
        ("alt+x", "alt+x"), ("alt+.", "alt+full_stop"), ("alt++", "alt+plus"),
    ],
)  # fmt: skip
def test_a_key_has_its_name_in_either_case_and_a_character_is_itself(
    tmp_path: Path, written: str, key: str
) -> None:
    assert remap(tmp_path, f"keys: {{jobs.run: {written}}}\n") == ({"jobs.run": (key,)}, [])


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("F55", " Nearest: 'f5'."), ("pagdown", " Nearest: 'pagedown'."), ("alt+", ""),
        ("shift+r", " Nearest: 'R'."), ("hyper", ""), ("ctrl+", ""), ("alt+alt+x", ""),
        ("alt+pagdown", " Nearest: 'alt+pagedown'."),
    ],
)  # fmt: skip
def test_a_key_that_never_comes_is_refused_with_its_place(
    tmp_path: Path, written: str, hint: str
) -> None:
    accepted, problems = remap(tmp_path, f"keys:\n  quit: x\n  jobs.run: [r, {written}]\n")
    assert accepted == {"quit": ("x",)}
    place = f"{tmp_path}/console.yaml:3"
    assert problems == [f"{place}: 'jobs.run' cannot have {written}: no key is called that.{hint}"]


def test_keys_of_the_terminal_are_refused_in_either_case(tmp_path: Path) -> None:
    _, problems = remap(tmp_path, "keys: {quit: Ctrl+S}\n")
    assert "'quit' cannot have ctrl+s: it stops the terminal's output." in problems[0]


def test_every_key_that_an_action_has_is_one_that_comes() -> None:
    for action in all_actions():
        assert tuple(map(arriving, action.keys)) == action.keys


def as_terminals_send() -> list[tuple[str, str]]:
    """Return how keys are written, and what a terminal sends for them: its own, and by kitty's."""
    functional = {
        f"\x1b[{code[:-1]}": (code[-1], name)
        for code, name in FUNCTIONAL_KEYS.items()
        if len(name) > 1 and arriving(name)  # a digit of the keypad is none with shift
    }
    sent = []
    for number, modifiers in enumerate(_HELD, 2):
        sent += [
            (f"{modifiers}+{name}", f"{start};{number}{end}")
            for start, (end, name) in functional.items()
        ]
        if modifiers != "shift":
            sent += [
                (f"{modifiers}+{each}", f"\x1b[{ord(each)};{number}u")
                for each in (*string.ascii_lowercase, *string.digits, *string.punctuation, "é")
                if f"{modifiers}+{each}" not in {"ctrl+@", "ctrl+["}  # terminals' own names
            ]
    return sent


def parsed(sequence: str) -> list[events.Key]:
    parser = XTermParser()
    found = [*parser.feed(sequence), *parser.feed("")]
    return [each for each in found if isinstance(each, events.Key)]


def test_every_key_that_is_sent_with_modifiers_can_be_written_in_any_order() -> None:
    sent = as_terminals_send()
    assert len(sent) > 700
    for typed, sequence in sent:
        (key,) = parsed(sequence)
        name = written(key.key, key.character)
        assert (sequence, arriving(typed)) == (sequence, name)
        assert (sequence, arriving(name)) == (sequence, name)


def test_every_named_key_of_a_terminals_own_sequences_can_be_written() -> None:
    for sequence in ANSI_SEQUENCES_KEYS:
        for key in parsed(sequence):
            name = written(key.key, key.character)
            if arriving(name.rpartition("+")[2]):
                assert (sequence, arriving(name)) == (sequence, name)


VIEWS = {"jobs": {"cursor": "a", "filter": "x:\x1b", "sort": "next", "marks": [1, 2]}}


def test_the_view_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    assert save_view_state(tmp_path, VIEWS) == ""
    assert load_view_state(tmp_path) == (VIEWS, "")
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_nothing_saved_is_no_problem(tmp_path: Path) -> None:
    assert load_view_state(tmp_path) == ({}, "")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 1, "views": {"jobs": 1}}',
        "\x00" * 10,
        "[" * 9000,
    ],
)
def test_a_bad_file_is_ignored_with_a_message(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    views, message = load_view_state(tmp_path)
    assert views == {}
    assert "the last view is forgotten" in message


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"version": 99, "views": {}}))
    assert "another version" in load_view_state(tmp_path)[1]


def test_a_view_that_cannot_be_saved_is_told(tmp_path: Path) -> None:
    assert "the view was not saved" in save_view_state(tmp_path / "gone", VIEWS)
    assert list(tmp_path.iterdir()) == []
