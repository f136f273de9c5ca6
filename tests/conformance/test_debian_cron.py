"""What Debian's cron daemon was seen to run is what we plan, but for differences with a name.

`python -m tests.conformance.debian_cron --record` makes the evidence; these tests need no cron.
"""

from collections import Counter
from functools import lru_cache

from tests.conformance.debian_cron.__main__ import report
from tests.conformance.debian_cron.compare import NAMES, Compared, compare
from tests.conformance.debian_cron.evidence import load
from tests.conformance.debian_cron.stories import stories


@lru_cache(maxsize=1)
def compared() -> list[Compared]:
    return [compare(each) for each in load()]


def seen(story: str, expression: str) -> Compared:
    """The comparison of one line of one story."""
    return next(
        each
        for each in compared()
        if (each.evidence.story, each.evidence.expression) == (story, expression)
    )


def test_the_evidence_tells_every_line_of_every_story() -> None:
    told = {(each.evidence.story, each.evidence.expression) for each in compared()}
    assert told == {(story.name, line) for story in stories() for line in story.expressions}
    assert sum(len(each.evidence.ran) for each in compared()) > 3_000


def test_every_difference_between_the_daemon_and_the_plan_has_a_name() -> None:
    assert [each.evidence for each in compared() if each.name == "unnamed"] == []
    assert {each.name for each in compared()} == {"", *NAMES}


def test_most_lines_run_exactly_as_planned() -> None:
    names = Counter(each.name for each in compared())
    assert names[""] > 300


def test_the_importer_knows_exactly_when_the_daemon_runs_each_line() -> None:
    assert [each.evidence for each in compared() if not each.is_rule_true] == []


def test_a_skipped_time_is_made_up_for_right_after_the_gap() -> None:
    one = seen("prague-forward", "30 2 * * *")
    assert (one.evidence.ran, one.name) == ((40,), "")  # the clocks change 40 minutes in
    four = seen("prague-forward", "0,15,30,45 2 * * *")
    assert (four.evidence.ran, four.name) == ((40, 40, 40, 40), "several at once")


def test_a_repeated_time_runs_once_and_a_wildcard_by_elapsed_time() -> None:
    assert seen("prague-back", "30 2 * * *").evidence.ran == (35,)
    assert seen("prague-back", "30 * * * *").evidence.ran == (35, 95, 155)


def test_a_star_with_a_step_does_not_restrict_a_day() -> None:
    assert seen("midnight-2026-03-09", "1 0 */2 * mon").evidence.ran == (3,)  # the 9th, a Monday
    for day in ("2026-03-02", "2026-03-03"):  # a Monday, and the 3rd
        one = seen(f"midnight-{day}", "1 0 */2 * mon")
        assert (one.evidence.ran, one.name) == ((), "day rule")


def test_the_command_prints_what_was_compared_and_finds_nothing() -> None:
    assert report(load()) == 0
