"""What systemd is told, and the unit file."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from app.cli.notify import Notifier
from app.cli.unit import unit_text
from engine.testing.clock import ManualClock
from tests.cli.engines import serving
from tests.cli.support import Cli

ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture
def manager(tmp_path: Path) -> socket.socket:
    """A service manager's end of the notification socket."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    channel.bind(str(tmp_path / "notify"))
    channel.setblocking(False)
    return channel


def told(manager: socket.socket) -> list[str]:
    """Return what was sent so far, one text per message."""
    found = []
    try:
        while True:
            found.append(manager.recv(4096).decode())
    except BlockingIOError:
        return found


def notifier(manager: socket.socket, clock: ManualClock, **environment: str) -> Notifier:
    """Return a notifier of that manager."""
    return Notifier(clock, {"NOTIFY_SOCKET": manager.getsockname(), **environment})


def test_systemd_learns_when_the_engine_is_ready_and_stops(manager: socket.socket) -> None:
    sender = notifier(manager, ManualClock())
    sender.ready("it\nschedules")
    sender.stopping("waiting")
    assert told(manager) == [
        f"READY=1\nSTATUS=it schedules\nMAINPID={os.getpid()}",
        "STOPPING=1\nSTATUS=waiting",
    ]
    manager.close()


def test_a_reload_carries_the_clock_that_systemd_wants(manager: socket.socket) -> None:
    notifier(manager, ManualClock()).reloading()
    (message,) = told(manager)
    assert message.startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert int(message.rpartition("=")[2]) > 0
    manager.close()


def test_signs_of_life_come_at_half_the_watchdogs_time(manager: socket.socket) -> None:
    clock = ManualClock()
    sender = notifier(manager, clock, WATCHDOG_USEC="30000000", WATCHDOG_PID=str(os.getpid()))
    assert sender.watchdog_period == 15
    for _ in range(30):
        clock.advance(1)
        sender.alive()
    assert told(manager).count("WATCHDOG=1") == 3  # at once, then every 14 or 15 seconds
    manager.close()


def test_the_watchdog_of_another_process_is_not_ours(manager: socket.socket) -> None:
    sender = notifier(manager, ManualClock(), WATCHDOG_USEC="30000000", WATCHDOG_PID="1")
    sender.alive()
    assert sender.watchdog_period is None
    assert told(manager) == []
    manager.close()


def test_an_abstract_socket_is_reached() -> None:
    name = f"tocsin-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(f"\0{name}")
        Notifier(ManualClock(), {"NOTIFY_SOCKET": f"@{name}"}).status("lives")
        assert channel.recv(100) == b"STATUS=lives"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_without_a_service_manager_nothing_happens(address: str) -> None:
    Notifier(ManualClock(), {"NOTIFY_SOCKET": address}).ready("schedules")


def test_the_packaged_unit_is_what_the_command_prints() -> None:
    packaged = Path(__file__).parents[2] / "packaging" / "tocsin.service"
    assert packaged.read_text() == unit_text("/usr/local/bin/tocsin")


@pytest.mark.skipif(ANALYZE is None, reason="this machine has no systemd-analyze to ask")
def test_systemd_has_nothing_to_say_against_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "tocsin.service"
    unit.write_text(unit_text("/bin/true"))
    said = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert [line for line in said.stderr.splitlines() if unit.name in line] == []


def test_systemd_makes_the_folders_that_the_unit_names() -> None:
    lines = dict(
        each.split("=", 1) for each in unit_text("/bin/tocsin").splitlines() if "=" in each
    )
    made = {f"/var/lib/{each}" for each in lines["StateDirectory"].split()}
    home = lines["Environment"].removeprefix("TOCSIN_HOME=")
    assert {home, lines["ExecStart"].partition("--jobs ")[2]} == made


def test_an_engine_that_was_told_to_stop_is_not_started_again() -> None:
    assert "Restart=on-failure" in unit_text("/bin/tocsin").splitlines()


@pytest.mark.parametrize("order", ["stop", "drain"])
def test_an_engine_without_a_job_starts_and_ends_without_a_failure_when_told(
    empty: Cli, home: Path, tmp_path: Path, order: str
) -> None:
    (tmp_path / "jobs").mkdir()
    with serving(home, "--jobs", tmp_path / "jobs") as engine:
        assert engine.lines[2].startswith("0 jobs new, 0 changed")
        assert empty("engine", order).status == 0
        assert engine.wait() == 0


def test_the_unit_is_printed_without_a_store(empty: Cli, home: Path) -> None:
    said = empty("engine", "--print-unit")
    assert said.status == 0
    assert "KillMode=process" in said.out
    assert "Type=notify" in said.out
    assert not home.exists()


def test_a_lease_below_one_second_is_wrong_usage(empty: Cli) -> None:
    said = empty("engine", "--lease", "0.5")
    assert said.status == 2
    assert "from 1 to" in said.reason


def test_an_engine_with_wrong_definitions_does_not_start(empty: Cli, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: a\nduration: x\ncode: y\n---\nname: b\n")
    said = empty("engine", "--jobs", tmp_path)
    assert said.status == 1
    assert "bad.yaml:2" in said.reason
    assert len(said.err.splitlines()) > 1
