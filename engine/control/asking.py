"""Asking a living engine: a request in the store, the engine woken, a bounded wait for its answer.

The request id is chosen here or by the caller, so that asking again after a lost answer has no
second effect. When no answer comes in time the request is withdrawn, unless the engine answers at
that moment: the first of the two to answer it decides, so the caller is never told "no" about
something that runs. A request whose asker died is withdrawn by the engine once it is too old; it is
dated by the store's clock, for the engine may be on a machine whose clock is another.
"""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct

from engine import errors
from engine.control.actor import Actor
from engine.control.context import Context
from engine.control.living import Living
from engine.control.outcome import Outcome
from engine.domain.request import Request, RequestKind
from engine.errors import EngineError, JobError, TocsinError
from engine.persistence import requests, wake

PATIENCE_SECONDS = 10.0
_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.05

_WITHOUT_ENGINE = {
    RequestKind.RUN: "so nothing can run",
    RequestKind.CANCEL: "so there is nothing to cancel",
    RequestKind.KILL: "so there is nothing to kill",
    RequestKind.PAUSE: "so there is none to pause",
    RequestKind.RESUME: "so there is none to resume",
    RequestKind.DRAIN: "so there is none to drain",
    RequestKind.STOP: "so there is none to stop",
}

_ERRORS = {
    each.code: each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, TocsinError) and each is not TocsinError
}


class Answer(Struct, frozen=True):
    """What the engine said to a request that went well."""

    content: Mapping[str, Any]

    @property
    def job_instanceid(self) -> int:
        """The instance that a run became; 0 where the answer names none."""
        return int(self.content.get("job_instanceid") or 0)

    @property
    def message(self) -> str:
        """What was done, in words."""
        return str(self.content.get("message") or self.content.get("mode") or "done")


class Asker:
    """Puts requests to the engine of one store."""

    def __init__(
        self, context: Context, living: Living, pause: threading.Event | None = None
    ) -> None:
        self._context = context
        self._living = living
        self._pause = pause or threading.Event()  # never set: only its timeout is used

    def ask(
        self,
        kind: RequestKind,
        payload: Mapping[str, Any],
        actor: Actor,
        *,
        engine_key: str = "",
        requestid: str | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> Answer:
        """Ask for one thing and wait up to `patience` seconds for the answer.

        Raises:
            EngineError: no engine is alive, or it did not answer in time.
            TocsinError: the engine's own refusal.
        """
        self._living.require(_WITHOUT_ENGINE[kind])
        asked = self._put([(requestid or str(uuid.uuid4()), payload)], kind, actor, engine_key)
        return _read(self._wait(asked, patience)[asked[0]])

    def ask_many(
        self,
        kind: RequestKind,
        items: Sequence[tuple[str, Mapping[str, Any]]],
        actor: Actor,
        told: Callable[[Answer], str],
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> list[Outcome]:
        """Ask for each item in one transaction; one outcome each, in order."""
        try:
            self._living.require(_WITHOUT_ENGINE[kind])
        except EngineError as error:
            return [
                Outcome(name, ok=False, message=error.message, code=error.code) for name, _ in items
            ]
        asked = self._put([(str(uuid.uuid4()), payload) for _, payload in items], kind, actor, "")
        answers = self._wait(asked, patience)
        return [
            _outcome(name, answers[requestid], told)
            for (name, _), requestid in zip(items, asked, strict=True)
        ]

    def _put(
        self,
        items: Sequence[tuple[str, Mapping[str, Any]]],
        kind: RequestKind,
        actor: Actor,
        engine_key: str,
    ) -> list[str]:
        now = self._context.clock.now()
        with self._context.database.begin() as tx:
            requests.ask_all(
                tx,
                [
                    Request(
                        requestid=requestid,
                        kind=kind,
                        payload=payload,
                        who=actor.who,
                        source=actor.source,
                        created=now,
                        engine_key=engine_key,
                    )
                    for requestid, payload in items
                ],
            )
        wake.wake(self._context.database)
        return [requestid for requestid, _ in items]

    def _wait(self, asked: Sequence[str], patience: float) -> dict[str, Request]:
        """Return the answers; who stops waiting, as by Ctrl-C, has asked for nothing."""
        found: dict[str, Request] = {}
        try:
            self._gather(found, asked, patience)
        except BaseException:
            with suppress(TocsinError):
                self._withdraw([each for each in asked if each not in found], patience)
            raise
        return found

    def _gather(self, found: dict[str, Request], asked: Sequence[str], patience: float) -> None:
        clock = self._context.clock
        deadline = clock.monotonic() + patience
        pause = _FIRST_PAUSE
        waiting = list(asked)
        while waiting:
            with self._context.read() as tx:
                for requestid in waiting:
                    request = requests.get(tx, requestid)
                    if request is not None and request.answered is not None:
                        found[requestid] = request
            waiting = [requestid for requestid in waiting if requestid not in found]
            if waiting and clock.monotonic() >= deadline:
                found.update(self._withdraw(waiting, patience))
                break
            if waiting:
                self._pause.wait(pause)
                pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _withdraw(self, waiting: Sequence[str], patience: float) -> dict[str, Request]:
        """Answer what the engine did not, so that it never takes effect; its own answer wins."""
        refusal = {
            "code": EngineError.code,
            "message": f"{self._living.describe()} did not answer within {patience:g} s; the "
            "request was withdrawn. `tocsin status` tells how the engine is.",
        }
        found = {}
        with self._context.database.begin() as tx:
            for requestid in waiting:
                requests.answer(
                    tx, requestid, ok=None, answer=refusal, now=self._context.clock.now()
                )
                request = requests.get(tx, requestid)
                if request is not None:
                    found[requestid] = request
        return found


def _read(request: Request) -> Answer:
    content = request.answer or {}
    if request.ok:
        return Answer(content)
    kind = _ERRORS.get(str(content.get("code")), JobError)
    message = str(content.get("message", "refused without a reason"))
    error = TocsinError.__new__(kind)
    TocsinError.__init__(error, message)
    raise error


def _outcome(name: str, request: Request, told: Callable[[Answer], str]) -> Outcome:
    try:
        answer = _read(request)
        return Outcome(
            name, ok=True, message=told(answer), job_instanceid=answer.job_instanceid or None
        )
    except TocsinError as error:
        return Outcome(name, ok=False, message=error.message, code=error.code)
