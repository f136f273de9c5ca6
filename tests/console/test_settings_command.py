"""`:set`: every setting with its value and where it comes from; what can change does so at once."""

from pathlib import Path
from typing import Any

import pytest

from app.actions.all import all_actions
from app.actions.command import complete_command
from app.driver import PatientDriver
from app.live_settings import origins_at_start
from app.options import ConsoleOptions
from app.sanitize import ascii_output
from app.settings import ConsoleSettings, load_console_settings
from app.testing.harness import Robot
from tests.console.conftest import Opened
from tests.console.scenes import LOG


async def test_a_setting_is_changed_shown_and_refused_by_name(robot: Robot) -> None:
    await robot.resize(120, 40)
    await robot.command("set refresh=2")
    assert robot.status == "refresh 2 until you leave"
    assert robot.app.pump.frames_per_second == 2
    await robot.command("set refresh=fast")
    assert "refresh is a number of frames a second from 0.1 to 60, or 0" in robot.status
    await robot.command("set refresh=nan")
    assert "frames a second from 0.1 to 60" in robot.status
    assert robot.app.pump.frames_per_second == 2
    await robot.command("set refresh")
    assert robot.status.startswith("refresh is 2; set refresh=VALUE changes it: frames a second")
    await robot.command("set colour=red")
    assert "no setting is called colour; there are refresh, theme, symbols, boxes" in robot.status
    await robot.command("set theme=mono")
    assert robot.status == "theme mono until you leave"
    await robot.command("set theme=pink")
    assert "theme stays as it is: no theme is called pink: ansi-dark" in robot.status
    await robot.command("set")
    assert "2 " in robot.line_with("refresh  ")
    assert "`:set`, until you leave" in robot.line_with("refresh  ")
    assert "mono" in robot.line_with("theme   ")
    assert "default: the machine's" in robot.line_with("zone   ")


async def test_a_theme_that_was_chosen_says_so_in_the_settings(robot: Robot) -> None:
    await robot.resize(120, 40)
    for typed, origin in (
        ("theme night", "`:theme`, until you leave"),
        ("set theme=mono", "`:set`, until you leave"),
        ("theme paper", "`:theme`, until you leave"),
    ):
        await robot.command(typed)
        await robot.command("set")
        assert origin in robot.line_with("theme   "), robot.frame
        await robot.press("escape")


async def test_signs_zone_and_frames_change_while_it_is_open(console: Opened) -> None:
    async with console(size=(120, 40)) as robot:
        try:
            await robot.press("2", "1")
            assert robot.shows("▸")
            await robot.command("set symbols=ascii")
            assert not robot.shows("▸")
            assert robot.frame.isascii()
            await robot.command("set symbols=unicode")
            assert robot.shows("▸")
        finally:
            ascii_output(False)
        assert robot.shows("┏━ Jobs")
        await robot.command("set boxes=false")
        assert not robot.shows("┏━ Jobs")
        await robot.command("set boxes=auto")
        assert robot.shows("┏━ Jobs")
        assert robot.shows("12:30 UTC")
        await robot.command("set zone=Asia/Tokyo")
        robot.engine.logs["invoice-sync-eu"] = LOG
        await robot.command("log invoice-sync-eu")
        assert robot.shows("21:29:59.000")
        await robot.command("set zone=Mars/Base")
        assert "is no time zone: 'Mars/Base'; as in Europe/Prague" in robot.status


async def test_another_zone_tells_the_times_of_the_log_below_the_jobs_anew(robot: Robot) -> None:
    await robot.resize(120, 40)
    for name in robot.engine.jobs:
        robot.engine.logs[name] = LOG
    await robot.press("down")
    await robot.settled()
    assert robot.shows("12:29:59.000")
    await robot.command("set zone=Asia/Tokyo")
    assert robot.shows("21:29:59.000")
    assert not robot.shows("12:29:59.000")


async def test_read_only_is_taken_on_at_once_and_back_by_a_start_alone(robot: Robot) -> None:
    await robot.command("set read-only=true")
    await robot.press("1", "r")
    assert "read-only" in robot.status
    assert robot.engine.asked == []
    await robot.command("set read-only=false")
    assert robot.status == "read-only is taken back by a start without it alone"


@pytest.mark.parametrize("name", ["environment", "plain", "keys", "filters"])
async def test_what_only_a_start_changes_says_why(robot: Robot, name: str) -> None:
    await robot.resize(120, 40)
    await robot.command(f"set {name}=x")
    assert robot.status.startswith(f"{name} is set in console.yaml, at the start: ")
    assert robot.app.frame.status.role == "error"
    await robot.command(f"set {name}")
    assert robot.status.startswith(f"{name} is ")
    assert robot.status.endswith("console.yaml sets it, at the start")


async def test_each_value_tells_where_it_comes_from(console: Opened) -> None:
    options = ConsoleOptions(
        environment="stage",
        keys={"jobs.run": ("r", "f5")},
        key_places={"jobs.run": "/home/ops/console.yaml:7"},
        origins={"environment": "/home/ops/console.yaml:2", "theme": "NO_COLOR"},
    )
    async with console(options=options, size=(120, 40)) as robot:
        await robot.command("set")
        assert "stage             /home/ops/console.yaml:2" in robot.line_with("environment")
        assert "NO_COLOR" in robot.line_with("theme  ")
        assert "jobs.run r f5  /home/ops/console.yaml:7" in robot.line_with("jobs.run")
        assert "default: what the terminal can draw" in robot.line_with("symbols  ")


async def test_an_action_without_a_key_is_not_on_the_key_bar(console: Opened) -> None:
    unbound: dict[str, tuple[str, ...]] = {"jobs.run": (), "quit": (), "command": (), "menu": ()}
    async with console(registry=all_actions(unbound)) as robot:
        assert robot.lines[-1].startswith(" e Enable  d Disable")
        assert robot.lines[-1].rstrip().endswith("? Keys")


async def test_help_menu_and_palette_show_the_keys_in_force(console: Opened) -> None:
    registry = all_actions({"jobs.run": ("f5",)})
    async with console(registry=registry) as robot:
        for opens in ("?", "a", "ctrl+p"):
            await robot.press(opens)
            await robot.type("run the job now")
            assert "▸f5 " in robot.line_with("Run the job now")
            await robot.press("escape")


def test_files_and_the_environment_are_told_by_name(tmp_path: Path) -> None:
    own, home = tmp_path / "xdg" / "tocsin", tmp_path / "home"
    own.mkdir(parents=True)
    home.mkdir()
    (own / "console.yaml").write_text("theme: paper\nrefresh: 5\nboxes: what\n")
    (home / "console.yaml").write_text("# of all\nrefresh: 4\n")
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "TOCSIN_A11Y": "1"}
    loaded = load_console_settings(home, environment)
    assert loaded.origins == {
        "theme": f"{own}/console.yaml:1",
        "refresh": f"{home}/console.yaml:2",
        "plain": "TOCSIN_A11Y",
    }, "a wrong value is not in force"
    assert loaded.settings == ConsoleSettings(theme="paper", refresh=4.0, plain=True)
    told = {"NO_COLOR": "1", "TERM": "xterm", "TOCSIN_SYMBOLS": "narrow"}
    assert origins_at_start(told, None) == {"theme": "NO_COLOR", "symbols": "TOCSIN_SYMBOLS"}
    assert origins_at_start({"TERM": "xterm", "TOCSIN_SYMBOLS": "narrow"}, "ascii") == {}


async def test_names_and_values_complete(robot: Robot) -> None:
    def words(text: str) -> list[str]:
        return list(complete_command(text, len(text), all_actions(), robot.app).words)

    assert words("set ")[:3] == ["refresh=", "theme=", "symbols="]
    assert words("set re") == ["refresh=", "read-only="]
    assert words("set keys") == ["keys"]
    assert words("set symbols=") == [f"symbols={each}" for each in ("unicode", "narrow", "ascii")]
    assert "theme=mono" in words("set theme=m")
    assert words("theme pap") == ["paper"]
    assert words("use failing") == ["failing now"]
    assert words("use failing n") == ["now"]
    assert words("jobs status:cra") == ["status:crash"]
    assert words("schedule group:bil") == ["group:billing"]
    assert words("jobs status:error gro") == ["group:"]
    await robot.press(":")
    await robot.type("set symbols=n")
    await robot.press("tab", "enter")
    assert robot.status == "symbols narrow until you leave"


def test_the_mouse_is_given_to_the_terminal_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    driver: Any = PatientDriver.__new__(PatientDriver)
    driver._mouse, driver._mouse_pixels = True, False
    monkeypatch.setattr(PatientDriver, "write", lambda _self, data: written.append(data))
    monkeypatch.setattr(PatientDriver, "flush", lambda _self: None)
    driver.use_mouse(on=False)
    assert "\x1b[?1000l" in "".join(written)
    written.clear()
    driver.use_mouse(on=True)
    assert "\x1b[?1000h" in "".join(written)
