"""Jobs in the plain console: list them, look at one, and offer what can be done with it."""

from functools import partial

from app.client.job_rows import rows_for
from app.client.rows import instance_row, job_row
from app.plain import records, reports, switches
from app.plain.commands import Command, words
from app.plain.talk import Choice, Talk
from app.presentation.instants import full_time
from app.presentation.quantities import count, counted
from app.presentation.spoken import instance_sentence, job_sentence
from app.sanitize import safe_line
from app.store.model import JobRow
from app.store.query import parse
from engine.control.job_view import JobDetail


def list_jobs(talk: Talk, rest: str) -> None:
    """Read out the jobs, retired ones too, that a filter lets through; a number opens one."""
    query = parse(rest, zone=talk.zone).checked()
    rows = rows_for(query, talk.system.jobs.all(include_retired=True), talk.system)
    matcher = query.matcher(talk.now)
    found = [row for row in rows if matcher is None or matcher(row)]
    if rest and not found:
        blame = query.blame(rows, talk.now)
        why = f" Nothing passes '{safe_line(blame.term.text)}'." if blame and blame.alone else ""
        talk.say(f"None of {counted(len(rows), 'job')} matches.{why}")
        return
    if not rows:
        talk.say("There are no jobs. 'tocsin new NAME' writes one, 'tocsin load FILE' loads it.")
        return
    shown = (
        f"{count(len(found))} of {counted(len(rows), 'job')}" if rest else counted(len(rows), "job")
    )
    talk.say(f"{shown}. A number opens one.")
    talk.offer([_choice(talk, row) for row in found])


def _choice(talk: Talk, row: JobRow) -> Choice:
    return Choice(job_sentence(row, talk.now), lambda: show_job(talk, row.name))


def show_job(talk: Talk, rest: str) -> None:
    """Tell everything about one job, then offer its actions by number."""
    (name,) = words(rest, "job NAME", 1, 1)
    detail = talk.system.jobs.info(name)
    talk.voice.say_all(job_facts(talk, detail))
    talk.offer(actions(talk, job_row(detail.view)))


def job_facts(talk: Talk, detail: JobDetail) -> list[str]:
    """Return what there is to know of a job, one fact a line."""
    view, job = detail.view, detail.view.job
    row = job_row(view)
    lines = [str(job_sentence(row, talk.now))]
    if job.description:
        lines.append(f"Description: {job.description}")
    zone = job.schedule.timezone
    lines.append(f"Version {job.version}; schedule {detail.schedule_text} in {zone}")
    lines.append(f"Next: {full_time(row.next_at, talk.zone)}")
    if view.schedule_refusal:
        lines.append(f"Its schedule does not run it: {talk.words(view.schedule_refusal)}")
    if view.run_refusal:
        lines.append(f"Run now is not possible: {talk.words(view.run_refusal)}")
    if row.last_instanceid is not None:
        query = talk.system.instances.query(job=job.name, limit=3)
        lines += [
            f"Last: {instance_sentence(instance_row(each), talk.now, talk.zone)}" for each in query
        ]
    flags = [
        "single instance" if job.single_instance else "",
        "missed runs are caught up" if job.run_skipped else "missed runs are not caught up",
        f"expires {full_time(job.expiry_date, talk.zone)}" if job.expiry_date else "",
        f"changed by operators: {', '.join(sorted(job.overridden))}" if job.overridden else "",
        "state data are stored" if detail.has_state else "no state data",
    ]
    lines.append("; ".join(flag for flag in flags if flag))
    if job.tags:
        lines.append(f"Tags: {', '.join(f'{tag}={value}' for tag, value in job.tags.items())}")
    lines.append(f"Groups: {', '.join(job.groups)}")
    return lines


def actions(talk: Talk, row: JobRow) -> list[Choice]:
    """Return what can be done with a job; what cannot be done stays listed with its reason."""
    name = row.name
    refusal = talk.words(row.run_refusal).rstrip(".")
    run = f"run now (not possible: {refusal})" if refusal else "run now and follow"
    switch = (
        Choice("disable", lambda: switches.disable(talk, name))
        if row.enabled
        else Choice("enable", lambda: switches.enable(talk, name))
    )
    active = (
        Choice("deactivate its schedule", lambda: switches.deactivate(talk, name))
        if row.active
        else Choice("activate its schedule", lambda: switches.activate(talk, name))
    )
    running = [
        Choice(f"cancel instance {number}", partial(switches.cancel, talk, str(number)))
        for number in row.running
    ]
    return [
        Choice(run, lambda: switches.run(talk, name)),
        switch,
        active,
        *running,
        Choice("instances", lambda: records.instances_of(talk, name)),
        Choice("log", lambda: reports.log(talk, name)),
        Choice("why does it run or not", lambda: reports.why(talk, name)),
        Choice("state data", lambda: records.state(talk, name)),
        Choice("next due instants", lambda: records.next_runs(talk, name)),
        Choice("definition", lambda: records.definition(talk, name)),
        Choice("all jobs", lambda: list_jobs(talk, "")),
    ]


COMMANDS = (
    Command("jobs", "[FILTER]", "list jobs, as in: jobs status:error group:billing", list_jobs),
    Command("job", "NAME", "tell all about a job and offer its actions", show_job, ("show",)),
)
