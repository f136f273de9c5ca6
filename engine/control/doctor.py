"""The doctor: what is wrong, or soon will be, with a store, its engine and its machine."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from engine.clock import SECOND, Clock, to_text
from engine.config import Settings
from engine.control.machine_clock import is_synchronised
from engine.control.system import System, open_system
from engine.control.versions import versions
from engine.domain.session import SessionStatus
from engine.errors import TocsinError
from engine.persistence import cursors, maintenance, sessions
from engine.version import __version__

Result = Literal["ok", "notice", "wrong"]
_LEAST_FREE = 200 * 1024 * 1024  # bytes
_LITTLE_FREE = 0.1  # of the file system


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    check: str
    result: Result
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {"check": self.check, "result": self.result, "message": self.message}


def examine(settings: Settings, clock: Clock | None = None) -> list[Finding]:
    """Look at everything and return what was found; never raises for what is wrong.

    `clock` is for tests; None: the machine's.
    """
    found = [Finding("versions", "ok", ", ".join(f"{k} {v}" for k, v in versions().items()))]
    found += _permissions(settings)
    found += _disk(settings)
    found += _clock()
    try:
        system = open_system(settings, create=False, clock=clock)
    except TocsinError as error:
        return [*found, Finding("store", "wrong", error.message)]
    try:
        for check in (_store, _engine, _gone, _sessions, _times, _ledger):
            found += _guarded(check, system)
    finally:
        system.close()
    return found


def _guarded(check: Callable[[System], Iterator[Finding]], system: System) -> list[Finding]:
    try:
        return list(check(system))
    except TocsinError as error:
        return [Finding(check.__name__.removeprefix("_"), "wrong", error.message)]


def _store(system: System) -> Iterator[Finding]:
    with system.context.read() as tx:
        wrong = maintenance.problems(tx)
    if wrong:
        yield Finding("store", "wrong", f"{system.database.where}: {'; '.join(wrong)}")
    else:
        yield Finding("store", "ok", f"{system.database.where} is whole")


def _engine(system: System) -> Iterator[Finding]:
    alive = system.living.engines()
    if not alive:
        yield Finding("engine", "notice", "none is alive; `tocsin engine` starts one")
    for each in alive:
        age = (system.now() - each.beat_at) / SECOND
        late = age > each.lease_seconds
        yield Finding(
            "engine",
            "wrong" if late else "ok",
            f"'{each.engine_key}' (pid {each.pid} on {each.host}) is {each.mode}; last beat "
            f"{age:.1f} s ago, lease {each.lease_seconds:g} s",
        )
        if each.version != __version__:
            yield Finding(
                "engine",
                "notice",
                f"'{each.engine_key}' is version {each.version}, this command {__version__}",
            )


def _sessions(system: System) -> Iterator[Finding]:
    alive = {each.sessionid for each in system.living.engines()}
    with system.context.read() as tx:
        lost = [
            each
            for each in sessions.active(tx)
            if each.status is SessionStatus.ACTIVE and each.sessionid not in alive
        ]
    for each in lost:
        yield Finding(
            "sessions",
            "notice",
            f"session {each.sessionid} of '{each.engine_key}' ended without a word; the next start "
            "of an engine closes what it ran",
        )
    if not lost:
        yield Finding("sessions", "ok", "none is lost")


def _gone(system: System) -> Iterator[Finding]:
    """Yield the engines that miss what each engine runs while others work."""
    alive = {each.engine_key for each in system.living.engines()}
    with system.context.read() as tx:
        of_each = cursors.jobs_by_engine(tx)
    for key in sorted(of_each.keys() - alive) if alive else ():
        yield Finding(
            "engine",
            "notice",
            f"'{key}' is not alive, and misses what each engine runs ({of_each[key]} jobs); if it "
            f"will not come back, `tocsin session forget {key}` ends that",
        )


def _times(system: System) -> Iterator[Finding]:
    now = system.now()
    with system.context.read() as tx:
        last = max((each.beat_at for each in sessions.all_sessions(tx, 20)), default=0)
    if last > now + 5 * SECOND:
        yield Finding(
            "clock",
            "wrong",
            f"the store knows of {to_text(last)}, which is later than this machine's "
            f"{to_text(now)}: its clock was set back",
        )


def _ledger(system: System) -> Iterator[Finding]:
    report = system.ledger.report()
    total = report.total
    result: Result = "notice" if report.unknown else "ok"
    yield Finding(
        "ledger",
        result if report.is_clean else "wrong",
        f"{total.due} instants were due, {total.unexplained} unexplained, {total.doubled} doubled, "
        f"{total.never_due} recorded that were never due"
        + "".join(f"; {each}" for each in (report.unknown, report.pruned) if each),
    )


def _clock() -> Iterator[Finding]:
    known = is_synchronised()
    if known is None:
        yield Finding("clock", "notice", "the kernel does not tell whether it is synchronised")
    elif known:
        yield Finding("clock", "ok", "synchronised")
    else:
        yield Finding("clock", "notice", "not synchronised: no time service disciplines it")


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.home.is_dir():
        return
    usage = shutil.disk_usage(settings.home)
    message = (
        f"{usage.free / 2**30:.1f} GiB of {usage.total / 2**30:.1f} GiB are free at {settings.home}"
    )
    result: Result = "ok"
    if usage.free < _LEAST_FREE:
        result = "wrong"
    elif usage.free < usage.total * _LITTLE_FREE:
        result = "notice"
    yield Finding("disk", result, message)


def _permissions(settings: Settings) -> Iterator[Finding]:
    if not settings.home.is_dir():
        yield Finding("permissions", "notice", f"{settings.home} does not exist yet")
        return
    wrong = [problem for path in _private_paths(settings) if (problem := _openness(path))]
    if not os.access(settings.home, os.W_OK | os.X_OK):
        wrong.append(f"{settings.home} cannot be written by this user")
    for each in wrong:
        yield Finding("permissions", "wrong", each)
    if not wrong:
        yield Finding("permissions", "ok", f"{settings.home} is private")


def _private_paths(settings: Settings) -> Iterator[Path]:
    yield settings.home
    for folder in (settings.log_dir, settings.run_dir, settings.jobs_dir):
        if folder.exists():
            yield folder
    yield from settings.home.glob("*.db*")


def _openness(path: Path) -> str:
    """Return who besides its owner may do what they should not; "" where nobody may."""
    try:
        status = path.stat()
    except OSError as error:
        return f"{path} cannot be looked at: {error.strerror}"
    if status.st_uid not in {os.geteuid(), 0}:
        return f"{path} belongs to user {status.st_uid}, not to the one that runs this"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"{path} may be written by others (mode {stat.S_IMODE(status.st_mode):04o})"
    if path.suffix.startswith(".db") and status.st_mode & stat.S_IROTH:
        return f"{path} may be read by everybody (mode {stat.S_IMODE(status.st_mode):04o})"
    return ""
