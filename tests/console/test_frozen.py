"""A frozen view shows one moment: whatever is repainted, sorted or shown for the first time."""

import pytest
from textual import events

from app.client.views import SavedState
from app.testing.harness import Robot
from app.testing.rest import at_rest
from engine.clock import SECOND
from engine.domain.instance import Status

JOB = "invoice-sync-eu"
NAMES = {
    JOB, "card-expiry-scan", "dunning-mail", "invoice-archive", "ledger-close", "price-feed",
    "vat-report-nl", "new-job",
}  # fmt: skip


def table(robot: Robot) -> list[str]:
    """The lines of jobs, or of their runs, without the cursor and what tells of its row."""
    lines = [line.replace("▸", " ") for line in robot.lines[3:-3] if "run-skipped" not in line]
    return [line for line in lines if NAMES & set(line.split())]


async def much_happens(robot: Robot) -> None:
    """Have a job run, fail and be disabled, another come, and a third go, within a minute."""
    await robot.pass_time(60)
    robot.engine.end(robot.engine.begin(JOB), Status.ERROR, error="TimeoutError: late")
    robot.engine.change(JOB, enabled=False)
    robot.engine.add_job("new-job", groups=("billing",))
    robot.engine.drop_job("dunning-mail")
    await robot.settled()


async def frozen(robot: Robot, *keys: str) -> list[str]:
    """Freeze the view after these keys, have much happen, and return what was shown before."""
    await robot.press(*keys, "f")
    shown = table(robot)
    await much_happens(robot)
    return shown


async def test_a_row_that_is_repainted_reads_as_when_the_view_was_frozen(robot: Robot) -> None:
    shown = await frozen(robot)
    await robot.press(*"jjjjjj", *"kkkkkk")
    assert table(robot) == shown
    assert "FROZEN 1m" in robot.header
    await robot.press("f")
    assert "off" in robot.line_with(JOB)
    assert robot.shows("new-job")
    assert not robot.shows("dunning-mail")


async def test_the_age_of_a_frozen_view_is_none_where_the_clock_was_set_back(robot: Robot) -> None:
    await robot.press("f")
    await robot.pass_time(-3600)
    assert "FROZEN 0s" in robot.header


@pytest.mark.parametrize("pane", ["1", "2", "3"])
async def test_a_pane_that_is_returned_to_shows_the_rows_of_then(robot: Robot, pane: str) -> None:
    shown = await frozen(robot, pane)
    await robot.press("4", pane)
    assert table(robot) == shown
    await robot.press("f")
    assert table(robot) != shown


@pytest.mark.parametrize("pane", ["2", "3"])
async def test_a_pane_that_is_first_shown_while_frozen_shows_the_rows_of_then(
    robot: Robot, pane: str
) -> None:
    await frozen(robot)
    await robot.press(pane)
    shown = table(robot)
    groups = [line[:32] for line in robot.lines if "billing" in line]
    assert not robot.shows("new-job")
    await robot.press("f")
    assert robot.shows("new-job") or pane == "3"
    assert table(robot) != shown
    assert pane == "3" or [line[:32] for line in robot.lines if "billing" in line] != groups


async def test_a_frozen_table_is_sorted_and_filtered_as_it_stood(robot: Robot) -> None:
    shown = await frozen(robot)
    await robot.press("=")
    assert table(robot) == shown[::-1]
    await robot.press("=")
    await robot.command("jobs enabled:yes")
    assert table(robot) == [line for line in shown if " on " in line]
    await robot.press("escape", "f")


async def test_what_stands_beside_a_frozen_table_is_of_then_too(robot: Robot) -> None:
    await robot.resize(200, 50)
    await robot.command(f"jobs name:{JOB}")
    await robot.press("f")
    parts = [robot.line_with("failing now"), robot.line_with("never ran")]
    await much_happens(robot)
    await robot.press("4", "1")
    assert [robot.line_with("failing now"), robot.line_with("never ran")] == parts
    assert not robot.shows("TimeoutError: late")
    await robot.press("f")
    assert robot.shows("TimeoutError: late")
    assert [robot.line_with("failing now"), robot.line_with("never ran")] != parts


async def test_the_state_data_beside_a_frozen_table_are_of_then_too(robot: Robot) -> None:
    saves = robot.engine.states.setdefault(JOB, [])
    saves.append(SavedState(robot.clock.now(), {"page": "first"}, 1))
    robot.engine.begin(JOB)
    await robot.resize(200, 50)
    await robot.command(f"job {JOB}")
    await robot.press("f")
    saves.append(SavedState(robot.clock.now(), {"page": "second"}, 1))
    await much_happens(robot)
    await robot.press("=", "4", "1")
    assert robot.shows("page  first")
    await robot.press("f")
    assert robot.shows("page  second")


@pytest.mark.parametrize(("view", "keys"), [("heatmap", "n"), ("gantt", "lhn"), ("agenda", "jkn")])
async def test_a_frozen_schedule_is_of_then_however_often_it_is_drawn(
    robot: Robot, view: str, keys: str
) -> None:
    robot.engine.begin("ledger-close")
    await robot.command(view)
    await robot.press("f")
    shown = robot.lines[3:-3]
    robot.engine.nexts["price-feed"] += 60 * SECOND
    await much_happens(robot)
    robot.engine.begin("card-expiry-scan")
    await robot.press("4", "6")
    assert robot.lines[3:-3] == shown
    await robot.press(*keys)
    assert robot.lines[3:-3] == shown
    await robot.press("f")
    assert robot.lines[3:-3] != shown


async def test_an_order_for_a_job_of_a_frozen_schedule_that_went_meanwhile_is_refused(
    robot: Robot,
) -> None:
    await robot.command("gantt")
    assert "dunning-mail" in robot.lines[4]
    await frozen(robot)
    await robot.press("d")
    assert robot.engine.asked == []
    assert robot.status == "Disable: what was chosen is gone"


async def test_enter_on_a_job_of_a_frozen_chart_that_went_meanwhile_says_that_it_is_gone(
    robot: Robot,
) -> None:
    await robot.command("gantt")
    assert "dunning-mail" in robot.lines[4]
    await frozen(robot)
    await robot.press("enter")
    assert robot.app.panes.current_name == "schedule"
    assert robot.status == "Output: what was chosen is gone"


async def test_enter_on_a_run_of_a_job_of_a_frozen_chart_that_went_meanwhile_opens_its_log(
    robot: Robot,
) -> None:
    robot.engine.begin("dunning-mail")
    await robot.command("gantt")
    assert "dunning-mail" in robot.lines[4]
    await frozen(robot, "right", "left")
    await robot.press("enter")
    assert robot.app.panes.current_name == "logs"


async def test_an_order_in_a_frozen_view_is_for_the_job_as_it_is_by_now(robot: Robot) -> None:
    await frozen(robot)
    await robot.command(f"job {JOB}")
    assert "on" in robot.line_with("▸").split()
    await robot.press("d")
    assert robot.engine.asked == []
    assert "disabled" in robot.status
    await robot.press("f")


async def test_the_mark_of_a_job_that_went_meanwhile_never_means_another_in_a_pane_returned_to(
    robot: Robot,
) -> None:
    await robot.press("j", "space")
    await frozen(robot)
    await robot.press("4", "1")
    assert "•" in robot.line_with("dunning-mail")
    await robot.press("d")
    assert robot.engine.asked == []
    assert robot.status == "Disable: what was chosen is gone"
    await robot.press("f")
    assert not robot.shows("marked")


async def test_a_hidden_mark_of_a_job_that_went_meanwhile_is_not_counted(robot: Robot) -> None:
    await robot.command("jobs name:dunning-mail")
    await robot.press("space")
    await robot.command(f"jobs name:{JOB}")
    await robot.press("space")
    pane = robot.app.panes.current
    assert pane is not None
    assert pane.selection().hidden == 1
    await frozen(robot)
    chosen = pane.selection()
    assert ([row.name for row in chosen.jobs], chosen.hidden) == ([JOB], 0)
    await robot.press("f")


async def test_a_job_that_came_since_is_said_not_to_be_in_the_frozen_view(robot: Robot) -> None:
    await frozen(robot)
    await robot.command("job new-job")
    assert robot.status == "new-job is not in the frozen view: f ends that"
    await robot.press("f")
    await robot.command("job new-job")
    assert robot.line_with("▸").split()[1] == "new-job"


@pytest.mark.parametrize(
    ("pane", "part"), [("1", ()), ("1", ("tab",)), ("2", ()), ("2", ("l",)), ("3", ())],
    ids=["jobs", "runs", "groups", "members", "instances"],
)  # fmt: skip
async def test_a_view_that_is_frozen_before_changes_were_painted_shows_the_store_of_then(
    robot: Robot, pane: str, part: tuple[str, ...]
) -> None:
    await robot.resize(120, 40)
    await robot.command("set refresh=0")
    await robot.press(pane, *part)
    await much_happens(robot)
    before = table(robot)
    await robot.press("f")
    shown = table(robot)
    assert shown != before
    assert not robot.shows("dunning-mail")
    await robot.press(*"jjjjjj", *"kkkkkk")
    assert table(robot) == shown
    await robot.press("4", pane)
    assert table(robot) == shown


async def test_rows_that_wait_for_the_next_frame_are_in_a_view_that_is_frozen_before_it(
    robot: Robot,
) -> None:
    await robot.resize(120, 40)
    robot.engine.add_job("new-job")
    await at_rest(robot.app)
    assert not robot.shows("new-job"), "it waits for its turn"
    await robot.app.on_event(events.Key("f", "f"))
    await robot.settled()
    assert robot.shows("new-job")
    assert "FROZEN 0s, 0 changes" in robot.header
