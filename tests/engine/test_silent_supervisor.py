"""A supervisor that was stopped: it is noticed, told, and made to go on."""

import os
import queue
import signal
from pathlib import Path

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import Settings
from engine.control import open_system
from engine.domain.instance import Status
from engine.engine import Engine
from engine.events import EventKind
from engine.execution.runtime.kernel import SUPERVISOR, children_of, name_of
from engine.persistence import jobs
from engine.persistence.database import Database
from tests.support.builders import definition, every

PATIENCE = 30.0


def test_a_stopped_supervisor_is_an_alert_and_told_to_go_on(home: Path) -> None:
    settings = Settings(home, f"sqlite:///{home / 'tocsin.db'}", lease_seconds=1.0)
    database = Database.open(settings.database_url)
    with database.begin() as tx:
        jobs.insert(tx, definition("job", every(1)), SystemClock().now())
    engine = Engine(replace(settings, grace_seconds=0.5))
    told: queue.Queue[EventKind] = queue.Queue()
    engine.events.subscribe(lambda event: told.put(event.kind))
    of_others = _supervisors()  # of earlier tests, ended and not yet waited for
    engine.start()
    try:
        _wait_for(told, EventKind.INSTANCE_ENDED)
        (own,) = _supervisors() - of_others
        os.kill(own, signal.SIGSTOP)
        _wait_for(told, EventKind.ALERT_RAISED)
        _wait_for(told, EventKind.ALERT_CLEARED)
        _wait_for(told, EventKind.INSTANCE_ENDED)
    finally:
        engine.stop(5)
        assert engine.wait(PATIENCE)
    system = open_system(settings)
    assert system.instances.counts().get(Status.CRASH, 0) == 0
    (alert,) = system.alerts.query()
    assert alert.alert.alert == "SUPERVISOR-SILENT"
    assert alert.alert.reason.startswith("the supervisor has not answered for ")
    system.close()
    database.close()


def _wait_for(told: "queue.Queue[EventKind]", kind: EventKind) -> None:
    while told.get(timeout=PATIENCE) is not kind:
        pass


def _supervisors() -> set[int]:
    return {child for child in children_of(os.getpid()) if name_of(child) == SUPERVISOR}
