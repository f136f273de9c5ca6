"""Themes: every shipped one can be read, and a user's mistakes are told with file, line and key."""

import itertools
import os
from pathlib import Path

import pytest

from app.theming.contrast import contrast, contrast_table, linear, rgb
from app.theming.library import (
    ThemeLibrary,
    choose_theme,
    describe,
    theme_at_start,
    theme_folders,
)
from app.theming.look import ATTRIBUTES, LookError, RoleLook, read_look
from app.theming.roles import ROLES
from app.theming.theme import PLAIN, Theme

SHIPPED = Path(__file__).parents[2] / "themes"
NAMES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
STATUSES = ("success", "warning", "error", "running")

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
BLINDNESS = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


@pytest.fixture
def library() -> ThemeLibrary:
    return ThemeLibrary([SHIPPED])


def shipped(name: str) -> Theme:
    theme = ThemeLibrary([SHIPPED]).get(name)
    assert theme is not None
    return theme


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def test_a_theme_that_is_not_there_is_named_and_the_default_one_taken() -> None:
    theme, problems = theme_at_start("ansi-drak", [SHIPPED])
    assert theme.name == "ansi-dark"
    assert problems[0].startswith("no theme is called ansi-drak: ansi-dark, ")
    assert theme_at_start("mono", [SHIPPED])[1] == []


@pytest.mark.parametrize("text", ["roles:\n  eror: red\n", "name: x\nextends: nihgt\n"])
def test_a_theme_with_a_mistake_is_not_one_that_is_not_there(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "x", text)
    theme, problems = theme_at_start("x", [SHIPPED, tmp_path])
    assert theme.name == "ansi-dark"
    assert problems[-1].startswith(f"theme x has a mistake: {path}:2: ")
    path.write_text("roles: {error: red}\n")
    assert theme_at_start("x", [SHIPPED, tmp_path])[1] == []


def test_a_role_of_an_earlier_console_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "x", "roles: {error: red, queued: violet}\n")
    theme, problems = theme_at_start("x", [tmp_path])
    assert (theme.name, problems) == ("x", [])
    assert ThemeLibrary([tmp_path]).problems == []
    assert "queued" not in theme.roles


def test_all_shipped_themes_can_be_read(library: ThemeLibrary) -> None:
    assert library.problems == []
    assert library.names == NAMES
    assert {"ansi-dark", "ansi-light", "mono", "high-contrast", "deuteranopia", "tritanopia"} < set(
        NAMES
    )
    for name in NAMES:
        theme = library.get(name)
        assert theme is not None
        assert set(theme.roles) == set(ROLES)
        assert theme.description
    assert len(describe(library)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_role_can_be_read_on_every_ground_it_meets(name: str) -> None:
    theme = shipped(name)
    table = contrast_table(theme)
    assert bool(table) is theme.uses_rgb
    assert [pair for pair in table if not pair.is_enough] == []


def test_high_contrast_keeps_seven_to_one() -> None:
    assert min(pair.ratio for pair in contrast_table(shipped("high-contrast"))) >= 7


@pytest.mark.parametrize("name", NAMES)
def test_the_cursor_row_and_a_crash_stand_out_without_colours(name: str) -> None:
    theme = shipped(name)
    cursor, crash = theme.roles["cursor"], theme.roles["crash"]
    assert "reverse" in cursor.attributes or cursor.background.startswith("#")
    assert {"bold", "reverse"} <= crash.attributes
    assert theme.roles["cursor-idle"] != theme.roles["text"]


@pytest.mark.parametrize("name", ["ansi-dark", "ansi-light", "mono"])
def test_terminal_themes_name_no_rgb_and_reverse_their_cursor(name: str) -> None:
    theme = shipped(name)
    assert not theme.uses_rgb
    assert "reverse" in theme.roles["cursor"].attributes
    assert theme.uses_colour is (name != "mono")


@pytest.mark.parametrize("name", sorted(BLINDNESS))
def test_statuses_differ_for_the_eyes_that_the_theme_is_for(name: str) -> None:
    theme = shipped(name)
    seen = {role: lab(simulate(theme.roles[role].foreground, BLINDNESS[name])) for role in STATUSES}
    for one, other in itertools.combinations(STATUSES, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
        wanted = 40 if {one, other} == {"success", "error"} else 12
        assert distance >= wanted, f"{one} and {other}: {distance:.0f}"


def simulate(colour: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    light = [linear(part) for part in rgb(colour)]
    red, green, blue = (
        min(max(sum(m * part for m, part in zip(row, light, strict=True)), 0.0), 1.0)
        for row in matrix
    )
    return red, green, blue


def lab(light: tuple[float, float, float]) -> tuple[float, float, float]:
    red, green, blue = light
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089

    def curve(part: float) -> float:
        return part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116

    return 116 * curve(y) - 16, 500 * (curve(x) - curve(y)), 200 * (curve(y) - curve(z))


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(rgb("#767676"), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


def test_a_look_is_read_from_words() -> None:
    assert read_look("bold bright-red on #1A1B26") == RoleLook(
        "bright-red", "#1a1b26", frozenset({"bold"})
    )
    assert read_look("") == RoleLook()
    assert str(read_look("underline BOLD ink on red", {"ink": "#010203"})) == (
        "bold underline #010203 on red"
    )
    assert read_look(" ".join(ATTRIBUTES)).attributes == set(ATTRIBUTES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("blod red", "'blod' is no colour and no attribute (nearest: 'bold')"),
        ("red green", "'green' is a second colour; a background is written `on green`"),
        ("red on", "one background colour follows 'on'"),
        ("#12345", "'#12345' is no colour"),
        ("bright-reed", "nearest: 'bright-red'"),
    ],
)
def test_a_wrong_look_is_refused_with_the_nearest_word(text: str, message: str) -> None:
    with pytest.raises(LookError) as refused:
        read_look(text)
    assert message in str(refused.value)


def test_a_small_theme_takes_the_rest_from_what_it_extends(tmp_path: Path) -> None:
    write(tmp_path, "mine", "extends: ansi-dark\nroles: {error: magenta}\n")
    theme = ThemeLibrary([SHIPPED, tmp_path]).choose("mine")
    assert str(theme.roles["error"]) == "magenta"
    assert str(theme.roles["success"]) == "green"
    assert theme.is_dark


def test_a_role_that_nobody_names_looks_like_its_fallback(tmp_path: Path) -> None:
    write(tmp_path, "tiny", "roles: {error: red, text: white on black}\n")
    theme = ThemeLibrary([tmp_path]).choose("tiny")
    assert str(theme.roles["crash"]) == "red"
    assert str(theme.roles["invalid"]) == "red"
    assert str(theme.roles["muted"]) == ""
    assert str(theme.roles["text"]) == "white on black"
    assert str(theme.roles["cursor"]) == "reverse"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: x\nroles:\n  eror: red\n", 3, "unknown key 'eror'. Nearest: 'error'."),
        ("nmae: x\n", 1, "unknown key 'nmae'. Nearest: 'name'."),
        ("roles:\n  text: white\n  error: rde\n", 3, "role 'error': 'rde' is no colour"),
        ("roles:\n  error: bold #ff0000\n", 2, "a '#' begins a comment in YAML; quote the text"),
        ("roles:\n  error: [red]\n", 2, "role 'error' is a text"),
        ("roles: red\n", 1, "'roles' must be a mapping"),
        ("name: x\nextends: nihgt\n", 2, "no theme is called 'nihgt'"),
        ("name: x\nextends: x\n", 2, "'x' extends itself"),
        ("dark: maybe\n", 1, "'dark' is true or false"),
        ("symbols: emoji\n", 1, "'symbols' is one of unicode, narrow, ascii"),
        ("palette:\n  ink: bleu\n", 2, "'bleu' is no colour"),
        ("roles:\n  error: red\n  error: blue\n", 3, "'error' is given twice, first on line 2"),
        ("roles: [\n", 1, "is not YAML"),
        ("- a\n", 1, "must be a mapping"),
        ("name: 7\n", 1, "'name' must be text"),
        ("a: &a [*a]\nroles: *b\n", 2, "is not YAML"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = write(tmp_path, "x", text)
    library = ThemeLibrary([SHIPPED, tmp_path])
    assert len(library.problems) == 1
    assert library.problems[0].startswith(f"{path}:{line}: ")
    assert message in library.problems[0]
    assert library.get("x") is None
    assert library.names == NAMES


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    wrong = (
        "extends: nihgt\npalette:\n  ink: bleu\nroles:\n  eror: red\n  error: rde\n  text: ink\n"
    )
    path = write(tmp_path, "x", wrong)
    library = ThemeLibrary([SHIPPED, tmp_path])
    assert [each.split(": ", 1)[0] for each in library.problems] == [
        f"{path}:{line}" for line in (3, 5, 6, 1)
    ]


def test_a_broken_file_leaves_the_theme_that_it_would_replace(tmp_path: Path) -> None:
    path = write(tmp_path, "mono", "roles:\n  eror: red\n")
    theme, problems = theme_at_start("mono", [SHIPPED, tmp_path])
    assert (theme.name, theme.source) == ("mono", SHIPPED / "mono.yaml")
    assert [each.split(": ", 1)[0] for each in problems] == [f"{path}:2"]


def test_a_theme_upon_a_broken_one_says_that_the_other_is_broken(tmp_path: Path) -> None:
    write(tmp_path, "x", "roles:\n  eror: red\n")
    path = write(tmp_path, "y", "extends: x\n")
    library = ThemeLibrary([SHIPPED, tmp_path])
    assert library.problems[1:] == [f"{path}:1: the theme 'x' has a mistake"]
    assert str(path) in library.why_not("y")


def test_two_themes_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a", "extends: b\n")
    write(tmp_path, "b", "extends: a\n")
    library = ThemeLibrary([tmp_path])
    assert any("extends itself" in problem for problem in library.problems)
    assert library.choose("a") is PLAIN


def test_a_saved_file_is_noticed_and_a_broken_one_leaves_the_theme_as_it_was(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "mine", "roles: {error: red}\n")
    library = ThemeLibrary([tmp_path])
    assert not library.has_changed()

    path.write_text("roles: {error: bleu}\n")
    assert library.has_changed()
    assert len(library.reload()) == 1
    assert str(library.choose("mine").roles["error"]) == "red"
    assert not library.has_changed()

    path.write_text("roles: {error: bright-blue}\n")
    assert library.has_changed()
    assert library.reload() == []
    assert str(library.choose("mine").roles["error"]) == "bright-blue"

    path.unlink()
    assert library.has_changed()
    library.reload()
    assert library.names == []


def test_a_new_file_and_a_touched_one_are_noticed(tmp_path: Path) -> None:
    library = ThemeLibrary([tmp_path, tmp_path / "none"])
    path = write(tmp_path, "mine", "dark: true\n")
    assert library.has_changed()
    library.reload()
    os.utime(path, ns=(1, 1))
    assert library.has_changed()


def test_the_users_folder_wins_over_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, "whatever", "name: night\nroles: {text: green on black}\n")
    theme = ThemeLibrary([SHIPPED, tmp_path]).choose("night")
    assert str(theme.roles["text"]) == "green on black"
    folders = theme_folders({"XDG_CONFIG_HOME": "/x", "HOME": "/h"})
    assert folders[-2:] == [Path("/etc/tocsin/themes"), Path("/x/tocsin/themes")]
    assert theme_folders({"HOME": "/h"})[-1] == Path("/h/.config/tocsin/themes")
    assert SHIPPED in folders


def test_an_unknown_theme_falls_back_and_no_theme_at_all_still_works(tmp_path: Path) -> None:
    assert ThemeLibrary([SHIPPED]).choose("nope").name == "ansi-dark"
    empty = ThemeLibrary([tmp_path]).choose("nope")
    assert empty is PLAIN
    assert set(empty.roles) == set(ROLES)
    assert not empty.uses_colour
    assert "reverse" in empty.roles["cursor"].attributes


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm"}, "night"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "mono"),
        ({"TERM": "xterm", "NO_COLOR": ""}, "night"),
        ({"TERM": "dumb"}, "mono"),
        ({}, "mono"),
    ],
)
def test_no_color_and_colourless_terminals_choose_mono(
    environment: dict[str, str], expected: str
) -> None:
    assert choose_theme("night", environment) == expected
    assert choose_theme("", {"TERM": "xterm"}) == "ansi-dark"


@pytest.mark.parametrize("name", [*NAMES, "plain"])
def test_a_theme_becomes_styles_and_a_textual_theme(name: str) -> None:
    from app.theming.toolkit import rich_styles, textual_theme

    theme = PLAIN if name == "plain" else shipped(name)
    styles = rich_styles(theme)
    assert set(styles) == set(ROLES)
    assert bool(styles["crash"].reverse) is True
    textual = textual_theme(theme)
    assert textual.ansi is not theme.uses_rgb
    colours = textual.to_color_system().generate()
    assert colours["background"]
    if theme.uses_rgb:
        assert colours["background"].lower() == theme.roles["text"].background


def test_a_folder_that_may_not_be_looked_into_keeps_no_theme_from_being_used(
    tmp_path: Path,
) -> None:
    unusable = tmp_path / ("x" * 300)  # refused by the system, also to root
    with pytest.raises(OSError, match="File name too long"):
        (unusable / "mono.yaml").is_file()
    theme, problems = theme_at_start("mono", [SHIPPED, unusable])
    assert (theme.name, problems) == ("mono", [])
