"""The cursor of the Gantt chart and of the agenda: on its job and its minute, whatever moves."""

from collections.abc import Sequence

import pytest
from textual import events

from app.client.views import Forecast
from app.testing.desk import ScriptedDesk
from app.testing.harness import Robot
from engine.clock import DAY, HOUR, Instant
from engine.errors import StoreError

SOON = ("invoice-sync-eu", "price-feed", "dunning-mail")  # due in one minute, the first of all


class AwayDesk(ScriptedDesk):
    """A desk whose store is out of reach when a forecast is asked for."""

    def forecast(self, hours: int, names: Sequence[str] | None, hour: Instant = 0) -> Forecast:
        raise StoreError("the store is out of reach")


def chosen(robot: Robot) -> list[str]:
    return [job.name for job in robot.app.pane_named("schedule").selection().jobs]


async def stand_on(robot: Robot, name: str) -> None:
    """Go down from the first line to that of a job."""
    await robot.press("g")
    for _ in robot.lines:
        if name in chosen(robot):
            return
        await robot.press("j")
    pytest.fail(f"no line of {name}:\n{robot.frame}")


async def due_later(robot: Robot, *names: str) -> None:
    """Have jobs due only in ten days, and the forecast renewed."""
    for name in names:
        robot.engine.nexts[name] += 10 * DAY
    await robot.pass_time(61)


async def test_the_cursor_stays_on_its_job_when_another_one_starts_and_goes_to_the_top(
    robot: Robot,
) -> None:
    await robot.command("gantt")
    await stand_on(robot, "invoice-archive")
    run = robot.engine.begin("price-feed")
    await robot.pass_time(1)
    assert robot.lines.index(robot.line_with(" price-feed")) == 4
    assert chosen(robot) == ["invoice-archive"]
    robot.engine.end(run)
    await robot.pass_time(1)
    await robot.press("d")
    assert robot.engine.asked == ["disable invoice-archive"]


async def test_the_cursor_goes_to_the_job_below_one_that_is_gone_and_stays_there(
    robot: Robot,
) -> None:
    await robot.command("gantt")
    await stand_on(robot, "dunning-mail")
    robot.engine.drop_job("dunning-mail")
    robot.engine.begin("price-feed")
    await robot.pass_time(61)
    assert chosen(robot) == ["invoice-archive"]
    robot.engine.begin("invoice-sync-eu")
    await robot.pass_time(1)
    assert chosen(robot) == ["invoice-archive"]


async def test_the_cursor_stays_on_its_minute_of_the_agenda_when_an_earlier_one_passes(
    robot: Robot,
) -> None:
    await robot.command("agenda")
    await stand_on(robot, "vat-report-nl")
    before = robot.lines.index(robot.line_with("vat-report-nl"))
    await due_later(robot, *SOON)
    assert robot.lines.index(robot.line_with("vat-report-nl")) == before - 1
    await robot.press("d")
    assert robot.engine.asked == ["disable vat-report-nl"]


async def test_the_cursor_goes_to_the_next_minute_of_the_agenda_when_its_own_passes(
    robot: Robot,
) -> None:
    robot.engine.nexts["card-expiry-scan"] = robot.clock.now() + HOUR
    await robot.command("agenda")
    await stand_on(robot, "price-feed")
    await due_later(robot, *SOON)
    assert chosen(robot) == ["card-expiry-scan"]


async def test_the_cursor_stays_on_a_minute_of_the_agenda_that_another_job_joins(
    robot: Robot,
) -> None:
    await robot.command("agenda")
    await stand_on(robot, "card-expiry-scan")
    robot.engine.nexts["price-feed"] = robot.engine.nexts["card-expiry-scan"]
    await robot.pass_time(61)
    assert chosen(robot) == ["card-expiry-scan", "price-feed"]


async def test_the_way_back_to_the_agenda_leads_to_the_minute_that_was_left(robot: Robot) -> None:
    await robot.command("agenda")
    await stand_on(robot, "vat-report-nl")
    await robot.press("1")
    await due_later(robot, *SOON)
    await robot.press("[")
    assert robot.app.panes.current_name == "schedule"
    assert chosen(robot) == ["vat-report-nl"]


async def test_another_span_of_the_agenda_leaves_the_cursor_on_its_minute(robot: Robot) -> None:
    await robot.command("agenda")
    await stand_on(robot, "card-expiry-scan")
    robot.engine.holds_answers = True
    await robot.command("schedule 24h")
    assert not robot.shows("nothing is due")
    assert robot.shows("counting what is to come")
    await robot.press("enter", "d")
    assert robot.status == "Disable: no job is selected"
    robot.engine.let_answer()
    await robot.settled()
    assert chosen(robot) == ["card-expiry-scan"]


async def test_a_key_before_the_agenda_is_there_again_leaves_the_cursor_on_its_minute(
    robot: Robot,
) -> None:
    await robot.command("schedule 7d")
    await robot.command("agenda")
    await robot.command("schedule 24h")
    await stand_on(robot, "card-expiry-scan")
    robot.engine.holds_answers = True
    await robot.press("escape", "j")
    robot.engine.let_answer()
    await robot.settled()
    assert chosen(robot) == ["card-expiry-scan"]


async def test_a_key_that_moves_the_cursor_while_the_forecast_is_read_counts(robot: Robot) -> None:
    await robot.command("gantt")
    await stand_on(robot, "price-feed")
    robot.engine.holds_answers = True
    await robot.command("schedule 24h")
    await robot.press("g")
    assert chosen(robot) == ["invoice-archive"]
    robot.engine.let_answer()
    await robot.settled()
    assert chosen(robot) == ["invoice-archive"]


async def test_a_scrolled_chart_stands_still_when_jobs_start(robot: Robot) -> None:
    for number in range(40):
        robot.engine.add_job(f"job-{number:02}")
    await robot.command("gantt")
    await robot.press("G", "k", "k")
    before = [line[:20] for line in robot.lines[4:-3]]
    robot.engine.begin("card-expiry-scan")  # which had no row
    robot.engine.begin("vat-report-nl")
    await robot.pass_time(1)
    assert [line[:20] for line in robot.lines[4:-3]] == before
    await robot.press("g")
    assert chosen(robot) == ["card-expiry-scan"]


async def test_jobs_that_start_are_seen_at_the_top_of_a_chart_that_is_not_scrolled(
    robot: Robot,
) -> None:
    for number in range(40):
        robot.engine.add_job(f"job-{number:02}")
    await robot.command("gantt")
    robot.engine.begin("job-39")
    await robot.pass_time(1)
    assert "job-39" in robot.lines[4]
    assert chosen(robot) == ["dunning-mail"]


async def chart_without_forecast(robot: Robot) -> None:
    """Show a chart of what ran; what is to come is still read."""
    robot.engine.holds_answers = True
    await robot.command("gantt")
    assert "invoice-archive" in robot.lines[4]
    assert "invoice-sync-eu" in robot.lines[5]
    assert not robot.shows("price-feed")


async def row_above(robot: Robot) -> None:
    """Have a job start that goes to the top of the chart."""
    robot.engine.begin("price-feed")
    await robot.pass_time(1)
    assert "price-feed" in robot.lines[4]


@pytest.mark.parametrize(
    ("keys", "name"), [("j", "invoice-sync-eu"), ("jk", "invoice-archive")], ids=["down", "top"]
)
async def test_the_cursor_stays_on_the_row_that_it_was_moved_to_before_the_forecast_came(
    robot: Robot, keys: str, name: str
) -> None:
    await chart_without_forecast(robot)
    await robot.press(*keys)
    await row_above(robot)
    assert chosen(robot) == [name]
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("dunning-mail")
    assert chosen(robot) == [name]
    await robot.press("d")
    assert robot.engine.asked == [f"disable {name}"]


@pytest.mark.parametrize(
    ("line", "name"), [(4, "invoice-archive"), (5, "invoice-sync-eu")], ids=["first", "second"]
)
async def test_a_row_that_was_clicked_before_the_forecast_came_is_kept(
    robot: Robot, line: int, name: str
) -> None:
    await chart_without_forecast(robot)
    await robot.click(30, line)
    await row_above(robot)
    assert chosen(robot) == [name]


async def test_the_wheel_chooses_a_row_before_the_forecast_came(robot: Robot) -> None:
    await chart_without_forecast(robot)
    await robot.mouse(events.MouseScrollDown, 30, 5)
    await row_above(robot)
    assert chosen(robot) == ["invoice-sync-eu"]


async def test_the_cursor_is_kept_on_its_row_after_a_forecast_that_failed(robot: Robot) -> None:
    robot.engine.desk = AwayDesk(robot.engine)
    await robot.command("gantt")
    await robot.press("j")
    await row_above(robot)
    assert chosen(robot) == ["invoice-sync-eu"]


async def test_another_span_of_the_chart_leaves_the_cursor_on_a_job_that_is_only_due(
    robot: Robot,
) -> None:
    await robot.command("gantt")
    await stand_on(robot, "price-feed")
    robot.engine.holds_answers = True
    await robot.command("schedule 24h")
    await robot.click(40, 3)  # the times above the rows
    await robot.pass_time(1)
    assert not robot.shows(" price-feed ")
    robot.engine.let_answer()
    await robot.settled()
    assert chosen(robot) == ["price-feed"]


async def test_another_span_of_the_chart_leaves_the_cursor_on_a_job_that_ran(robot: Robot) -> None:
    await robot.command("gantt")
    await stand_on(robot, "invoice-sync-eu")
    robot.engine.holds_answers = True
    await robot.command("schedule 24h")
    assert chosen(robot) == ["invoice-sync-eu"]
    await row_above(robot)
    assert chosen(robot) == ["invoice-sync-eu"]
