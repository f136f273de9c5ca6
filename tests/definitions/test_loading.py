"""Loading brings the store in line with the files at once, and keeps what operators set."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import HOUR, Instant
from engine.definitions.applying import Loader, apply, check, load, stored_jobs
from engine.definitions.loading import LoadPlan, Outcome, plan
from engine.definitions.reader import Reading, read
from engine.domain.job import Job
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.domain.schedule.revision import Revision
from engine.domain.verdict import Hold, Reason
from engine.errors import DefinitionError, GroupError
from engine.persistence import audit, groups, holds, jobs, revisions
from engine.persistence.database import Database
from engine.testing.clock import ManualClock
from tests.definitions.support import JOB, with_lines
from tests.support.stores import opened

START: Instant = 1_900_000_000_000_000


@dataclass
class Store:
    """A real store with a folder of definitions beside it."""

    database: Database
    folder: Path
    clock: ManualClock

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / f"{name}.yaml").write_text(text)

    def load(self, **options: Any) -> LoadPlan:
        reading = read([self.folder], timezone="UTC")
        return load(self.database, reading, Loader("ann", "here"), self.clock, **options)

    def job(self, name: str = "sample") -> Job:
        with self.database.read() as tx:
            return jobs.get(tx, name)

    def revisions(self, name: str = "sample") -> list[Revision]:
        with self.database.read() as tx:
            return revisions.of_job(tx, jobs.get(tx, name).jobid)

    def begin_scheduling(self, name: str = "sample") -> None:
        """Do what an engine does when it first schedules a job."""
        job = self.job(name)
        with self.database.begin() as tx:
            revisions.open_revision(tx, job.jobid, job.schedule, self.clock.now(), job.expiry_date)

    def audited(self) -> list[tuple[str, str, str]]:
        with self.database.read() as tx:
            return [(row.event, row.object_name, row.reason) for row in audit.query(tx)][::-1]


@pytest.fixture
def store(store_url: URL, tmp_path: Path) -> Iterator[Store]:
    """A store of each kind."""
    folder = tmp_path / "jobs"
    folder.mkdir()
    with opened(store_url) as database:
        yield Store(database, folder, ManualClock(START))


def test_a_new_job_is_stored_whole_and_has_no_revision_until_an_engine_schedules_it(
    store: Store,
) -> None:
    store.write(a=with_lines("groups: [ops]", "tags: {team: red}", "options: {x: 1}"))
    made = store.load()
    assert made.new == ["sample"]
    (definition,) = read([store.folder], timezone="UTC").definitions
    with store.database.read() as tx:
        job = jobs.get(tx, "sample")
        assert jobs.definition(tx, job.jobid) == definition
        assert jobs.execution(tx, job.jobid) == definition.execution
        assert [stored.definition for stored in stored_jobs(tx)] == [definition]
    assert job.groups == ("DEFAULT", "ops")
    assert (job.tags, job.options) == ({"team": "red"}, {"x": 1})
    assert store.revisions() == []
    assert store.audited() == [("JOB-CREATED", "sample", "")]


def test_loading_again_changes_nothing(store: Store) -> None:
    store.write(a=with_lines("groups: [ops]"))
    store.load()
    before = store.job()
    made = store.load()
    assert (made.unchanged, made.changed, made.new) == (["sample"], [], [])
    assert store.job() == before
    assert len(store.audited()) == 1


def test_a_changed_job_keeps_its_id_and_says_what_changed(store: Store) -> None:
    store.write(a=JOB)
    store.load()
    jobid = store.job().jobid
    store.write(a=with_lines('version: "2.0"', "timeout: 5", "groups: [ops]").replace("*/10", "5"))
    made = store.load()
    assert made.changed == ["sample"]
    assert made.items[0].changes == ("schedule", "version", "groups", "timeout")
    job = store.job()
    assert (job.jobid, job.version, job.timeout) == (jobid, "2.0", 5)
    assert job.groups == ("DEFAULT", "ops")
    assert store.audited()[-1] == (
        "JOB-UPDATED",
        "sample",
        "changed: schedule, version, groups, timeout",
    )


def test_a_job_that_only_moves_in_its_file_is_unchanged_and_knows_its_new_line(
    store: Store,
) -> None:
    store.write(a=JOB)
    store.load()
    store.write(a="# a comment\n\n" + JOB)
    assert store.load().unchanged == ["sample"]
    assert store.job().source_line == 3
    assert store.load().items[0].moved is False
    assert len(store.audited()) == 1


def test_check_writes_nothing(store: Store) -> None:
    store.write(a=JOB)
    reading = read([store.folder])
    assert check(store.database, reading).new == ["sample"]
    with store.database.read() as tx:
        assert jobs.names(tx) == []
    assert store.audited() == []


def test_what_operators_changed_stays_until_override(store: Store) -> None:
    store.write(a=with_lines("options: {x: 1, y: 1}"))
    store.load()
    job = store.job()
    with store.database.begin() as tx:
        jobs.set_schedule(tx, job.jobid, RecurringSchedule(60))
        jobs.set_active(tx, job.jobid, active=False)
        jobs.set_options(tx, job.jobid, {"x": 2})
        jobs.set_enabled(tx, job.jobid, enabled=False)
        holds.open_hold(tx, Hold(job.jobid, Reason.JOB_DISABLED, START))

    store.write(a=with_lines("options: {x: 5, y: 5}", "desc: more"))
    made = store.load()
    assert made.items[0].overridden == ("active", "enabled", "options", "schedule")
    job = store.job()
    assert (job.schedule, job.active, job.enabled) == (RecurringSchedule(60), False, False)
    assert job.options == {"x": 2, "y": 5}
    assert job.description == "more"
    assert store.audited()[-1][2] == (
        "changed: desc, options; kept as operators set it: active, enabled, options, schedule"
    )

    made = store.load(override=True)
    assert made.changed == ["sample"]
    assert made.items[0].restored == ("active", "enabled", "options", "schedule")
    job = store.job()
    assert isinstance(job.schedule, CronSchedule)
    assert (job.active, job.enabled, job.options) == (True, True, {"x": 5, "y": 5})
    assert job.overridden == frozenset()
    with store.database.read() as tx:
        assert [hold.until for hold in holds.holds_between(tx, START - 1, START)] == [START]
    assert store.load(override=True).unchanged == ["sample"]


def test_a_changed_schedule_ends_its_revision_and_begins_the_next_now(store: Store) -> None:
    store.write(a=JOB)
    store.load()
    store.begin_scheduling()
    store.clock.advance_to(START + HOUR)
    store.write(a=JOB.replace("*/10", "5"))
    store.load()
    old, new = store.revisions()
    assert (old.began_at, old.ended_at) == (START, START + HOUR)
    assert (new.began_at, new.ended_at) == (START + HOUR, None)
    assert new.schedule == store.job().schedule


@pytest.mark.parametrize(
    "line",
    ["timezone: Asia/Tokyo", "dst-gap: skip", "dst-overlap: both", "expiry-date: 2031-01-01"],
)
def test_zone_contract_and_expiry_are_part_of_a_revision(store: Store, line: str) -> None:
    store.write(a=JOB)
    store.load()
    store.begin_scheduling()
    store.write(a=with_lines(line))
    store.load()
    assert len(store.revisions()) == 2
    assert store.revisions()[-1].expires_at == store.job().expiry_date


def test_a_change_of_anything_else_leaves_the_revision_alone(store: Store) -> None:
    store.write(a=with_lines("duration: 60", without="schedule"))
    store.load()
    store.begin_scheduling()
    before = store.revisions()
    store.clock.advance_to(START + HOUR)
    store.write(a=with_lines("duration: 60", "desc: other", "timeout: 5", without="schedule"))
    store.load()
    assert store.revisions() == before


def test_a_schedule_that_an_operator_changed_keeps_its_revision(store: Store) -> None:
    store.write(a=JOB)
    store.load()
    store.begin_scheduling()
    with store.database.begin() as tx:
        jobs.set_schedule(tx, store.job().jobid, RecurringSchedule(60))
        revisions.open_revision(tx, store.job().jobid, RecurringSchedule(60), START + 1)
    before = store.revisions()
    store.write(a=JOB.replace("*/10", "5"))
    store.load()
    assert store.revisions() == before


def test_deactivating_ends_the_revision_and_activating_begins_one(store: Store) -> None:
    store.write(a=JOB)
    store.load()
    store.begin_scheduling()
    store.clock.advance_to(START + HOUR)
    store.write(a=with_lines("active: false"))
    store.load()
    assert [each.ended_at for each in store.revisions()] == [START + HOUR]
    store.clock.advance_to(START + 2 * HOUR)
    store.write(a=JOB)
    store.load()
    assert [each.began_at for each in store.revisions()] == [START, START + 2 * HOUR]


def test_a_job_gone_from_the_files_stays_unless_asked_for(store: Store) -> None:
    store.write(a=JOB, b=JOB.replace("sample", "other"))
    store.load()
    (store.folder / "b.yaml").unlink()
    assert store.load().retired == []
    assert store.job("other").retired_at is None


def test_prune_retires_it_and_its_return_brings_it_back(store: Store) -> None:
    store.write(a=JOB, b=JOB.replace("sample", "other"))
    store.load()
    store.begin_scheduling("other")
    before = store.job("other")
    (store.folder / "b.yaml").rename(store.folder / "b.bak")
    store.clock.advance_to(START + HOUR)
    assert store.load(prune=True).retired == ["other"]
    assert store.job("other") == replace(
        before, retired_at=START + HOUR, change_seq=store.job("other").change_seq
    )
    assert [each.ended_at for each in store.revisions("other")] == [START + HOUR]
    assert store.load(prune=True).retired == []

    store.clock.advance_to(START + 2 * HOUR)
    (store.folder / "b.bak").rename(store.folder / "b.yaml")
    made = store.load()
    assert made.changed == ["other"]
    assert made.items[1].returns
    assert store.job("other").retired_at is None
    assert store.job("other").jobid == before.jobid
    assert [each.began_at for each in store.revisions("other")] == [START, START + 2 * HOUR]
    assert store.audited()[-2:] == [
        ("JOB-RETIRED", "other", "its definition is gone from the files"),
        ("JOB-UPDATED", "other", "its definition is back"),
    ]


def test_an_engine_retires_only_what_came_from_its_own_folders(
    store: Store, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "c.yaml").write_text(JOB.replace("sample", "far"))
    load(store.database, read([elsewhere]), Loader("ann", "here"), store.clock)
    store.write(a=JOB, b=JOB.replace("sample", "other"))
    store.load(owned=[store.folder])
    (store.folder / "b.yaml").unlink()
    made = store.load(owned=[store.folder])
    assert made.retired == ["other"]
    assert store.job("far").retired_at is None


def test_a_followed_folder_that_lost_every_definition_retires_no_job(
    store: Store, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "c.yaml").write_text(JOB.replace("sample", "far"))
    store.write(a=JOB, b=JOB.replace("sample", "other"))
    store.load(owned=[store.folder])
    for file in store.folder.iterdir():
        file.unlink()
    reading = read([store.folder, elsewhere])
    with pytest.raises(DefinitionError) as refused:
        load(
            store.database,
            reading,
            Loader("ann", "here"),
            store.clock,
            owned=[store.folder, elsewhere],
        )
    (problem,) = refused.value.problems
    assert problem == (
        f"{store.folder}: no definition is there any more, and 2 of the store's jobs came from "
        "it; they go on. `tocsin job delete` takes away those that are to go"
    )
    with store.database.read() as tx:
        assert [(job.name, job.retired_at) for job in jobs.all_jobs(tx, include_retired=True)] == [
            ("other", None),
            ("sample", None),
        ]


def test_a_followed_folder_that_was_always_empty_is_nothing_wrong(store: Store) -> None:
    assert store.load(owned=[store.folder]).items == ()


def test_a_followed_folder_whose_jobs_moved_to_another_may_be_empty(
    store: Store, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    store.write(a=JOB)
    store.load(owned=[store.folder])
    (store.folder / "a.yaml").rename(elsewhere / "a.yaml")
    owned = [store.folder, elsewhere]
    made = load(store.database, read(owned), Loader("ann", "here"), store.clock, owned=owned)
    assert made.retired == []


def test_groups_are_created_with_the_description_that_a_file_gives(store: Store) -> None:
    store.write(
        a=with_lines("groups: [ops, plain]", "define-group: {ops: On call, spare: No jobs yet}")
    )
    store.load()
    with store.database.read() as tx:
        found = {group.name: group.description for group in groups.all_groups(tx)}
    assert found.keys() == {"DEFAULT", "ops", "plain", "spare"}
    assert (found["ops"], found["spare"], found["plain"]) == ("On call", "No jobs yet", "")
    assert [event for event in store.audited() if event[0] == "GROUP-CREATED"] == [
        ("GROUP-CREATED", "ops", ""),
        ("GROUP-CREATED", "spare", ""),
    ]
    store.load()


def test_a_load_that_fails_midway_leaves_nothing_behind(store: Store) -> None:
    store.write(a=with_lines("define-group: {ops: On call}"))
    reading = read([store.folder])
    made = plan(reading, [])
    with pytest.raises(GroupError):
        apply_and_fail(store, made)
    with store.database.read() as tx:
        assert jobs.names(tx) == []
        assert [group.name for group in groups.all_groups(tx)] == ["DEFAULT"]
    assert store.audited() == []


def apply_and_fail(store: Store, made: LoadPlan) -> None:
    with store.database.begin() as tx:
        apply(tx, made, Loader("ann", "here"), START)
        groups.create(tx, "ops")  # it was just created


def test_a_plan_lists_the_files_jobs_in_their_order_and_then_the_retired_ones(
    store: Store,
) -> None:
    store.write(a=JOB.replace("sample", "z"), b=JOB.replace("sample", "gone"))
    store.load()
    (store.folder / "b.yaml").unlink()
    store.write(c=JOB.replace("sample", "new"))
    made = store.load(prune=True)
    assert [(item.name, item.outcome) for item in made.items] == [
        ("z", Outcome.UNCHANGED),
        ("new", Outcome.NEW),
        ("gone", Outcome.RETIRED),
    ]
    assert made.count(Outcome.NEW) == 1


def test_a_job_that_comes_into_a_disabled_group_is_held_until_it_leaves_it(store: Store) -> None:
    with store.database.begin() as tx:
        groups.create(tx, "night")
        groups.set_enabled(tx, "night", False, "bob", store.clock.now())
    store.write(a=with_lines("groups: [night]"))
    store.load()
    with store.database.read() as tx:
        (hold,) = holds.open_holds(tx)
    assert (hold.reason, hold.detail, hold.who) == (Reason.GROUP_DISABLED, "night", "bob")
    store.write(a=JOB)
    store.load()
    with store.database.read() as tx:
        assert holds.open_holds(tx) == []


def test_a_job_made_by_other_means_than_a_file_is_never_pruned(store: Store) -> None:
    (definition,) = read_sample(store).definitions
    by_hand = Reading((replace(definition, name="by-hand", source=""),))
    load(store.database, by_hand, Loader("ann", "here"), store.clock)
    assert store.load(prune=True).retired == []


def read_sample(store: Store) -> Reading:
    store.write(a=JOB)
    return read([store.folder], timezone="UTC")


def regroup(store: Store, *, into: str = "", out_of: str = "") -> None:
    """Do what `tocsin group add` and `group remove` do to the job."""
    with store.database.begin() as tx:
        for name in filter(None, (into, out_of)):
            if name not in {group.name for group in groups.all_groups(tx)}:
                groups.create(tx, name)
        if into:
            groups.add(tx, into, [jobs.get(tx, "sample").jobid])
        if out_of:
            groups.remove(tx, out_of, [jobs.get(tx, "sample").jobid])


def test_a_comment_above_a_job_leaves_it_in_the_disabled_group_an_operator_put_it_in(
    store: Store,
) -> None:
    store.write(a=JOB)
    store.load()
    regroup(store, into="frozen")
    with store.database.begin() as tx:
        groups.set_enabled(tx, "frozen", False, "bob", START)
        hold = Hold(
            jobs.get(tx, "sample").jobid, Reason.GROUP_DISABLED, START, detail="frozen", who="bob"
        )
        holds.open_hold(tx, hold)
    store.write(a="# a comment\n" + JOB)
    assert store.load().unchanged == ["sample"]
    assert (store.job().groups, store.job().source_line) == (("DEFAULT", "frozen"), 2)
    with store.database.read() as tx:
        assert holds.open_holds(tx) == [hold]


def test_a_changed_definition_keeps_the_groups_that_operators_changed_and_says_so(
    store: Store,
) -> None:
    store.write(a=with_lines("groups: [ops, night]"))
    store.load()
    regroup(store, into="frozen", out_of="ops")
    assert store.job().overridden == {"groups"}
    store.write(a=with_lines("groups: [ops, day]", "desc: other"))
    made = store.load()
    assert made.items[0].overridden == ("groups",)
    assert store.job().groups == ("DEFAULT", "day", "frozen")
    assert store.audited()[-1][2] == ("changed: desc, groups; kept as operators set it: groups")


def test_override_takes_the_groups_that_operators_changed_back(store: Store) -> None:
    store.write(a=with_lines("groups: [ops]"))
    store.load()
    regroup(store, into="frozen", out_of="ops")
    made = store.load(override=True)
    assert made.items[0].restored == ("groups",)
    assert (store.job().groups, store.job().overridden) == (("DEFAULT", "ops"), frozenset())
    assert store.audited()[-1][2] == "taken back from operators: groups"
    assert store.load(override=True).unchanged == ["sample"]


def test_a_group_that_the_definition_names_at_last_is_no_operators_any_more(store: Store) -> None:
    store.write(a=JOB)
    store.load()
    regroup(store, into="frozen")
    store.write(a=with_lines("groups: [frozen]"))
    store.load()
    assert (store.job().groups, store.job().overridden) == (("DEFAULT", "frozen"), frozenset())
    store.write(a=JOB)
    store.load()
    assert store.job().groups == ("DEFAULT",)


def test_a_group_that_an_operator_deleted_is_not_joined_again_by_a_load(store: Store) -> None:
    store.write(a=with_lines("groups: [ops]"))
    store.load()
    with store.database.begin() as tx:
        groups.delete(tx, "ops")
    store.write(a=with_lines("groups: [ops]", "desc: other"))
    assert store.load().items[0].overridden == ("groups",)
    assert store.job().groups == ("DEFAULT",)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("active: false", "the job was deactivated"),
        ("expiry-date: 2030-03-17", "the job expires before it"),
    ],
)
def test_a_load_after_which_a_trigger_starts_nothing_takes_it_away(
    store: Store, line: str, why: str
) -> None:
    store.write(a=JOB)
    store.load()
    trigger = store.clock.now() + HOUR
    with store.database.begin() as tx:
        jobs.set_trigger(tx, store.job().jobid, trigger)
    store.write(a=with_lines("desc: new"))
    store.load()
    assert store.job().trigger_at == trigger
    store.write(a=with_lines(line))
    store.load()
    assert store.job().trigger_at is None
    with store.database.read() as tx:
        (event,) = audit.query(tx, event="JOB-TRIGGER-CHANGED")
    assert (event.who, event.reason, event.after) == ("ann", why, {"trigger": None})
