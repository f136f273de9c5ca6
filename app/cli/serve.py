"""The headless engine in the foreground: load, start, tell, wait for signals, end cleanly.

The engine works in threads of its own. This thread only waits: for a signal, for the engine's end,
for systemd's watchdog, and for changed definitions. A signal handler does nothing but note the
signal.
"""

import errno
import os
import select
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from app.cli.crash import describe_crash
from app.cli.notify import Notifier
from app.cli.output import show_instant
from app.presentation.quantities import counted
from app.sanitize import safe
from app.sources import Sources, home_paths
from engine.clock import SystemClock
from engine.config import Settings
from engine.control import open_system
from engine.domain.session import HANDED_OVER
from engine.errors import DefinitionError, EngineError, TocsinError

if TYPE_CHECKING:
    from engine.control.definitions import LoadReport
    from engine.engine import Engine

_FROZEN_SECONDS = 20.0  # without a turn of the engine's loop: no more signs of life to systemd
_LOOK_SECONDS = 1.0  # between two looks at watched definitions
_NOBODY_READS = frozenset({errno.EPIPE, errno.EIO})
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP)


def serve(settings: Settings, jobs: Sequence[str], *, watch: bool) -> int:
    """Run an engine until it is told to stop; return the exit status.

    Raises:
        DefinitionError: a definition is wrong, and the store has no job to go on with.
        EngineError: another engine owns the store.
        StoreError: the store cannot be used.
    """
    from app.lifetime import lives_long
    from engine.engine import Engine

    lives_long()
    paths = [Path(each).absolute() for each in jobs] or home_paths(settings)
    _refuse_a_second_engine(settings)
    sources = Sources(settings, paths, watch=watch)
    report = _first_load(sources)
    engine = Engine(settings)
    serving = Serving(settings, engine, sources)
    threading.excepthook = serving.note_crash
    with serving.signals():
        engine.start()
        serving.say_hello(report)
        return serving.run()


def _first_load(sources: Sources) -> "LoadReport | None":
    """Load the definitions; one wrong file does not keep the jobs of a store from running.

    They go on as they were last loaded, which an alert says until the files are right.

    Raises:
        DefinitionError: a definition is wrong, and the store has no job to go on with.
    """
    try:
        return sources.first_load()
    except DefinitionError as error:
        if not sources.store_has_jobs:
            raise
        click.echo(
            "the definitions are wrong; nothing was loaded, the jobs of the store go on:", err=True
        )
        for problem in error.problems:
            click.echo(f"  {safe(problem)}", err=True)
        return None


def _refuse_a_second_engine(settings: Settings) -> None:
    """Refuse before anything is loaded; the engine's own lock refuses whoever slips through.

    One that may live out of sight is watched for a lease by the new engine itself.
    """
    system = open_system(settings)
    try:
        doubted = system.living.in_doubt()
        for each in system.living.engines():
            is_sure = doubted is None or each.sessionid != doubted.sessionid
            is_ours = each.engine_key == settings.instance_key and is_sure
            if system.database.path is not None or is_ours:
                raise EngineError(
                    f"Another engine owns the store {system.database.where}: '{each.engine_key}', "
                    f"pid {each.pid} on {each.host} since {show_instant(each.started)}. "
                    "`tocsin engine stop` stops it."
                )
        if doubted is not None:
            what = "its runs may go on" if doubted.mode == HANDED_OVER else "it may live"
            _say(
                f"engine '{doubted.engine_key}', pid {doubted.pid} on {doubted.host}, is out of "
                f"sight, and {what}: waiting for a sign of it for {doubted.lease_seconds:g} s"
            )
    finally:
        system.close()


class Serving:
    """An engine in the foreground, between its start and its end."""

    def __init__(self, settings: Settings, engine: "Engine", sources: Sources) -> None:
        self._settings = settings
        self._engine = engine
        self._sources = sources
        self._clock = SystemClock()
        self._notifier = Notifier(self._clock)
        self._is_ending = False
        self._crash = ""
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def signals(self) -> "_Signals":
        """Return the context in which signals come here."""
        return _Signals(self._wake_write)

    def say_hello(self, report: "LoadReport | None") -> None:
        """Say what was started, and where; tell systemd that it is ready."""
        settings, session = self._settings, self._engine.session
        number = "" if session is None else f", session {session.sessionid}"
        _say(f"tocsin engine '{settings.instance_key}'{number}, pid {os.getpid()}")
        _say(f"store {settings.shown_url}, logs {settings.log_dir}")
        if self._sources.store_has_jobs:
            _say("no definitions loaded: they are wrong")
        elif report is None:
            _say(f"no definitions loaded: {settings.jobs_dir} is not there")
        else:
            _say(f"{_summary(report)} from {', '.join(str(each) for each in self._sources.paths)}")
            for warning in report.plan.warnings:
                _say(f"warning: {warning}")
        _say("Ctrl-C or SIGTERM stops it")
        self._notifier.ready(f"engine '{settings.instance_key}' schedules")

    def run(self) -> int:
        """Wait until the engine has ended; return the exit status."""
        threading.Thread(target=self._await_end, name="tocsin-end", daemon=True).start()
        while not self._engine.wait(0):
            self._await_signal()
            if self._clock.monotonic() - self._engine.last_turn < _FROZEN_SECONDS:
                self._notifier.alive()
            if not self._is_ending and self._sources.have_changed():
                self._reload("definitions changed")
        if self._crash:
            click.echo(safe(self._crash), err=True)
            return 1
        _say("the engine has stopped")
        return 0

    def note_crash(self, caught: threading.ExceptHookArgs) -> None:
        """Write what ended a thread to a file; the engine's own thread ends the program."""
        if caught.exc_value is None:
            return
        told = describe_crash(caught.exc_value, sys.argv[1:])
        if caught.thread is not None and caught.thread.name == "tocsin-engine":
            self._crash = told
        else:
            _say(told)

    def _await_end(self) -> None:
        self._engine.wait()
        os.write(self._wake_write, b"\0")

    def _await_signal(self) -> None:
        """Sleep until there is something to do; the engine's end comes as a byte, like signals."""
        looks = (
            self._notifier.watchdog_period,
            _LOOK_SECONDS if self._sources.is_watched else None,
        )
        seconds = min((each for each in looks if each is not None), default=None)
        ready, _, _ = select.select([self._wake_read], [], [], seconds)
        if ready:
            for number in os.read(self._wake_read, 64):
                if number:
                    self._take(signal.Signals(number))

    def _take(self, which: signal.Signals) -> None:
        if which is signal.SIGHUP and not sys.stdin.isatty():
            if not self._is_ending:
                self._reload("SIGHUP")
        elif which is signal.SIGUSR1:
            self._hand_over()
        elif self._is_ending:
            _say(f"{which.name} again: running jobs are ended at once")
            self._engine.stop(grace=0)
        else:
            self._is_ending = True
            _say(f"{which.name}: no new runs; running jobs get {self._settings.grace_seconds:g} s")
            self._notifier.stopping("waiting for running jobs")
            self._engine.stop()

    def _hand_over(self) -> None:
        if self._is_ending:
            return
        self._is_ending = True
        _say("SIGUSR1: running jobs are handed over to the next engine")
        self._notifier.stopping("handing over")
        self._engine.hand_over()

    def _reload(self, why: str) -> None:
        """Load the definitions again; wrong ones are told and change nothing."""
        self._notifier.reloading()
        try:
            report = self._sources.load()
            _say(f"{why}: {_summary(report) if report else 'nothing to load'}")
        except DefinitionError as error:
            _say(f"{why}: nothing was changed, the definitions are wrong:")
            for problem in error.problems:
                _say(f"  {problem}")
        except TocsinError as error:
            again = " It is tried again." if self._sources.is_watched else ""
            _say(f"{why}: nothing was changed: {error.message}{again}")
        self._notifier.ready(f"engine '{self._settings.instance_key}' schedules")


class _Signals:
    """Turns signals into bytes on a pipe, for as long as it is entered."""

    def __init__(self, wake: int) -> None:
        self._wake = wake
        self._before: dict[signal.Signals, object] = {}
        self._wake_before = -1

    def __enter__(self) -> None:
        self._wake_before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for each in _SIGNALS:
            self._before[each] = signal.signal(each, _noted)

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wake_before)


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Python writes the signal's number to the pipe; there is nothing else to do."""


def _summary(report: "LoadReport") -> str:
    plan = report.plan
    return (
        f"{counted(len(plan.new), 'job')} new, {len(plan.changed)} changed, "
        f"{len(plan.unchanged)} unchanged, {len(plan.retired)} retired"
    )


def _say(text: str) -> None:
    """Print a line at once; a reader that went away does not end the engine.

    Where a disk is full the line is lost, not those to come.
    """
    try:
        click.echo(safe(text))
    except OSError as error:
        if error.errno in _NOBODY_READS:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
