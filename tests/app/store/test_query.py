"""One filter language: what each term means, and that no wrong term goes unnoticed."""

import time
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from app.store.model import GroupRow, InstanceRow, JobRow
from app.store.query import GROUPS, INSTANCES, JOBS, Query, parse
from app.store.query_complete import complete
from app.store.query_fields import Vocabulary
from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime
from engine.domain.instance import Cause, Status
from engine.errors import UsageError

NOW: Instant = 1_767_616_205 * SECOND  # 2026-01-05 12:30:05 UTC, a Monday

ROWS = [
    JobRow(
        1,
        "invoice-sync-eu",
        schedule="*/5 * * * *",
        description="Sync EU invoices",
        groups=("DEFAULT", "billing"),
        tags={"team": "Fin", "eu": ""},
        last_status=Status.COMPLETE,
        last_at=NOW - 2 * MINUTE,
        next_at=NOW + 2 * MINUTE,
        p95_seconds=4.1,
    ),
    JobRow(
        2,
        "ledger-close",
        schedule="0 0 1 * *",
        groups=("DEFAULT", "billing"),
        last_status=Status.CRASH,
        last_at=NOW - 3 * DAY,
        next_at=NOW + 8 * DAY,
        p95_seconds=7440.0,
        fails=2,
    ),
    JobRow(3, "price-feed", schedule="every 30s", enabled=False, last_status=Status.ERROR, fails=5),
    JobRow(4, "dunning-mail", schedule="15 8 * * 1", groups=("DEFAULT", "mail"), group_off="mail"),
    JobRow(
        5,
        "vat-report-nl",
        schedule="0 6 * * *",
        running=(881219,),
        running_since=NOW - 41 * SECOND,
        last_status=Status.COMPLETE,
        sessionid=41,
        trigger_at=NOW + HOUR,
        active=False,
    ),
    JobRow(6, "stuck", next_at=NOW - 5 * MINUTE),
]
RUN = InstanceRow(
    881140,
    1,
    "invoice-sync-eu",
    Status.ERROR,
    Cause.MANUAL,
    started=NOW - HOUR,
    completed=NOW - HOUR + 400_000,
    who="ops",
    error="TimeoutError: db pool exhausted",
    sessionid=41,
)


def matching(text: str, rows: Sequence[JobRow] = ROWS) -> set[int]:
    query = parse(text)
    assert query.problems == ()
    return {row.jobid for row in rows if query.matches(row, NOW)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {1, 2, 3, 4, 5, 6}),
        ("INVOICE", {1}),
        ('"eu invoices"', {1}),
        ("!feed", {1, 2, 4, 5, 6}),
        ("fin", {1}),  # a tag's value
        ("/^(inv|led).*-(eu|close)$/", set()),  # $ is the end of all the text, not of the name
        ("/inv.*-EU/", {1}),
        ("!/-/", {6}),
        ("name:*-eu,ledger", {1, 2}),
        ("name:l*e", {2}),
        ("group:billing", {1, 2}),
        ("group:bill", set()),
        ("group:b*,mail", {1, 2, 4}),
        ("tag:team", {1}),
        ("tag:team=fin", {1}),
        ("tag:e?", {1}),
        ("status:error,crashed", {2, 3}),
        ("status:failed", {2, 3}),
        ("status:running", {5}),
        ("status:running,crash", {2, 5}),
        ("status:never", {4, 6}),
        ("status:disabled", {3}),
        ("status:grp,idle", {4, 5}),
        ("status:overdue", {6}),
        ("!status:complete group:billing", {2}),
        ("status!=complete group:billing", {2}),
        ("enabled:yes", {1, 2, 5, 6}),
        ("enabled:off,group", {3, 4}),
        ("active:no", {5}),
        ("next<10m", {1, 6}),
        ("next:1h", {1, 6}),
        ("next:none", {3, 4, 5}),
        ("next>2026-01-10", {2}),
        ("next<13:00", {1, 6}),
        ("last>1d", {2}),
        ("last<1h", {1}),
        ("last:today", {1}),
        ("last:2026-01-02", {2}),
        ("last:never", {3, 4, 5, 6}),
        ("last>=2026-01-05T12:28", {1}),
        ("p95>1m", {2}),
        ("p95<=4.1", {1}),
        ("p95>2h3m", {2}),
        ("fails>=2", {2, 3}),
        ("fails:2,5", {2, 3}),
        ("running>30s", {5}),
        ("running:yes", {5}),
        ("trigger:interval", {3}),
        ("trigger:set", {5}),
        ("session:41", {5}),
        ("id:4,6", {4, 6}),
        ("group:billing status:crash p95>1h ledger", {2}),
    ],
)
def test_what_a_filter_lets_through(text: str, expected: set[int]) -> None:
    assert matching(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pool", True),
        ("#881140", True),
        ("#88114", False),
        ("ops", True),
        ("status:failed trigger:manual", True),
        ("status:ok", False),
        ("trigger:cron,catch-up", False),
        ("running<1s last<2h id>881000 session:41", True),
        ("late:no next:none", True),
        ('!"#881140"', False),
        ("/time.*pool/", True),
    ],
)
def test_the_same_language_filters_instances(text: str, expected: bool) -> None:
    query = parse(text, INSTANCES)
    assert query.problems == ()
    assert query.matches(RUN, NOW) is expected


def test_the_same_language_filters_groups() -> None:
    rows = [GroupRow("billing", "money"), GroupRow("mail", enabled=False)]
    for text, expected in (("money", "billing"), ("enabled:no", "mail"), ("name:b*", "billing")):
        query = parse(text, GROUPS)
        assert query.problems == ()
        assert [row.name for row in rows if query.matches(row, NOW)] == [expected]


@pytest.mark.parametrize(
    ("text", "start", "end", "message"),
    [
        ("foo grup:billing", 4, 16, "no field 'grup' (nearest: group); quote a word"),
        ("status:error,crahs", 13, 18, "'status' is never 'crahs' (nearest: crash)"),
        ("p95>soon", 4, 8, "'p95' takes a duration such as 90s or 1h30m, not 'soon'"),
        ("last>32:00", 5, 10, "'last' takes a duration such as 2h, a date or a time of day"),
        ("next:whenever", 5, 13, "is no duration and no date"),
        ("name>b", 0, 6, "'name' cannot be compared"),
        ("fails>1,2", 8, 9, "'>' takes one value"),
        ("fails:-1", 6, 8, "takes a number"),
        ("group:", 0, 6, "'group:' needs a value"),
        ("group:a,", 0, 8, "'group:' needs a value"),
        ("/(a+)+b/", 0, 8, "a repeat within a repeat"),
        ("/(\\w{1,20}){1,20}!/", 0, 19, "so many repeats within repeats"),
        ("/(\\w+-?){3,10}_v2/", 0, 18, "so many repeats within repeats"),
        ("/(\\w?){20}!/", 0, 12, "so many repeats within repeats"),
        ("/\\w{1,20}\\w{1,20}\\w{1,20}\\w{1,20}!/", 0, 35, "or beside each other"),
        ("/.*.*.*#/", 0, 9, "more than 2 unbounded repeats before its end"),
        ("/(/", 0, 3, "not a pattern"),
        ("/abc", 0, 4, 'a pattern ends with "/"'),
        ('"abc', 0, 4, "the closing quote is missing"),
        ('name:"a b"c', 0, 11, "a blank follows a closing quote"),
        ('name:"a', 0, 7, "the closing quote is missing"),
        ("!", 0, 1, "nothing follows the '!'"),
        ('""', 0, 2, "an empty phrase"),
        ("name:*a*b*c*d*e*", 5, 16, "at most four"),
    ],
)
def test_a_wrong_term_is_reported_where_it_stands(
    text: str, start: int, end: int, message: str
) -> None:
    (problem,) = parse(text).problems
    assert (problem.start, problem.end) == (start, end)
    assert message.replace("four", "4") in problem.message


@pytest.mark.parametrize(
    "pattern",
    [
        r".*error.*timeout.*",
        r"(foo|bar){1,3}",
        r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}",
        r"^[a-z]+_[0-9]+$",
        r"(\w+ ){2}x",
        r"a{,3}b?c{2,}",
        r"foo|ba[rz]+|.*qux",
    ],
)
def test_a_pattern_with_few_ways_to_match_is_taken(pattern: str) -> None:
    assert parse(f"/{pattern}/").problems == ()


def test_the_right_terms_filter_while_a_wrong_one_is_being_typed() -> None:
    query = parse("group:billing status:")
    assert len(query.problems) == 1
    assert {row.jobid for row in ROWS if query.matches(row, NOW)} == {1, 2}


def test_a_command_refuses_a_filter_with_a_wrong_term() -> None:
    with pytest.raises(UsageError, match="column 5: no field 'grup'") as refused:
        parse("foo grup:x p95>y").checked()
    assert "column 16: 'p95' takes" in refused.value.detail
    assert parse("foo").checked().text == "foo"


@given(st.text(alphabet='ab:"!/,><= status#*()+0159mhT-', max_size=40))
def test_every_character_but_blanks_belongs_to_a_term_or_a_problem(text: str) -> None:
    query = parse(text)
    spans = [(term.start, term.end) for term in query.terms]
    covered = set()
    for start, end in spans:
        covered |= set(range(start, end))
    rest = {i for i, char in enumerate(text) if not char.isspace()} - covered
    if rest:
        assert query.problems
    for row in ROWS:
        query.matches(row, NOW)


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    for vocabulary in (JOBS, INSTANCES):
        parse(text, vocabulary)


@given(st.sampled_from(["fin", "status:failed", "p95>1s", "group:billing", "/-/", "next<1h"]))
def test_a_term_and_its_negation_part_the_rows(text: str) -> None:
    assert matching(text) ^ matching(f"!{text}") == {row.jobid for row in ROWS}
    assert matching(text) & matching(f"!{text}") == set()


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a*)*b",
        "(a|aa)+",
        "(a|a)*b",
        "((ab?)c){3,}",
        "(a{2,}){5,}",
        "a*b*c*d*",
        r"(a)\1",
        "(?P<x>a)(?P=x)",
        "x" * 200,
        "(?:(?:a+))*",
    ],
)
def test_patterns_that_could_take_for_ever_are_refused(pattern: str) -> None:
    assert parse(f"/{pattern}/").problems


@pytest.mark.parametrize(
    "pattern", ["a+b", "(ab|cd)-.*x", "[a-z]{2,4}+", r"\d+", "(foo)?bar", "EU"]
)
def test_ordinary_patterns_are_taken_in_either_case(pattern: str) -> None:
    assert parse(f"/{pattern}/").problems == ()


def test_a_pattern_with_upper_case_letters_matches_lower_case_names() -> None:
    assert matching("/[A-Z]+-SYNC/") == {1}
    assert matching(r"/\S+-(?i:SYNC)/") == {1}
    assert matching(r"/[\S]+-SYNC/") == {1}


def test_times_of_day_are_read_in_the_viewers_zone() -> None:
    row = replace(ROWS[0], last_at=from_datetime_in_prague(8, 30))
    query = parse("last>08:00 last<09:00", JOBS, ZoneInfo("Europe/Prague"))
    assert query.matches(row, NOW)
    assert not parse("last>08:00", JOBS, ZoneInfo("UTC")).matches(row, NOW)


PRAGUE = ZoneInfo("Europe/Prague")


def from_datetime_in_prague(hour: int, minute: int) -> Instant:
    return from_datetime(datetime(2026, 1, 5, hour, minute, tzinfo=PRAGUE))


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)]
)
def test_a_day_ends_at_its_midnight_where_the_clocks_change(day: str, hours: int) -> None:
    start = from_datetime(datetime.fromisoformat(day).replace(tzinfo=PRAGUE))
    query = parse(f"last:{day}", JOBS, PRAGUE)
    end = start + hours * HOUR
    assert query.matches(replace(ROWS[0], last_at=start), NOW)
    assert query.matches(replace(ROWS[0], last_at=end - 1), NOW)
    assert not query.matches(replace(ROWS[0], last_at=end), NOW)
    assert parse("last:today", JOBS, PRAGUE).matches(replace(ROWS[0], last_at=end - 1), start)


def test_the_last_day_that_there_is_can_be_asked_for() -> None:
    assert not parse("last:9999-12-31").matches(ROWS[0], NOW)


_TIMED = [
    "status:overdue", "status:running,late", "next<10m", "next>=3m", "next:1h", "last:4m",
    "last>2m", "last:today", "last:yesterday", "next:tomorrow", "next<13:00", "last>12:31",
    "last<=12:29:05", "next<now", "next>=now", "running>1m", "running<=90", "running:41s",
    "!running>1m", "next!=3m", "next:2m,4m", "running>1m next<10m",
]  # fmt: skip


@given(st.sampled_from(_TIMED), st.lists(st.integers(1, 400 * SECOND), max_size=8), st.data())
def test_no_row_comes_or_goes_before_the_filter_said_that_it_may(
    text: str, steps: list[int], data: st.DataObject
) -> None:
    query, now = parse(text, JOBS, PRAGUE), NOW
    row = data.draw(st.sampled_from(ROWS))
    passes, until = query.matches(row, now), query.until
    assert query.problems == ()
    assert until is not None
    turns = until(row, now)
    for step in [1, *steps, DAY]:
        candidates = [now + step, *([] if turns is None else [turns - 1])]
        for at in [each for each in candidates if each > now and (turns is None or each < turns)]:
            assert query.matches(row, at) is passes
        now = now + step if turns is None else max(turns, now + step)
        passes, turns = query.matches(row, now), until(row, now)
        assert turns is None or turns > now


@pytest.mark.parametrize(
    "text", ["inv", "status:failed", "p95>1m", "next:none", "last:2026-01-05", "/a-b/"]
)
def test_a_filter_that_tells_no_time_says_so(text: str) -> None:
    assert parse(text).until is None


def test_the_term_that_excluded_everything_is_named() -> None:
    blame = parse("group:billing status:disabled").blame(ROWS, NOW)
    assert blame is not None
    assert (blame.term.text, blame.alone, blame.left_before) == ("status:disabled", False, 2)
    alone = parse("group:billing zzz").blame(ROWS, NOW)
    assert alone is not None
    assert alone.alone
    assert parse("group:billing").blame(ROWS, NOW) is None
    assert parse("zzz").blame([], NOW) is None


def test_an_empty_filter_needs_no_predicate() -> None:
    assert Query("").matcher(NOW) is None
    assert parse("   ").is_empty


def inserts(text: str, known: dict[str, list[str]] | None = None) -> list[str]:
    options = complete(text, len(text), JOBS, lambda field: (known or {}).get(field, []))
    return [text[: each.start] + each.insert + text[each.end :] for each in options]


def test_completion_offers_fields_then_values() -> None:
    assert inserts("st") == ["status:"]
    assert "foo group:" in inserts("foo ")
    assert inserts("foo !gr") == ["foo !group:"]
    assert inserts("status:error,cr") == ["status:error,crash"]
    assert inserts("group:b", {"group": ["billing", "a b", "crm"]}) == [
        "group:billing",
        'group:"a b"',
    ]
    assert inserts("status:crash") == []
    assert inserts('"open phrase') == []
    assert inserts("nofield:x") == []
    assert inserts("next<t") == ["next<today", "next<yesterday"]


def test_completion_works_in_the_middle_of_a_filter() -> None:
    (option,) = complete("sta foo", 3, JOBS)
    assert (option.insert, option.start, option.end) == ("status:", 0, 3)


def test_a_filter_is_fast_enough_for_every_key_press() -> None:
    rows = [
        replace(ROWS[i % 6], jobid=i, name=f"job-{i}-{ROWS[i % 6].name}") for i in range(10_000)
    ]
    for text in ("invoice", "status:error group:billing", "next<10m !mail", "tag:team=fin"):
        best = 1.0
        for _ in range(7):
            began = time.thread_time()
            matcher = parse(text).matcher(NOW)
            assert matcher is not None
            sum(map(matcher, rows))
            best = min(best, time.thread_time() - began)
        assert best < 0.010, f"{text}: {best * 1000:.1f} ms; about 1.5 ms on an idle machine"


@pytest.mark.parametrize(
    ("vocabulary", "word", "field"),
    [
        (INSTANCES, "since", "last"),
        (INSTANCES, "Started", "last"),
        (INSTANCES, "took", "running"),
        (INSTANCES, "job", "name"),
        (JOBS, "since", "last"),
        (JOBS, "en", "enabled"),
        (GROUPS, "group", "name"),
    ],
)
def test_the_word_of_a_column_or_of_an_option_leads_to_the_field(
    vocabulary: Vocabulary, word: str, field: str
) -> None:
    (problem,) = parse(f"{word}:1h", vocabulary).problems
    assert f"(nearest: {field})" in problem.message


@pytest.mark.parametrize("vocabulary", [JOBS, INSTANCES, GROUPS])
def test_other_words_are_no_fields_and_lead_to_one(vocabulary: Vocabulary) -> None:
    assert not set(vocabulary.other_words) & set(vocabulary.fields)
    assert set(vocabulary.other_words.values()) <= set(vocabulary.fields)
