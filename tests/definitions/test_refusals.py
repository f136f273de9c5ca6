"""What is wrong is said with its place, what was found, and what is accepted."""

from pathlib import Path

import pytest
from croniter import croniter

from engine.domain.schedule import fields
from tests.definitions.support import JOB, one, problems_in, problems_of, with_lines


def test_a_fault_of_ours_is_a_problem_of_its_file_like_any_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def failing(line: str) -> None:
        raise TypeError(line)

    (tmp_path / "a.yaml").write_text(with_lines('schedule: "3 4 5 6 *"', without="schedule"))
    (tmp_path / "b.yaml").write_text(with_lines("timeout: 0", "duration: 5", without="schedule"))
    monkeypatch.setattr(croniter, "expand", failing)
    fields.expand.cache_clear()  # whichever test was before this one
    first, second = problems_in(tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert first.startswith("a.yaml:1:1: a fault of tocsin, TypeError: ")
    assert first.endswith("report it with this file")
    assert second.startswith("b.yaml:1:10: 'timeout'")


def test_every_problem_of_every_document_is_gathered() -> None:
    text = (
        with_lines("nam: x", "timeout: 0")
        + "---\nname: b\nduration: ten\n---\n- a list\n---\njust text\n"
    )
    assert problems_of(text) == [
        "1:1: unknown key 'nam'; nearest: 'name'",
        (
            "2:10: 'timeout' must be a number of seconds above 0 and up to 10,000,000; "
            "found the number 0"
        ),
        (
            "9:1: job 'b' has no `code`: a file beside this one, or the text itself, "
            "indented below `code: |`"
        ),
        "10:11: 'duration' must be a whole number of seconds; found the text 'ten'",
        (
            "12:1: a definition is a mapping that begins with `name:`; several in one file are "
            "no list, but documents with --- between them"
        ),
        "14:1: a definition is a mapping, beginning with `name:`; found the text 'just text'",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("run_skipped: true", "1:1: unknown key 'run_skipped'; nearest: 'run-skipped'"),
        ("cron: x", "1:1: unknown key 'cron'; nearest: 'schedule'"),
        ("remote: true", ("1:1: unknown key 'remote': every run has a process of its own; "
         "`isolation` says which kind")),
        ("version: 1.10", ("1:10: 'version' must be a text, and YAML reads 1.10 as the number 1.1; "
         'write "1.10"')),
        ("version: 12:30:45", ("1:10: 'version' must be a text, and YAML reads 12:30:45 as the "
         'number 45045; write "12:30:45"')),
        ("desc: no", "1:7: 'desc' must be a text, and YAML reads no as false; write \"no\""),
        ("desc: 2026-01-01", ("1:7: 'desc' must be a text, and YAML reads 2026-01-01 as a date; "
         'write "2026-01-01"')),
        ("desc:", "1:6: 'desc' must be a text; found nothing"),
        ("desc: [a]", "1:7: 'desc' must be a text; found a list"),
        ('desc: "a\\eb"', "1:7: 'desc' holds the character U+001B; it is not accepted there"),
        ('version: "a\\u202eb"', ("1:10: 'version' holds the character U+202E; "
         "it is not accepted there")),
        ("active: maybe", ("1:9: 'active' must be true or false, without quotes; "
         "found the text 'maybe'")),
        ('active: "true"', ("1:9: 'active' must be true or false, without quotes; "
         "found the text 'true'")),
        ("groups: ops", "1:9: 'groups' must be a list, as in groups: [ops]; found the text 'ops'"),
        ("groups: [a, a]", "1:13: 'a' is listed twice in 'groups'"),
        ("groups: [a b]", ("1:10: the group's name 'a b' is not accepted; "
         "only 1 to 160 letters a to z or A to Z, digits, _, -")),
        ("tags: [a]", "1:7: 'tags' must be a mapping, as in tags: {name: value}; found a list"),
        ("tags: {a: 1}", ("1:11: 'tags.a' must be a text, and YAML reads 1 as the number 1; "
         'write "1"')),
        ("options: {a: 010}", '1:14: YAML reads 010 as the number 8; write 8, or "010" for text'),
        ("options: {a: 0x1F}", ("1:14: YAML reads 0x1F as the number 31; write 31, "
         'or "0x1F" for text')),
        ("options: {a: 1e3}", '1:14: YAML reads 1e3 as text; write "1e3", or the number in full'),
        ("options: {a: yes}", '1:14: YAML reads yes as true; write true, or "yes" for text'),
        ("options: {a: .inf}", ("1:14: YAML reads .inf as the number inf, which is no plain value; "
         'write ".inf" for text')),
        ("options: {on: 1}", '1:11: a key must be a text, and YAML reads on as true; write "on"'),
        ("lang: perl", "1:7: 'lang' must be python or shell; found the text 'perl'"),
        ("timeout: 1e18", ("1:10: 'timeout' must be a number of seconds above 0 and up to "
         "10,000,000; found the text '1e18'")),
        ("env: {1A: x}", "1:7: '1A' is no name of an environment variable"),
        ("env: {TOCSIN_DB: x}", ("1:7: 'TOCSIN_DB' is set by tocsin itself: "
         "names TOCSIN_* are taken")),
        ("limits: {memory: 5X}", ("1:18: 'limits.memory' must be a number of bytes, or a text such "
         "as \"512M\" or \"2G\"; found the text '5X'")),
        ("limits: {files: 31}", ("1:17: 'limits.files' must be a whole number from 32 to "
         "1,048,576; found the number 31")),
        ("limits: {cores: 1}", ("1:10: 'limits' has no key 'cores'; "
         "it has memory, cpu, files, processes")),
        ("user: no-such-user", "1:7: this machine has no user 'no-such-user'"),
        ("interpreter: python3", ("1:14: 'interpreter' must be a path, as in /usr/bin/python3; "
         "found the text 'python3'")),
        ("timezone: Europe/Pragu", ("1:11: 'timezone': no time zone is named 'Europe/Pragu'; "
         "nearest: 'Europe/Prague'")),
        ("timezone: ../../etc/passwd", ("1:11: 'timezone': no time zone is named "
         "'../../etc/passwd', as in Europe/Prague or UTC")),
        ("expiry-date: soon", ("1:14: 'expiry-date' must be a date, as in 2027-12-31, or a date "
         "with a time, as in 2027-12-31T18:00; found the text 'soon'")),
        ("expiry-date: 2027-02-30", ("1:14: 'expiry-date' must be a date, as in 2027-12-31, or a "
         "date with a time, as in 2027-12-31T18:00; found 2027-02-30, which YAML reads as a date")),
        ("retention: -1", ("1:12: 'retention' must be a number of days above 0 and up to 36,525; "
         "found the number -1")),
        ("dst-gap: never", ("1:10: 'dst-gap' must be after or skip or shift; "
         "found the text 'never'")),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_place(line: str, problem: str) -> None:
    assert problems_of(with_lines(line)) == [problem]


def test_a_shell_job_has_no_library() -> None:
    text = with_lines("lang: shell", "library: [{name: lib.sh, code: 'greet() { echo hi; }'}]")
    (problem,) = problems_of(text)
    assert problem.startswith("2:10: 'library' needs `lang: python`; a shell script reads a file")


def test_isolation_pool_has_no_process_of_its_own() -> None:
    text = with_lines("isolation: pool", "limits: {cpu: 1}", "lang: shell", "user: root")
    assert problems_of(text) == [
        "2:9: 'limits' needs `isolation: process`",
        "3:7: a shell job needs `isolation: process`",
        "4:7: 'user' needs `isolation: process`",
    ]


def test_a_name_is_letters_digits_underscore_and_hyphen() -> None:
    for name in ("a/b", "../../x", "a b", "", "ž", "a.b", "x" * 161):
        (problem,) = problems_of(JOB.replace("sample", f'"{name}"'))
        assert problem.startswith("1:7: name ")
        assert problem.endswith("only 1 to 160 letters a to z or A to Z, digits, _, -")
    assert one(JOB.replace("sample", "x" * 160)).name == "x" * 160


def test_a_name_that_yaml_reads_as_something_else_is_explained() -> None:
    assert problems_of(JOB.replace("sample", "no")) == [
        "1:7: 'name' must be a text, and YAML reads no as false; write \"no\""
    ]


def test_a_job_has_exactly_one_schedule() -> None:
    assert problems_of(with_lines("duration: 60")) == [
        (
            "1:11: job 'sample' sets both `schedule` and `duration`; a job has exactly one. "
            "Remove one of them."
        )
    ]
    assert problems_of(with_lines(without="schedule")) == [
        (
            "1:1: job 'sample' has neither `schedule` (as in \"*/10 * * * *\") nor `duration` "
            "(seconds); it needs one"
        )
    ]


@pytest.mark.parametrize(
    ("schedule", "place", "part"),
    [
        ('"0 0 30 2 *"', "1:16", "never fires"),
        ('"*/0 * * * *"', "1:14", "minute"),
        ('"* * * *"', "1:19", "five fields"),
        ('"0 25 * * *"', "1:14", "hour"),
        ("0 0 * * fri-mon", "1:19", "runs backwards"),
        ('"@dayly"', "1:12", "@daily"),
        ('""', "1:12", "five fields"),
        ("10", "1:11", "the number 10"),
        ('{minutes: "61", hours: 1, days: 1, months: 1, dow: 1}', "1:21", "minute"),
        ("{minutes: 1, hours: 1, days: 1, months: 1}", "1:11", "lacks dow"),
        ('{minutes: "1 2", hours: 1, days: 1, months: 1, dow: 1}', "1:21", "without spaces"),
    ],
)
def test_a_schedule_is_refused_where_it_is_wrong(schedule: str, place: str, part: str) -> None:
    (problem,) = problems_of(with_lines(f"schedule: {schedule}", without="schedule"))
    assert problem.startswith(f"{place}: 'schedule"), problem
    assert part in problem


@pytest.mark.parametrize("seconds", ["0", "-5", "10000000", "1.5", "1e3", "yes", "99999999999999"])
def test_a_duration_is_whole_seconds_within_its_limits(seconds: str) -> None:
    (problem,) = problems_of(with_lines(f"duration: {seconds}", without="schedule"))
    assert problem.startswith("1:11: 'duration'")


def test_a_duration_has_no_contract_for_clock_changes() -> None:
    text = with_lines("duration: 60", "dst-gap: skip", without="schedule")
    assert problems_of(text) == [
        "2:10: 'dst-gap' goes with `schedule`; a `duration` counts elapsed seconds"
    ]


def test_one_mistake_in_a_thousand_jobs_is_told_once_with_its_first_places_and_the_last() -> None:
    lines = 'name: job{}\nenabled: true\nschedule: "* * * * *"\ncode: "def run(): pass"\n---\n'
    said = "unknown key 'enabled'; nearest: 'active'"
    assert problems_of("".join(lines.format(number) for number in range(1000))) == [
        f"2:1: {said}",
        f"7:1: {said}",
        f"12:1: {said}",
        f"4997:1: {said} (996 more like it above this one)",
        "1,000 problems in all",
    ]


def test_mistakes_that_are_not_alike_are_all_told_beside_the_many_that_are() -> None:
    text = "".join(f"name: job {number}\n---\n" for number in range(7)) + "name: a\nwrnog: 1\n"
    problems = problems_of(text)
    assert sum("unknown key 'wrnog'" in problem for problem in problems) == 1
    assert sum("has no `code`" in problem for problem in problems) == 4
    assert problems[-1] == "24 problems in all"


def test_five_of_a_kind_are_all_told() -> None:
    text = "".join(f"name: job {number}\nduration: 5\ncode: x = 1\n---\n" for number in range(5))
    assert sum("is not accepted" in problem for problem in problems_of(text)) == 5


def test_a_file_full_of_mistakes_gives_a_report_of_bounded_length() -> None:
    letters = str.maketrans("0123456789", "qwertyuiop")
    text = "".join(f"wrong{number}: 1\n".translate(letters) for number in range(5000))
    problems = problems_of(text)
    assert len(problems) == 1001
    assert problems[-1] == "... and 4003 more problems"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("schedule: {cron: '*/5 * * * *'}", 'write schedule: "*/5 * * * *"'),
        ("schedule: {duration: 45}", "write duration: 45 beside `name`, in place of `schedule`"),
        ("schedule: {every: 5 minutes}", "write duration: 300 beside `name`"),
        ("schedule: {every: soon}", "write `duration:` with its seconds beside `name`"),
        ("schedule: {at: noon}", 'must be one line, as in schedule: "*/10 * * * *"'),
        ("schedule: every 5 minutes", "Write duration: 300 in place of `schedule`."),
        ('schedule: "@every 1h"', "Write duration: 3600 in place of `schedule`."),
        ('schedule: "0 */5 * * * *"', "has 6. None of them is for seconds."),
        ("duration: 5m", "must be a whole number of seconds, as in duration: 300; found"),
    ],
)
def test_a_schedule_as_others_write_it_is_answered_with_how_to_write_it(
    line: str, told: str
) -> None:
    (problem,) = problems_of(with_lines(line, without="schedule"))
    assert told in problem


def test_jobs_listed_under_a_key_are_told_to_be_documents() -> None:
    text = 'jobs:\n  - name: a\n    schedule: "* * * * *"\n'
    (problem,) = problems_of(text)
    assert problem.startswith("1:1: a definition is a mapping that begins with `name:`")
    assert problem.endswith("documents with --- between them")


def test_code_that_is_not_indented_is_told_to_be() -> None:
    text = 'name: a\nschedule: "* * * * *"\ncode: |\ndef run():\n    pass\n'
    assert problems_of(text) == [
        (
            "3:7: 'code' must be a text: a file beside this one, or the code itself, "
            "indented below `code: |`; found nothing"
        ),
        "4:1: unknown key 'def run()'; what belongs to the text under `code: |` must be indented",
    ]


def test_a_shell_script_without_its_lang_is_told_the_lang() -> None:
    (problem,) = problems_of(
        'name: a\nschedule: "* * * * *"\ncode: |\n  #!/bin/sh\n  echo hello | wc\n'
    )
    assert problem.endswith("a shell script needs `lang: shell`")


def test_a_tab_in_the_indentation_is_told_as_that() -> None:
    for text in ("name: a\n\tschedule: x\n", "name: a\ncode: |\n\tdef run(): pass\n"):
        (problem,) = problems_of(text)
        assert problem.endswith(": found a tab where the indentation is; YAML accepts only spaces")
