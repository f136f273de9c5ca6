"""What is exported loads to the same job: for every job there can be."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st
from msgspec.structs import replace

from engine.definitions.exporting import export
from engine.definitions.keys import KEYS
from engine.definitions.reader import read, read_definitions_text
from engine.definitions.template import template
from engine.domain.job import Definition, Execution, LibraryObject, Limits
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.errors import DefinitionError
from tests.definitions.support import JOB, one, with_lines

_NO_TEXT: list[Any] = ["Cc", "Cs", "Zl", "Zp", "Cn", "Co"]
_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def texts(most: int, least: int = 0, also: str = "") -> st.SearchStrategy[str]:
    """Texts as a definition may hold them: nearly all of Unicode, and what YAML finds special."""
    ordinary = st.characters(exclude_categories=_NO_TEXT, exclude_characters=_DIRECTION)
    special = st.sampled_from(list("'\"\\:#-?*&!|>%@`[]{},~=<. 0e" + also))
    words = st.sampled_from(["no", "null", "~", "1e3", "12:30:45", "2026-01-01", "<<", "0x1F"])
    anything = st.text(ordinary | special, min_size=least, max_size=most)
    return anything | words if most >= 10 else anything


names = st.text("abcXYZ019_-", min_size=1, max_size=20)
keys = texts(40, least=1)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts(40, also="\n\t"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
code = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from("\n\t \r#:"),
    min_size=1,
    max_size=80,
).filter(lambda text: bool(text.strip()))
schedules = st.builds(RecurringSchedule, st.integers(1, 9_999_999), st.just("UTC")) | st.builds(
    CronSchedule,
    st.sampled_from(["*", "*/5", "0", "1,2-4"]),
    st.sampled_from(["*", "2", "0-23/2"]),
    st.sampled_from(["*", "1", "1,15"]),
    st.sampled_from(["*", "jan", "2-5"]),
    st.sampled_from(["*", "mon-fri", "7"]),
    st.sampled_from(["UTC", "Europe/Prague", "America/St_Johns"]),
    st.sampled_from(["after", "skip", "shift"]),
    st.sampled_from(["first", "last", "both"]),
)
limits = st.builds(
    Limits,
    memory=st.none() | st.integers(1, 2**40) | st.sampled_from([2**20, 512 * 2**20, 2**31]),
    cpu=st.none() | st.integers(1, 1000),
    files=st.none() | st.integers(32, 1000),
    processes=st.none() | st.integers(1, 1000),
)
libraries = st.lists(
    st.builds(LibraryObject, texts(30, least=1), code), max_size=2, unique_by=lambda x: x.name
)
ways = {
    "code": code,
    "timeout": st.none() | st.integers(1, 10_000) | st.floats(1e-6, 1e6),
    "env": st.dictionaries(
        st.from_regex(r"[A-S_][A-Z0-9_]{0,8}", fullmatch=True), texts(30), max_size=3
    ),
    "cwd": st.none() | st.sampled_from(["/", "/var/tmp", "/srv/a: b"]),
    "user": st.none() | st.just("root"),
    "limits": limits,
}
executions = st.builds(
    Execution,
    lang=st.just("shell"),
    interpreter=st.none() | st.sampled_from(["/bin/dash", "/opt/a b/sh"]),
    **ways,
) | st.builds(  # for another Python: that one judges the code
    Execution, library=libraries.map(tuple), interpreter=st.just("/opt/a b/python"), **ways
)
definitions = st.builds(
    Definition,
    name=names,
    schedule=schedules,
    version=texts(20),
    description=texts(80, also="\n\t"),
    author=texts(30),
    groups=st.lists(names, max_size=3, unique=True).map(lambda each: tuple(sorted(each))),
    tags=st.dictionaries(keys, texts(30, also="\n"), max_size=3),
    run_skipped=st.booleans(),
    single_instance=st.booleans(),
    active=st.booleans(),
    expiry_date=st.none() | st.integers(0, 4_000_000_000_000_000) | st.just(1_830_207_600_000_000),
    options=st.dictionaries(keys, plain, max_size=3),
    execution=executions,
    retention=st.none() | st.integers(1, 3650) | st.floats(0.001, 3650),
)


def _same(definition: Definition) -> Definition:
    return replace(definition, source="", source_line=0)


@given(definitions)
@settings(max_examples=300, deadline=None)
@example(
    Definition(
        name="no",
        schedule=CronSchedule("0", "0", "*", "*", "*"),
        options={"a": 1e22, "b": 1e-7, "c": -0.0, "d": 10**30},
        execution=Execution(lang="shell", code="  indented\n\n  a\n\n\n"),
    )
)
def test_an_export_loads_to_an_equal_definition(definition: Definition) -> None:
    assert _same(one(export(definition))) == definition


@given(st.lists(definitions, min_size=2, max_size=4, unique_by=lambda each: each.name))
@settings(max_examples=20, deadline=None)
def test_exports_may_be_put_together_as_documents(several: list[Definition]) -> None:
    text = "---\n".join(export(definition) for definition in several)
    read_back = read_definitions_text(text, timezone="UTC").definitions
    assert [_same(definition) for definition in read_back] == several


def test_code_of_a_file_that_still_holds_it_is_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("def run(): pass\n")
    (tmp_path / "j.yaml").write_text("name: a\nduration: 5\ncode: code.py\n")
    (definition,) = read([tmp_path], timezone="UTC").definitions
    exported = export(definition)
    assert f"code: {tmp_path}/code.py\n" in exported
    (tmp_path / "exported.yaml").write_text(exported)
    (again,) = read([tmp_path / "exported.yaml"], timezone="UTC").definitions
    assert replace(again, source=definition.source, source_line=1) == definition

    (tmp_path / "code.py").write_text("def run(): changed\n")
    exported = export(definition)
    assert "has changed since" in exported
    assert one(exported).execution.code == "def run(): pass\n"


def test_an_export_is_written_as_a_person_would() -> None:
    text = with_lines(
        'version: "1.10"',
        "timezone: Europe/Prague",
        "expiry-date: 2027-12-31",
        "options: {warn_at: 0.9, on_call: 'no'}",
        'limits: {memory: "512M", cpu: 5}',
    )
    assert export(one(text)) == (
        "name: sample\n"
        'version: "1.10"\n'
        'schedule: "*/10 * * * *"\n'
        "timezone: Europe/Prague\n"
        "expiry-date: 2027-12-31\n"
        "run-skipped: true\n"
        "single-instance: false\n"
        "active: true\n"
        "options:\n"
        "  warn_at: 0.9\n"
        '  on_call: "no"\n'
        "lang: python\n"
        "isolation: process\n"
        'limits: {memory: "512M", cpu: 5}\n'
        "code: |\n"
        "  def run():\n"
        "      pass\n"
    )


@pytest.mark.parametrize("name", ["hello", "no", "123", "-x", "null", "x" * 160])
def test_the_template_loads_as_it_is(name: str) -> None:
    definition = one(template(name))
    assert definition.name == name
    assert "job_save_state_data" in definition.execution.code


def test_every_commented_key_of_the_template_is_accepted_when_it_is_uncommented() -> None:
    commented = [line.removeprefix("# ") for line in template("hello").splitlines()]
    said = {key: line for line in commented if (key := line.partition(":")[0]) in KEYS}
    assert said.keys() == set(KEYS) - {"duration", "author", "define-group"}
    in_sample = {"name", "schedule", "code"}
    on_this_machine = {"library", "user"}
    for key in said.keys() - in_sample - on_this_machine:
        assert one(with_lines(said[key])).name == "sample", key


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 161])
def test_there_is_no_template_for_what_is_no_name(name: str) -> None:
    with pytest.raises(DefinitionError, match="only 1 to 160"):
        template(name)


def test_a_job_of_the_defaults_is_exported_without_them() -> None:
    assert "dst-gap" not in export(one(JOB))
    assert "limits" not in export(one(JOB))


def test_a_library_that_a_shell_job_never_loaded_is_not_exported() -> None:
    definition = one("name: a\nduration: 5\nlang: shell\ncode: df -h\n")
    library = (LibraryObject("lib.sh", "true"),)
    kept = replace(definition, execution=replace(definition.execution, library=library))
    assert export(kept) == export(definition)
