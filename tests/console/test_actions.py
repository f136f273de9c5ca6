"""The registry: one source of keys, no clash, every refusal told; and the forms' readers."""

from datetime import UTC, datetime

import pytest

from app.actions.all import all_actions
from app.actions.job_forms import read_expiry, read_trigger, schedule_preview
from app.actions.question import Question
from app.actions.registry import PANES, Action, Danger, KeyClashError, Registry
from app.held import GUARD_SECONDS
from app.presentation.pieces import plain
from app.presentation.schedules import read_schedule
from engine.clock import DAY, SECOND, from_datetime
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.errors import CronError, ScheduleError

NOW = from_datetime(datetime(2026, 3, 28, 12, 0, tzinfo=UTC))
# What terminals, tmux and screen keep for themselves, and motions that no action may take.
NOT_FREE = {"ctrl+b", "ctrl+a", "ctrl+s", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+["}
MOTIONS = {"h", "j", "k", "l", "g", "G"}


def test_no_key_means_two_things_in_one_pane() -> None:
    registry = all_actions()
    with pytest.raises(KeyClashError, match=r"'r' in jobs is bound to both jobs\.run and mine"):
        registry.add(Action("mine", "Mine", "", print, ("r",), ("jobs",)))


def test_remapping_moves_keys_and_refuses_clashes_and_unknown_names() -> None:
    registry = all_actions({"jobs.run": ("ctrl+r", "f5"), "resync": ()})
    found = registry.by_key("jobs", "f5")
    assert found is not None
    assert found.id == "jobs.run"
    assert registry.by_key("jobs", "r") is None
    assert (registry.key_of("jobs.run"), registry.key_of("resync")) == ("ctrl+r", ":resync")
    assert all_actions({"state.reveal": ()}).key_of("state.reveal") == "'Reveal'"
    with pytest.raises(KeyClashError, match="x"):
        all_actions({"jobs.run": ("x",)})
    with pytest.raises(KeyClashError, match=r"no action is called jobs\.rum"):
        all_actions({"jobs.rum": ("f5",)})


def test_keys_that_terminals_own_and_motions_are_left_alone() -> None:
    for action in all_actions():
        assert not NOT_FREE & set(action.keys), action.id
        if not action.is_motion:
            assert not MOTIONS & set(action.keys), action.id


def test_a_letter_never_has_another_danger_in_another_pane() -> None:
    dangers: dict[str, set[bool]] = {}
    for action in all_actions():
        for key in action.keys:
            dangers.setdefault(key, set()).add(action.danger >= Danger.HARD)
    assert {key for key, kinds in dangers.items() if len(kinds) > 1} == set()


def test_every_action_can_be_found_by_name_or_key_and_says_what_it_does() -> None:
    for action in all_actions():
        assert action.keys or action.verbs or action.panes, action.id
        assert action.title, action.id
        assert action.help, action.id
        assert not set(action.panes) - set(PANES), action.id


def test_the_same_id_or_verb_twice_is_refused() -> None:
    one = Action("one", "One", "", print, verbs=("go",))
    with pytest.raises(KeyClashError):
        Registry([one, one])
    with pytest.raises(KeyClashError):
        Registry([one, Action("two", "Two", "", print, verbs=("go",))])


# -- questions ------------------------------------------------------------------------------------


def ask() -> Question:
    return Question("Stop it?", "stop", lambda: None, trigger="x", opened=100.0)


def test_only_a_fresh_y_agrees() -> None:
    assert ask().key("y", 100.1 + GUARD_SECONDS) is True
    assert ask().key("y", 100.0 + GUARD_SECONDS / 2) is None
    for key in ("enter", "space", "n", "escape", "Y", "j"):
        assert ask().key(key, 101.0) is False
    assert ask().key("x", 101.0) is None


def test_a_held_y_never_agrees_however_long_it_is_held() -> None:
    question = ask()
    at = 100.0
    for _ in range(100):
        at += 0.033
        assert question.key("y", at) is None
    assert question.key("y", at + 1.0) is True


# -- schedules ------------------------------------------------------------------------------------


def test_schedules_are_read_as_people_type_them() -> None:
    assert read_schedule("10m", "UTC", "after", "first") == RecurringSchedule(600, "UTC")
    assert read_schedule("every 30s", "UTC", "after", "first") == RecurringSchedule(30, "UTC")
    assert read_schedule("45", "UTC", "after", "first") == RecurringSchedule(45, "UTC")
    daily = read_schedule("@daily", "Europe/Prague", "skip", "both")
    assert isinstance(daily, CronSchedule)
    assert (daily.expression, daily.timezone, daily.dst_gap) == (
        "0 0 * * *",
        "Europe/Prague",
        "skip",
    )
    with pytest.raises(ScheduleError):
        read_schedule("1.5s", "UTC", "after", "first")
    with pytest.raises(CronError):
        read_schedule("61 * * * *", "UTC", "after", "first")


def preview(text: str, zone: str = "Europe/Prague") -> tuple[list[str], str, str]:
    values = {"schedule": text, "zone": zone, "gap": "after", "overlap": "first"}
    shown = schedule_preview(values, NOW)
    return [plain(line) for line in shown.lines], shown.problem, shown.problem_field


def test_a_schedule_is_shown_in_words_with_ten_instants_and_the_clock_change() -> None:
    lines, problem, _ = preview("30 2 * * *")
    assert problem == ""
    assert lines[0] == "at 02:30 every day (Europe/Prague)"
    dues = [line for line in lines if "2026-" in line and " in " in line]
    assert len(dues) == 10
    assert "Sun 2026-03-29 03:00:00 CEST" in dues[0]
    assert "clock changes before it: +0100 to +0200" in dues[0]


def test_a_refusal_names_the_field_and_the_character() -> None:
    _, problem, field = preview("* 25 * * *")
    assert "character 3" in problem
    assert field == "schedule"
    _, problem, field = preview("0 0 30 2 *")
    assert "never fires" in problem
    _, problem, field = preview("* * * * *", "Mars/Olympus")
    assert "Mars/Olympus" in problem
    assert field == "zone"


def test_dates_of_expiry_and_triggers_are_read() -> None:
    assert read_expiry("never", NOW, UTC) is None
    assert read_expiry("30d", NOW, UTC) == NOW + 30 * DAY
    assert read_expiry("2026-04-01", NOW, UTC) == from_datetime(datetime(2026, 4, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="no date"):
        read_expiry("whenever", NOW, UTC)
    assert read_trigger("10m", NOW, UTC) == NOW + 600 * SECOND
    assert read_trigger("none", NOW, UTC) is None
    with pytest.raises(ValueError, match="no time"):
        read_trigger("soon", NOW, UTC)


def test_a_question_is_refused_as_quickly_as_one_likes() -> None:
    for key in ("n", "N", "escape", "ctrl+c"):
        assert ask().key(key, 100.0 + GUARD_SECONDS / 2) is False
