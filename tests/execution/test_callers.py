"""Anybody on the machine can connect to the commands' socket: who names no run keeps nobody out."""

import json
import socket
from contextlib import suppress

import pytest

from engine.domain.instance import Ending
from tests.execution.driver import Driver


@pytest.fixture
def address(driver: Driver) -> tuple[int, str, str]:
    """A run that goes on, the name of its supervisor's socket, and its token."""
    number = driver.submit('echo "$TOCSIN_SOCKET $TOCSIN_TOKEN"; sleep 60', lang="shell")
    told = driver.until(lambda: driver.output(number).split(), "the name of its socket")
    return number, told[0].decode(), told[1].decode()


def connected(name: str) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX)
    caller.connect(f"\0{name}")  # waits for its turn
    caller.settimeout(20)
    return caller


def is_let_go(caller: socket.socket) -> bool:
    try:
        return caller.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_line_without_an_end_is_not_collected(
    driver: Driver, address: tuple[int, str, str]
) -> None:
    number, name, _ = address
    with connected(name) as stranger:
        with suppress(BrokenPipeError, ConnectionResetError):
            stranger.sendall(b"x" * (1 << 24))
            raise AssertionError("all of it was taken")
        assert is_let_go(stranger)
    driver.executor.cancel(number, 5)
    assert driver.exited(number).ending is Ending.CANCELLED


def test_the_oldest_of_many_strangers_makes_room_for_commands(
    driver: Driver, address: tuple[int, str, str]
) -> None:
    _, name, token = address
    strangers = [connected(name) for _ in range(100)]
    command = connected(name)
    command.sendall(json.dumps(["token", token]).encode() + b'\n["facts"]\n')
    assert json.loads(command.recv(65536))[0] is True
    assert all(is_let_go(stranger) for stranger in strangers[:36])
    for each in [*strangers, command]:
        each.close()
    told = driver.shell("tocsin-job fence")
    assert told.ending is Ending.RETURNED


def test_a_run_has_only_so_many_commands_at_a_time(
    driver: Driver, address: tuple[int, str, str]
) -> None:
    _, name, token = address
    commands, told = [], []
    for _ in range(130):
        commands.append(each := connected(name))
        each.sendall(json.dumps(["token", token]).encode() + b'\n["facts"]\n')
        told.append(json.loads(each.recv(65536)))
    assert [ok for ok, _ in told] == [True] * 128 + [False] * 2
    assert told[-1][1] == "128 commands of this run are at work already"
    for each in commands:
        each.close()
