import pytest

from engine.errors import GroupError, NotFoundError
from engine.persistence import changes, groups, jobs, removals
from engine.persistence.database import Database
from tests.support.stores import NOON, a_job, some_jobs


def test_a_new_store_has_the_group_default(store: Database) -> None:
    with store.read() as tx:
        found = groups.all_groups(tx)
    assert [(group.name, group.enabled) for group in found] == [("DEFAULT", True)]


def test_default_holds_every_job(store: Database) -> None:
    with store.begin() as tx:
        ids = some_jobs(tx, 3)
        assert groups.members(tx, "DEFAULT") == ids


def test_default_can_be_neither_deleted_nor_disabled_nor_left(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        for act in (
            lambda: groups.delete(tx, "DEFAULT"),
            lambda: groups.set_enabled(tx, "DEFAULT", enabled=False, who="me", now=NOON),
            lambda: groups.remove(tx, "DEFAULT", [jobid]),
        ):
            with pytest.raises(GroupError, match="The group DEFAULT holds every job"):
                act()


def test_a_group_is_created_once(store: Database) -> None:
    with store.begin() as tx:
        group = groups.create(tx, "nightly", "Runs at night")
        assert (group.name, group.description, group.enabled) == ("nightly", "Runs at night", True)
        with pytest.raises(GroupError, match="A group named 'nightly' exists already"):
            groups.create(tx, "nightly")


def test_a_definition_makes_the_groups_it_names(store: Database) -> None:
    with store.begin() as tx:
        first = a_job(tx, "a", groups=("g", "DEFAULT"))
        second = a_job(tx, "b", groups=("g", "h"))
        assert [group.name for group in groups.all_groups(tx)] == ["DEFAULT", "g", "h"]
        assert groups.members(tx, "g") == [first, second]
        assert groups.memberships(tx) == {
            first: ("DEFAULT", "g"),
            second: ("DEFAULT", "g", "h"),
        }


def test_the_switch_tells_who_threw_it_and_when(store: Database) -> None:
    with store.begin() as tx:
        groups.create(tx, "g")
        groups.set_enabled(tx, "g", enabled=False, who="ops", now=NOON)
        off = groups.get(tx, "g")
        groups.set_enabled(tx, "g", enabled=True, who="ops", now=NOON + 1)
        on = groups.get(tx, "g")
    assert (off.enabled, off.disabled_by, off.disabled_at) == (False, "ops", NOON)
    assert (on.enabled, on.disabled_by, on.disabled_at) == (True, "", None)


def test_joining_and_leaving_tell_what_changed(store: Database) -> None:
    with store.begin() as tx:
        groups.create(tx, "g")
        ids = some_jobs(tx, 3)
        assert groups.add(tx, "g", ids[:2]) == ids[:2]
        assert groups.add(tx, "g", ids) == ids[2:]
        assert groups.remove(tx, "g", ids[1:]) == ids[1:]
        assert groups.remove(tx, "g", ids[1:]) == []
        assert groups.members(tx, "g") == ids[:1]


def test_a_job_is_news_when_its_groups_change(store: Database) -> None:
    with store.begin() as tx:
        groups.create(tx, "g")
        ids = some_jobs(tx, 2)
    with store.read() as tx:
        seen = changes.current(tx)
    with store.begin() as tx:
        groups.add(tx, "g", ids[:1])
    with store.read() as tx:
        changed = changes.jobs_since(tx, seen)
    assert [(job.jobid, job.groups) for job in changed] == [(ids[0], ("DEFAULT", "g"))]


def test_a_deleted_group_leaves_its_jobs_and_is_told(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, groups=("g",))
    with store.read() as tx:
        seen = changes.current(tx)
    with store.begin() as tx:
        groups.delete(tx, "g")
    with store.read() as tx:
        assert jobs.get_by_id(tx, jobid).groups == ("DEFAULT",)
        assert [each.name for each in removals.since(tx, seen)] == ["g"]
        assert [job.jobid for job in changes.jobs_since(tx, seen)] == [jobid]


def test_an_unknown_group_is_refused_with_the_nearest(store: Database) -> None:
    with store.begin() as tx:
        groups.create(tx, "nightly")
        for act in (
            lambda: groups.get(tx, "nigthly"),
            lambda: groups.members(tx, "nigthly"),
            lambda: groups.delete(tx, "nigthly"),
            lambda: groups.add(tx, "nigthly", []),
        ):
            with pytest.raises(NotFoundError, match="Nearest: 'nightly'"):
                act()


def test_a_job_back_in_the_groups_of_its_definition_is_not_an_operators_change(
    store: Database,
) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, "a", groups=("g",))
        groups.remove(tx, "g", [jobid])
        assert jobs.get(tx, "a").overridden == {"groups"}
        groups.add(tx, "g", [jobid])
        assert jobs.get(tx, "a").overridden == frozenset()
