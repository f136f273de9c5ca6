"""`tocsin engine` and the commands that need one, with a real engine and real jobs."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.clock import SystemClock
from tests.cli.engines import ROOT, Serving, serving
from tests.cli.support import Cli

JOBS = """
name: good
schedule: "0 0 1 1 *"
code: |
  def run():
      log(f"hello {get_option('whom')}")
      job_save_info({"files": 3})
options: {whom: world}
---
name: bad
schedule: "0 0 1 1 *"
code: |
  def run():
      job_save_state_data({"cursor": 7})
      raise ValueError("no such invoice")
---
name: patient
schedule: "0 0 1 1 *"
code: |
  import pathlib
  def run():
      place = pathlib.Path(get_option("place"))
      (place / "began").touch()
      while job_sleep(0.05):
          if (place / "end").exists():
              log("the end was seen")
              return
options: {place: PLACE}
---
name: stubborn
schedule: "0 0 1 1 *"
lang: shell
code: |
  trap "" TERM INT
  touch PLACE/began
  while :; do read -r -t 1 line <> PLACE/nothing; done
"""


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """A folder of definitions."""
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / "jobs.yaml").write_text(JOBS.replace("PLACE", str(tmp_path)))
    return folder


@pytest.fixture
def running(home: Path, jobs: Path) -> Iterator[Serving]:
    """An engine that has loaded the jobs."""
    with serving(home, "--jobs", jobs, "--lease", "5") as engine:
        yield engine


def await_file(path: Path) -> None:
    """Wait until a job has made `path`."""
    probe(path.exists, f"{path} to be made")


def await_end(cli: Cli, number: int) -> dict[str, Any]:
    """Wait until an instance has ended, and return it."""

    def has_ended() -> bool:
        return bool(cli("instance", "show", number, "--json").data["completed"])

    probe(has_ended, f"instance {number} to end")
    found: dict[str, Any] = cli("instance", "show", number, "--json").data
    return found


def probe(holds: Callable[[], bool], what: str) -> None:
    """Wait until `holds` does; fail after half a minute."""
    pause = threading.Event()
    for _ in range(600):
        if holds():
            return
        pause.wait(0.05)
    message = f"waited in vain for {what}"
    raise AssertionError(message)


def test_the_first_lines_say_what_was_started_and_where(
    running: Serving, home: Path, jobs: Path
) -> None:
    assert re.fullmatch(r"tocsin engine 'main', session 1, pid \d+", running.lines[0])
    assert running.lines[1] == f"store sqlite:///{home}/tocsin.db, logs {home}/logs"
    assert running.lines[2] == f"4 jobs new, 0 changed, 0 unchanged, 0 retired from {jobs}"


@pytest.mark.usefixtures("running")
def test_a_run_answers_with_its_instance_and_waits_when_asked(empty: Cli) -> None:
    assert empty("job", "run", "good", "--json").data == {"job_instanceid": 1}
    await_end(empty, 1)
    said = empty("job", "run", "good", "--wait", "--option", "whom=you")
    assert said.status == 0, said.err
    assert said.out.splitlines()[0] == "job 'good' runs as instance 2"
    assert said.out.splitlines()[1].startswith("instance 2: COMPLETE after")
    found = empty("instance", "show", "2", "--json").data
    assert (found["info"], found["options"], found["cause"]) == (
        {"files": 3},
        {"whom": "you"},
        "manual",
    )
    assert set(found) == {
        "job_instanceid", "jobid", "name", "sessionid", "jobstatus", "info", "started",
        "completed", "seconds", "due", "late", "stands_for", "cause", "who", "ending", "exit_code",
        "exit_signal", "detail", "progress", "progress_text", "options", "host", "pid",
        "cpu_seconds", "max_rss", "log_file", "log_start", "log_end", "errors",
    }  # fmt: skip
    listed = empty("instance", "list", "--job", "good", "--status", "complete", "--json").data
    assert [each["job_instanceid"] for each in listed] == [2, 1]


@pytest.mark.usefixtures("running")
def test_a_log_is_shown_whole_by_instance_and_in_json(empty: Cli) -> None:
    empty("job", "run", "good", "--wait", "--option", "whom=one")
    empty("job", "run", "good", "--wait", "--option", "whom=two")
    whole = empty("log", "good")
    assert whole.status == 0
    assert re.search(r"^\S+Z INFO  JI 1: hello one$", whole.out, re.MULTILINE)
    assert "JI 2: hello two" in whole.out
    part = empty("log", "good", "--instance", "2")
    assert "hello two" in part.out
    assert "hello one" not in part.out
    lines = empty("log", "--instance", "1", "--json").data
    assert set(lines[0]) == {"at", "level", "job_instanceid", "text"}
    assert ("INFO", 1, "hello one") in [
        (each["level"], each["job_instanceid"], each["text"]) for each in lines
    ]
    assert len(empty("log", "good", "-n", "1").out.splitlines()) == 1
    assert "job good: JI 1: run now by" in empty("log").out
    said = empty("log", "bad", "--instance", "1")
    assert said.status == 1
    assert "instance 1 is one of job 'good', not of 'bad'" in said.reason


def test_a_followed_instance_ends_with_its_run(
    running: Serving, empty: Cli, tmp_path: Path, home: Path
) -> None:
    del running
    number = empty("job", "run", "patient", "--json").data["job_instanceid"]
    await_file(tmp_path / "began")
    follower = subprocess.Popen(
        [sys.executable, "-m", "app", "log", "--instance", str(number), "--follow"],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert follower.stdout is not None
    assert "started" in follower.stdout.readline()
    (tmp_path / "end").touch()
    rest = follower.communicate(timeout=30)[0]
    assert "the end was seen" in rest
    assert follower.returncode == 0


@pytest.mark.usefixtures("running")
def test_a_run_that_fails_makes_the_waiting_command_fail(empty: Cli) -> None:
    said = empty("job", "run", "bad", "--wait")
    assert said.status == 1
    assert "instance 1 of job 'bad' ended as ERROR (exception)" in said.reason
    assert empty("state", "show", "bad", "--json").data == {"cursor": 7}
    (error,) = empty("instance", "show", "1", "--json").data["errors"]
    assert set(error) == {
        "job_errorid", "severity", "error", "description", "info", "business_error", "created",
    }  # fmt: skip
    assert (error["error"], error["severity"]) == ("ValueError", "MAJOR")
    (alert,) = empty("alert", "list", "--json").data
    assert (alert["alert"], alert["object"]) == ("JOB-INSTANCE-ERROR", "bad")
    assert empty("status", "--exit-code").status == 1


def test_a_running_job_is_refused_and_can_be_cancelled(
    running: Serving, empty: Cli, tmp_path: Path
) -> None:
    del running
    number = empty("job", "run", "patient", "--json").data["job_instanceid"]
    await_file(tmp_path / "began")
    said = empty("job", "run", "patient")
    assert said.status == 1
    assert f"is running as instance {number}" in said.reason
    assert empty("job", "delete", "patient").status == 1
    said = empty("instance", "cancel", number)
    assert said.out.startswith(f"instance {number} was asked to stop, and is ended in")
    said = empty("job", "run", "good", "--wait")
    assert said.status == 0
    assert empty("instance", "cancel", 4711).status == 1


@pytest.mark.usefixtures("running")
def test_a_second_engine_is_refused_and_changes_nothing(empty: Cli, jobs: Path) -> None:
    (jobs / "more.yaml").write_text("name: more\nduration: 60\nlang: shell\ncode: 'true'\n")
    said = empty("engine", "--jobs", jobs)
    assert said.status == 1
    assert re.search(r"Another engine owns the store .*'main', pid \d+ on .* since 2", said.reason)
    assert "more" not in {each["name"] for each in empty("job", "list", "--json").data}


def test_an_engine_is_paused_resumed_and_stopped_by_command(running: Serving, empty: Cli) -> None:
    assert empty("engine", "pause").out == "engine 'main' is paused\n"
    said = empty("job", "run", "good")
    assert said.status == 1
    assert "the engine is paused" in said.reason
    assert empty("status", "--json").data["mode"] == "paused"
    assert empty("--instance", "main", "status", "--json").data["mode"] == "paused"
    said = empty("--instance", "west", "status")
    assert (said.status, said.reason) == (1, "No engine 'west' is alive. Alive: main.")
    said = empty("--instance", "west", "job", "run", "good")
    assert (said.status, said.reason) == (1, "No engine 'west' is alive. Alive: main.")
    assert empty("instance", "list", "--json").data == []
    assert " ACTIVE (paused) " in empty("session", "list").out
    assert empty("engine", "resume").status == 0
    assert empty("--instance", "main", "job", "run", "good", "--wait").status == 0
    assert empty("engine", "stop").status == 0
    assert running.wait() == 0
    (session,) = empty("session", "list", "--json").data
    assert set(session) == {
        "sessionid", "instance", "host", "pid", "version", "status", "alive", "mode", "running",
        "started", "ended", "beat", "lease_seconds", "lost",
    }  # fmt: skip
    assert (session["status"], session["alive"]) == ("COMPLETE", False)


def test_sigterm_stops_cleanly_and_ends_what_runs(
    running: Serving, empty: Cli, tmp_path: Path
) -> None:
    empty("job", "run", "patient")
    await_file(tmp_path / "began")
    running.signal(signal.SIGTERM)
    running.await_line("SIGTERM: no new runs; running jobs get 10 s")
    assert running.wait() == 0
    (found,) = empty("instance", "list", "--json").data
    assert found["jobstatus"] == "ERROR"
    assert found["ending"] == "engine-stopped"


def test_a_second_signal_ends_what_does_not_listen(
    running: Serving, empty: Cli, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "nothing")
    empty("job", "run", "stubborn")
    await_file(tmp_path / "began")
    running.signal(signal.SIGINT)
    running.await_line("SIGINT: no new runs")
    running.signal(signal.SIGTERM)
    running.await_line("SIGTERM again: running jobs are ended at once")
    started = SystemClock().monotonic()
    assert running.wait() == 0
    assert SystemClock().monotonic() - started < 8  # the grace alone is 10 seconds
    (found,) = empty("instance", "list", "--json").data
    assert (found["jobstatus"], found["ending"]) == ("ERROR", "engine-stopped")


def test_a_run_outlives_the_restart_of_its_engine(home: Path, jobs: Path, empty: Cli) -> None:
    with serving(home, "--jobs", jobs) as first:
        number = empty("job", "run", "patient", "--json").data["job_instanceid"]
        await_file(home.parent / "began")
        first.signal(signal.SIGUSR1)
        first.await_line("handed over to the next engine")
        assert first.wait() == 0
    with serving(home, "--jobs", jobs):
        assert empty("instance", "show", number, "--json").data["jobstatus"] == "IN-PROGRESS"
        (home.parent / "end").touch()
        found = await_end(empty, number)
        assert (found["jobstatus"], found["ending"]) == ("COMPLETE", "returned")


def test_a_wrong_file_does_not_keep_the_jobs_of_the_store_from_running(
    home: Path, jobs: Path, empty: Cli
) -> None:
    wrong = jobs / "wrong.yaml"
    wrong.write_text("name: wrong\nduration: x\nlang: shell\ncode: ls\n")
    refused = empty("engine", "--jobs", jobs)
    assert refused.status == 1
    assert "wrong.yaml:2" in refused.reason
    wrong.unlink()
    with serving(home, "--jobs", jobs):
        pass
    wrong.write_text("name: wrong\nduration: x\nlang: shell\ncode: ls\n")
    with serving(home, "--jobs", jobs) as engine:
        engine.await_line("no definitions loaded: they are wrong")
        assert empty("job", "run", "good", "--wait").status == 0
        (alert,) = empty("alert", "list", "--json").data
        assert alert["alert"] == "DEFINITION-ERROR"
        assert "wrong.yaml:2" in alert["reason"]
        assert alert["reason"].endswith(
            f"; nothing was loaded: `tocsin load {jobs}` tells all, or loads it"
        )
        right = next(each for each in jobs.glob("*.yaml") if each != wrong)
        assert empty("load", right).status == 0
        assert len(empty("alert", "list", "--json").data) == 1
        wrong.unlink()
        assert empty("load", jobs).status == 0
        assert empty("alert", "list", "--json").data == []
        wrong.write_text("name: wrong\nduration: x\nlang: shell\ncode: ls\n")
    with serving(home, "--jobs", jobs) as engine:
        engine.await_line("no definitions loaded: they are wrong")
        wrong.unlink()
    with serving(home, "--jobs", jobs):
        assert empty("alert", "list", "--json").data == []


def test_changed_definitions_are_loaded_while_watching(home: Path, jobs: Path, empty: Cli) -> None:
    with serving(home, "--jobs", jobs, "--watch") as engine:
        (jobs / "more.yaml").write_text("name: more\nduration: x\nlang: shell\ncode: 'true'\n")
        engine.await_line("nothing was changed, the definitions are wrong:")
        engine.await_line("more.yaml:2")
        (jobs / "more.yaml").write_text("name: more\nduration: 60\nlang: shell\ncode: 'true'\n")
        engine.await_line("definitions changed: 1 job new")
        code = home.parent / "elsewhere.py"
        code.write_text("def run():\n    pass\n")
        (jobs / "far.yaml").write_text(f"name: far\nduration: 60\ncode: {code}\n")
        engine.await_line("definitions changed: 1 job new, 0 changed, 5 unchanged")
        code.write_text("def run():\n    log('changed')\n")
        engine.await_line("definitions changed: 0 jobs new, 1 changed")
        (jobs / "far.yaml").unlink()
        (jobs / "more.yaml").unlink()
        engine.await_line("2 retired")
        names = [each["name"] for each in empty("job", "list", "--json").data]
        assert names == ["bad", "good", "patient", "stubborn"]


def test_sighup_loads_again_and_systemd_is_told_everything(
    home: Path, jobs: Path, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        with serving(home, "--jobs", jobs, NOTIFY_SOCKET=str(tmp_path / "notify")) as engine:
            assert manager.recv(4096).startswith(b"READY=1\n")
            engine.signal(signal.SIGHUP)
            engine.await_line("SIGHUP: 0 jobs new")
            assert manager.recv(4096).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert manager.recv(4096).startswith(b"READY=1\n")
            engine.signal(signal.SIGTERM)
            assert manager.recv(4096).startswith(b"STOPPING=1\n")
            assert engine.wait() == 0


@pytest.mark.usefixtures("running")
def test_the_overview_and_the_audit_tell_who_ran_what(empty: Cli) -> None:
    empty("job", "run", "good", "--wait")
    found = empty("overview", "--json").data
    assert found["health"] == "GREEN"
    assert found["counts"]["COMPLETE"] == 1
    assert found["by_job"][0]["name"] == "good"
    event = empty("audit", "list", "--json").data[0]
    assert event["event"] == "JOB-RUN"
    assert json.dumps(event["after"]).startswith('{"job_instanceid": 1')
