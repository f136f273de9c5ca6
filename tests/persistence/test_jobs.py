import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from msgspec import UNSET
from msgspec.structs import fields

from engine.clock import DAY, SECOND
from engine.domain.job import Definition, Execution, Job, LibraryObject, Limits
from engine.domain.schedule import CronSchedule, RecurringSchedule, Schedule
from engine.errors import NotFoundError
from engine.persistence import changes, groups, jobs, removals
from engine.persistence.database import Database
from engine.persistence.failures import ConflictError
from tests.support.stores import NOON, a_definition, a_job, a_running, a_session, some_jobs

FULL = Definition(
    name="report",
    schedule=CronSchedule("0", "2", "*", "*", "mon-fri", "Europe/Prague", "skip", "both"),
    version="2.1",
    description="Writes the report. Žluťoučký kůň ✓",
    author="A. Nonymous",
    groups=("nightly", "money"),
    tags={"team": "billing", "tier": ""},
    run_skipped=False,
    single_instance=True,
    active=False,
    expiry_date=NOON + 3 * DAY + 7,
    options={"limit": 10, "names": ["a", "b"], "deep": {"x": None, "y": 1.5}},
    execution=Execution(
        lang="shell",
        code="echo 'a \"b\"'\n",
        code_path="/jobs/report.sh",
        library=(LibraryObject("z.py", "Z = 1\n"), LibraryObject("a.py", "A = 1\n")),
        isolation="pool",
        interpreter="/bin/bash",
        timeout=12.5,
        env={"LANG": "C.UTF-8"},
        cwd="/tmp",
        user="nobody",
        limits=Limits(memory=2**34, cpu=10, files=64),
    ),
    retention=30.5,
    source="/jobs/report.yaml",
    source_line=7,
)


def test_a_definition_comes_back_as_it_was_stored(store: Database) -> None:
    with store.begin() as tx:
        jobid = jobs.insert(tx, FULL, NOON)
    with store.read() as tx:
        assert jobs.definition(tx, jobid) == FULL
        assert jobs.execution(tx, jobid) == FULL.execution
        assert jobs.executions(tx, [jobid]) == {jobid: FULL.execution}


def test_a_job_has_what_its_definition_says(store: Database) -> None:
    with store.begin() as tx:
        jobs.insert(tx, FULL, NOON)
    with store.read() as tx:
        job = jobs.get(tx, "report")
    shared = {field.name for field in fields(Definition)} & {field.name for field in fields(Job)}
    different = shared - {"groups"}
    assert {name: getattr(job, name) for name in different} == {
        name: getattr(FULL, name) for name in different
    }
    assert job.groups == ("DEFAULT", "money", "nightly")
    assert (job.lang, job.isolation, job.timeout) == ("shell", "pool", 12.5)
    assert (job.enabled, job.sessionid, job.retired_at, job.overridden) == (
        True,
        None,
        None,
        frozenset(),
    )


schedules: st.SearchStrategy[Schedule] = st.one_of(
    st.builds(RecurringSchedule, st.integers(1, 9_999_999)),
    st.builds(
        CronSchedule,
        *[st.sampled_from(["*", "*/5", "1,2,3", "1-5"])] * 5,
        st.sampled_from(["UTC", "America/New_York"]),
        st.sampled_from(["after", "skip", "shift"]),
        st.sampled_from(["first", "last", "both"]),
    ),
)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    schedule=schedules,
    description=words,
    options=st.dictionaries(words, plain, max_size=4),
    expiry=st.none() | st.integers(0, 4_102_444_800 * SECOND),
    code=words,
)
def test_whatever_a_definition_holds_comes_back(
    store: Database,
    schedule: Schedule,
    description: str,
    options: dict[str, object],
    expiry: int | None,
    code: str,
) -> None:
    definition = Definition(
        "any",
        schedule,
        description=description,
        options=options,
        expiry_date=expiry,
        execution=Execution(code=code),
    )
    with store.begin() as tx:
        jobid = jobs.insert(tx, definition, NOON)
    try:
        with store.read() as tx:
            assert jobs.definition(tx, jobid) == definition
            job = jobs.get_by_id(tx, jobid)
            assert (job.schedule, job.options, job.expiry_date) == (schedule, options, expiry)
    finally:
        with store.begin() as tx:
            jobs.delete(tx, jobid)


def test_all_jobs_are_listed_by_name_and_retired_ones_only_when_asked(store: Database) -> None:
    with store.begin() as tx:
        for name in ("c", "a", "b"):
            a_job(tx, name, groups=("g",) if name == "a" else (), tags={"t": name})
        jobs.retire(tx, jobs.get(tx, "b").jobid, NOON)
    with store.read() as tx:
        living = jobs.all_jobs(tx)
        every = jobs.all_jobs(tx, include_retired=True)
    assert [job.name for job in living] == ["a", "c"]
    assert [job.name for job in every] == ["a", "b", "c"]
    assert [job.groups for job in living] == [("DEFAULT", "g"), ("DEFAULT",)]
    assert [job.tags for job in living] == [{"t": "a"}, {"t": "c"}]
    assert every[1].retired_at == NOON


def test_many_jobs_are_read_by_id_whatever_their_number(store: Database) -> None:
    with store.begin() as tx:
        ids = some_jobs(tx, 2500, groups=("g",))
    with store.read() as tx:
        found = jobs.get_many(tx, [*ids, 999_999])
    assert sorted(job.jobid for job in found) == sorted(ids)
    assert {job.groups for job in found} == {("DEFAULT", "g")}


def test_an_unknown_name_is_refused_with_the_nearest(store: Database) -> None:
    with store.begin() as tx:
        a_job(tx, "report")
        with pytest.raises(NotFoundError, match=r"No job is named 'reprot'\. Nearest: 'report'"):
            jobs.get(tx, "reprot")
        with pytest.raises(NotFoundError):
            jobs.get_by_id(tx, 4711)
        with pytest.raises(NotFoundError):
            jobs.definition(tx, 4711)
        with pytest.raises(NotFoundError):
            jobs.set_active(tx, 4711, active=False)


def test_two_jobs_cannot_have_one_name(store: Database) -> None:
    with store.begin() as tx:
        a_job(tx, "report")
    with pytest.raises(ConflictError), store.begin() as tx:
        a_job(tx, "report")


def test_a_new_definition_keeps_the_id_and_replaces_every_part(store: Database) -> None:
    with store.begin() as tx:
        jobid = jobs.insert(tx, FULL, NOON)
        plain_one = a_definition("report", groups=("money",))
        jobs.update_definition(tx, jobid, plain_one, NOON + SECOND, override=False)
    with store.read() as tx:
        assert jobs.definition(tx, jobid) == plain_one
        job = jobs.get(tx, "report")
    assert (job.jobid, job.groups, job.tags) == (jobid, ("DEFAULT", "money"), {})


def test_a_reload_keeps_what_operators_changed(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, "report", options={"a": 1, "b": 2}, expiry_date=NOON)
        jobs.set_schedule(tx, jobid, RecurringSchedule(7))
        jobs.set_expiry(tx, jobid, None)
        jobs.set_active(tx, jobid, active=False)
        jobs.set_enabled(tx, jobid, enabled=False)
        jobs.set_options(tx, jobid, {"b": 20, "c": 30})
        reloaded = a_definition(
            "report", options={"a": 10, "b": 2, "d": 4}, expiry_date=NOON + DAY, version="2"
        )
        jobs.update_definition(tx, jobid, reloaded, NOON, override=False)
        kept = jobs.get(tx, "report")
    assert kept.version == "2"
    assert kept.schedule == RecurringSchedule(7)
    assert (kept.expiry_date, kept.active, kept.enabled) == (None, False, False)
    assert kept.options == {"a": 10, "b": 20, "c": 30, "d": 4}
    assert kept.overridden == {"schedule", "expiry_date", "active", "enabled", "options"}


def test_an_override_brings_the_definition_back(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, "report", options={"a": 1})
        jobs.set_schedule(tx, jobid, RecurringSchedule(7))
        jobs.set_active(tx, jobid, active=False)
        jobs.set_enabled(tx, jobid, enabled=False)
        jobs.set_options(tx, jobid, {"a": 2})
        jobs.update_definition(
            tx, jobid, a_definition("report", options={"a": 1}), NOON, override=True
        )
        job = jobs.get(tx, "report")
    assert job.schedule == RecurringSchedule(60)
    assert (job.active, job.enabled, job.options) == (True, True, {"a": 1})
    assert job.overridden == frozenset()


def test_each_switch_is_kept_by_itself(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        jobs.set_active(tx, jobid, active=False)
        jobs.update_definition(
            tx, jobid, a_definition(schedule=RecurringSchedule(5)), NOON, override=False
        )
        job = jobs.get(tx, "report")
    assert job.schedule == RecurringSchedule(5)
    assert (job.active, job.overridden) == (False, frozenset({"active"}))


def test_setting_one_kind_of_schedule_clears_the_other(store: Database) -> None:
    cron = CronSchedule("0", "2", "*", "*", "*", "Europe/Prague", "shift", "last")
    with store.begin() as tx:
        jobid = a_job(tx)
        jobs.set_schedule(tx, jobid, cron)
        assert jobs.get(tx, "report").schedule == cron
        jobs.set_schedule(tx, jobid, RecurringSchedule(9, "Europe/Prague"))
        assert jobs.get(tx, "report").schedule == RecurringSchedule(9, "Europe/Prague")


def test_an_option_that_is_unset_goes_back_to_the_definition(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, options={"a": 1})
        jobs.set_options(tx, jobid, {"a": 2, "extra": True})
        assert jobs.get(tx, "report").options == {"a": 2, "extra": True}
        jobs.set_options(tx, jobid, {"a": UNSET, "extra": UNSET})
        job = jobs.get(tx, "report")
    assert (job.options, job.overridden) == ({"a": 1}, frozenset())


def test_an_option_can_be_none_and_stays_so_at_a_reload(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, options={"a": 1})
        jobs.set_options(tx, jobid, {"a": None, "extra": None})
        jobs.update_definition(tx, jobid, a_definition(options={"a": 3}), NOON, override=False)
        job = jobs.get(tx, "report")
    assert (job.options, job.overridden) == ({"a": None, "extra": None}, frozenset({"options"}))


def test_an_option_that_never_was_can_be_set_back(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, options={"a": 1})
        jobs.set_options(tx, jobid, {"never": UNSET})
        assert jobs.get(tx, "report").options == {"a": 1}


def test_enabling_a_job_ends_its_override(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        jobs.set_enabled(tx, jobid, enabled=False)
        assert jobs.get(tx, "report").overridden == {"enabled"}
        jobs.set_enabled(tx, jobid, enabled=True)
        assert jobs.get(tx, "report").overridden == frozenset()


def test_what_is_set_back_to_the_definition_is_the_operators_no_more(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, "report", expiry_date=NOON)
        before = jobs.get(tx, "report")
        jobs.set_schedule(tx, jobid, RecurringSchedule(7))
        jobs.set_expiry(tx, jobid, None)
        jobs.set_active(tx, jobid, active=False)
        assert jobs.get(tx, "report").overridden == {"schedule", "expiry_date", "active"}
        jobs.set_schedule(tx, jobid, before.schedule)
        assert jobs.get(tx, "report").overridden == {"expiry_date", "active"}
        jobs.set_expiry(tx, jobid, NOON)
        jobs.set_active(tx, jobid, active=True)
        assert jobs.get(tx, "report").overridden == frozenset()
        moved = a_definition("report", schedule=RecurringSchedule(9))
        jobs.update_definition(tx, jobid, moved, NOON, override=False)
        assert jobs.get(tx, "report").schedule == RecurringSchedule(9)


def test_a_retired_job_lives_again_when_it_is_loaded(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        jobs.set_trigger(tx, jobid, NOON)
        jobs.retire(tx, jobid, NOON)
        retired = jobs.get(tx, "report")
        jobs.update_definition(tx, jobid, a_definition(), NOON, override=False)
        again = jobs.get(tx, "report")
    assert (retired.retired_at, retired.trigger_at) == (NOON, None)
    assert (again.jobid, again.retired_at) == (jobid, None)


def test_triggers_and_resets_are_seen(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        jobs.set_trigger(tx, jobid, NOON + 5)
        jobs.bump_reset(tx, jobid)
        jobs.bump_reset(tx, jobid)
        job = jobs.get(tx, "report")
    assert (job.trigger_at, job.reset_seq) == (NOON + 5, 2)


def test_a_single_instance_job_has_one_owner(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, single_instance=True)
        ours, theirs = a_session(tx, "a"), a_session(tx, "b")
        assert jobs.own(tx, jobid, ours)
        assert not jobs.own(tx, jobid, theirs)
        assert not jobs.own(tx, jobid, ours)
        jobs.disown(tx, [jobid], theirs)
        assert jobs.get(tx, "report").sessionid == ours
        jobs.disown(tx, [jobid], ours)
        assert jobs.own(tx, jobid, theirs)


def test_all_jobs_of_a_dead_session_are_freed(store: Database) -> None:
    with store.begin() as tx:
        dead, living = a_session(tx, "a"), a_session(tx, "b")
        ids = some_jobs(tx, 3, single_instance=True)
        jobs.own(tx, ids[0], dead)
        jobs.own(tx, ids[1], dead)
        jobs.own(tx, ids[2], living)
        assert jobs.disown_all(tx, dead) == ids[:2]
        owners = {job.jobid: job.sessionid for job in jobs.all_jobs(tx)}
    assert owners == {ids[0]: None, ids[1]: None, ids[2]: living}


def test_the_last_execution_is_the_latest_of_those_recorded(store: Database) -> None:
    with store.begin() as tx:
        ids = some_jobs(tx, 2)
        jobs.record_executions(tx, [(ids[0], NOON + 2, 12), (ids[0], NOON + 1, 11)])
        jobs.record_executions(tx, [(ids[1], NOON, 5)])
        found = {job.jobid: job for job in jobs.all_jobs(tx)}
    assert (found[ids[0]].last_executed, found[ids[0]].last_executed_job_instanceid) == (
        NOON + 2,
        12,
    )
    assert found[ids[1]].last_executed == NOON


def test_deleting_a_job_takes_its_history_and_tells_readers(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, groups=("g",), tags={"a": "b"})
        a_running(tx, jobid, a_session(tx))
    with store.read() as tx:
        seen = changes.current(tx)
    with store.begin() as tx:
        jobs.delete(tx, jobid)
    with store.read() as tx:
        assert jobs.all_jobs(tx, include_retired=True) == []
        assert groups.members(tx, "g") == []
        told = removals.since(tx, seen)
    assert [(each.object_type, each.objectid, each.name) for each in told] == [
        ("job", jobid, "report")
    ]


def test_names_are_told_in_one_order_everywhere(store: Database) -> None:
    names = ["b", "a", "B", "_a", "a-b", "ab", "a_b", "10", "9"]
    with store.begin() as tx:
        for name in names:
            a_job(tx, name)
        assert jobs.names(tx) == sorted(names)
        assert [job.name for job in jobs.all_jobs(tx)] == sorted(names)
        assert [job.name for job in jobs.page(tx, 3, "a")] == sorted(names)[5:8]
