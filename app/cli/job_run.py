"""`tocsin job run`: run a job now, and wait for its end if asked to."""

import threading
from typing import TYPE_CHECKING

import click

from app.cli.answers import as_json
from app.cli.completing import job_names
from app.cli.lazy import command
from app.cli.option_values import note_unknown_options, read_options
from app.cli.output import note, print_json, print_line, show_seconds
from app.cli.place import Place, pass_place
from engine.control.actor import current_actor
from engine.domain.instance import Status
from engine.errors import EngineError, JobError

if TYPE_CHECKING:
    from engine.control import System
    from engine.control.instances import InstanceView

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.25
_WITHOUT_ENGINE = 30.0  # seconds that a restart of the engine may take while we wait


@command("run")
@click.argument("name", shell_complete=job_names)
@click.option("--wait", is_flag=True, help="Wait for the end; exit with 0 only if COMPLETE.")
@click.option("--force", is_flag=True, help="Even beside a run that goes on.")
@click.option("--option", "assignments", multiple=True, metavar="K=V", help="For this run only.")
@as_json
@pass_place
def run(
    place: Place,
    name: str,
    wait: bool,
    force: bool,
    assignments: tuple[str, ...],
    json_output: bool,
) -> None:
    """Run a job now; answers with the instance id as soon as it is recorded."""
    options = read_options(assignments)
    system = place.system()
    if place.instance_key:
        system.living.require_named(place.instance_key)
    if options:
        note_unknown_options(name, options, system.jobs.get(name).job.options)
    job_instanceid = system.jobs.run(
        name,
        current_actor(),
        options=options or None,
        force=force,
        engine_key=place.instance_key or "",
    )
    if json_output:
        print_json({"job_instanceid": job_instanceid})
    else:
        print_line(f"job '{name}' runs as instance {job_instanceid}")
    if not wait:
        return
    try:
        ended = _wait(system, job_instanceid)
    except KeyboardInterrupt:
        note(f"not waiting; the run goes on. `tocsin instance cancel {job_instanceid}` stops it")
        raise
    instance = ended.instance
    if instance.jobstatus is not Status.COMPLETE:
        how = f" ({instance.ending})" if instance.ending else ""
        raise JobError(
            f"instance {job_instanceid} of job '{name}' ended as {instance.jobstatus}{how}"
            f"{': ' + instance.detail if instance.detail else ''}. "
            f"`tocsin instance show {job_instanceid}` and `tocsin log {name}` tell more."
        )
    if not json_output:
        print_line(f"instance {job_instanceid}: COMPLETE after {show_seconds(ended.seconds)}")


def _wait(system: "System", job_instanceid: int) -> "InstanceView":
    """Return the instance when it has ended. Ctrl-C ends the waiting, not the run."""
    pause, never = _FIRST_PAUSE, threading.Event()
    alone_since: float | None = None
    while True:
        view = system.instances.get(job_instanceid)
        if view.instance.jobstatus is not Status.IN_PROGRESS:
            return view
        if system.living.is_alive():
            alone_since = None
        elif alone_since is None:
            alone_since = system.monotonic()
            note("the engine is gone; waiting for it to come back")
        elif system.monotonic() - alone_since > _WITHOUT_ENGINE:
            raise EngineError(
                f"instance {job_instanceid} was running when its engine went away; the next start "
                f"of an engine tells how it ended: `tocsin instance show {job_instanceid}`."
            )
        never.wait(pause)
        pause = min(pause * 1.3, _LONGEST_PAUSE)
