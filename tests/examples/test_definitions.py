"""The examples load, show what there is to show, and are all in their README."""

from pathlib import Path

from engine.definitions.exporting import export
from engine.definitions.reader import read, read_definitions_text
from engine.domain.schedule import CronSchedule, RecurringSchedule

EXAMPLES = Path(__file__).parents[2] / "examples"
READING = read([EXAMPLES], timezone="UTC")
JOBS = {definition.name: definition for definition in READING.definitions}


def test_there_are_more_than_ten() -> None:
    assert len(JOBS) >= 10


def test_together_they_use_what_a_definition_can_say() -> None:
    jobs = JOBS.values()
    assert {type(job.schedule) for job in jobs} == {CronSchedule, RecurringSchedule}
    assert {job.execution.lang for job in jobs} == {"python", "shell"}
    assert {job.execution.isolation for job in jobs} == {"process", "pool"}
    assert any(job.single_instance for job in jobs)
    assert any(not job.run_skipped for job in jobs)
    assert any(job.retention for job in jobs)
    assert any(job.execution.library for job in jobs)
    assert any(job.execution.code_path is None for job in jobs)
    code = "".join(job.execution.code for job in jobs)
    for name in (
        "job_get_state_data",
        "job_save_info",
        "job_progress",
        "job_warning",
        "get_option",
    ):
        assert name in code


def test_each_says_what_it_does_and_how_long_it_may_take() -> None:
    for job in JOBS.values():
        assert job.description, job.name
        assert job.groups, job.name
        assert job.tags, job.name
        assert job.execution.timeout, job.name
        assert all(READING.groups[group] for group in job.groups), job.name


def test_a_newcomer_sees_life_within_a_minute() -> None:
    soon = [
        job.name
        for job in JOBS.values()
        if isinstance(job.schedule, RecurringSchedule) and job.schedule.seconds <= 60
    ]
    assert len(soon) >= 4


def test_the_readme_names_every_job() -> None:
    readme = (EXAMPLES / "README.md").read_text()
    for name in JOBS:
        assert f"`{name}`" in readme, name


def test_each_exports_to_a_file_that_loads() -> None:
    for job in JOBS.values():
        (again,) = read_definitions_text(export(job), folder=EXAMPLES, timezone="UTC").definitions
        assert again.execution == job.execution, job.name
