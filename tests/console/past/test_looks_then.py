"""What a moment of the past lets be looked at: frames, themes, every action that only looks."""

from pathlib import Path

import pytest

from app.actions.registry import PANES
from app.options import ConsoleOptions
from app.presentation.symbols import SYMBOLS
from app.testing.golden import check_frame
from app.testing.harness import SIZES, Robot
from app.theming.library import ThemeLibrary
from engine.testing.manual import ManualEngine
from tests.console.past.lived import opened
from tests.console.past.real_store import RealStore

FRAMES = Path(__file__).parent.parent / "frames"
THEMES = ThemeLibrary()


@pytest.mark.parametrize("size", ["80x24", "120x40"])
@pytest.mark.parametrize("pane", ["jobs", "groups", "instances", "schedule"])
async def test_frames(robot: Robot, pane: str, size: str) -> None:
    await robot.resize(*SIZES[size])
    await robot.command("at 03:12")
    await robot.command(pane)
    check_frame(FRAMES / f"moment-{pane}-{size}.txt", robot.frame)


@pytest.mark.parametrize("name", THEMES.names)
async def test_the_banner_stands_out_in_every_theme(
    store: ManualEngine, client: RealStore, name: str
) -> None:
    options = ConsoleOptions(theme=THEMES.choose(name), symbols=SYMBOLS["ascii"])
    async with opened(client, store, options) as robot:
        await robot.command("at 03:12")
        assert " AS OF 03:12 UTC - read only " in robot.header
        banner = next(
            segment for segment in robot.app.frame.header.render_line(0) if "AS OF" in segment.text
        )
        brand = robot.app.frame.header.render_line(0)._segments[-1]
        assert banner.style != brand.style


_ELSEWHERE = {"quit", "quit.now", "suspend", "moment.live", "moment.later", "leave", "export"}


@pytest.mark.parametrize("pane", PANES)
async def test_every_look_works_and_none_leads_back_by_itself(robot: Robot, pane: str) -> None:
    await robot.command("at 03:12")
    refused = []
    for action in robot.app.registry.in_pane(pane):
        if action.danger or action.id in _ELSEWHERE:
            continue
        robot.app.go(pane)
        await robot.settled()
        robot.app.perform(action.id)
        await robot.settled()
        if robot.app.frame.status.role == "error":
            refused.append((action.id, robot.status))
        robot.app.router.drop()
        while robot.app.overlays.top is not None:
            robot.app.overlays.top.close()
        assert robot.app.travel.at is not None, action.id
    assert [each for each in refused if each[0] not in {"moment.at", "goto"}] == []


async def test_why_takes_an_instant_so_long_ago_or_so_far_ahead(robot: Robot) -> None:
    await robot.command("why quick -6m")
    assert robot.shows("quick at 2026-03-02 03:35:00 UTC: ran")
    await robot.press("escape")
    await robot.command("why quick +4m")
    assert robot.shows("quick at 2026-03-02 03:45:00 UTC: will run")
    await robot.press("escape")
    await robot.command("at 03:12")
    await robot.command("why quick -2m")
    assert robot.shows("quick at 2026-03-02 03:10:00 UTC: ran")
