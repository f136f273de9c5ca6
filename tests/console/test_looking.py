"""Filters of each pane, secrets that stay hidden, values that can be copied."""

import pytest
from msgspec.structs import replace

from app.client.views import SavedState
from app.testing.harness import Robot


async def test_groups_are_filtered_by_their_own_fields(robot: Robot) -> None:
    await robot.press("2", "/")
    await robot.type("enabled:no")
    assert robot.line_with("mail")
    assert not robot.shows("DEFAULT")
    await robot.press("enter", "escape", "/")
    await robot.type("status:error")
    assert robot.shows("no field 'status'")
    assert robot.shows("DEFAULT")


async def test_the_info_of_an_instance_hides_secrets(robot: Robot) -> None:
    engine = robot.engine
    key = max(each for each, row in engine.instances.items() if row.name == "invoice-archive")
    engine.instances[key] = replace(
        engine.instances[key], info="rows: 12\ntoken: s3cret\n", options={"api_key": "s3cret"}
    )
    engine.emit(engine.instances[key])
    await robot.settled()
    await robot.command(f"info {key}")
    assert robot.shows("rows: 12")
    assert robot.shows("token: ********")
    assert not robot.shows("s3cret")


async def test_a_value_of_the_state_data_is_copied_and_a_masked_one_is_not(
    robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = robot.engine
    data = {"cursor": "2026-01-05", "token": "s3cret"}
    engine.states["invoice-sync-eu"] = [SavedState(engine.clock.now(), data, 1)]
    copied: list[str] = []
    monkeypatch.setattr(robot.app, "copy_to_clipboard", copied.append)
    await robot.command("data invoice-sync-eu")
    await robot.press("g", "y", "v")
    assert copied == ["2026-01-05"]
    await robot.press("down", "y")
    assert robot.shows("path")
    assert not robot.shows("value")
    assert copied == ["2026-01-05"]


async def test_attach_tells_which_engine_this_is_and_how_another_is_opened(robot: Robot) -> None:
    await robot.command("attach")
    assert robot.shows("This console is attached")
    assert robot.shows("tocsin --home DIR console --attach")
    await robot.press("escape")
    robot.engine.lose()
    await robot.settled()
    await robot.command("attach")
    assert robot.shows("No engine is alive on this store")
