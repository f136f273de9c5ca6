"""What operators ask of this engine, answered in the same transaction as its effect.

Whoever answers a request first decides: where its asker withdrew it meanwhile, nothing is done.
Each request that changes something is audited with who asked, and from where.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.clock import SECOND, Instant, to_text
from engine.domain.eligibility import blocking_run_now, why_not_runnable
from engine.domain.instance import Cause, Ending, Status
from engine.domain.request import Request, RequestKind
from engine.errors import EngineError, JobError, NotFoundError, TocsinError
from engine.persistence import holds, instances, requests, sessions
from engine.persistence.transaction import Transaction
from engine.scheduling.asked import Asked
from engine.scheduling.claims import Claims
from engine.scheduling.context import Context, Effects
from engine.scheduling.holders import holders
from engine.scheduling.modes import Modes
from engine.scheduling.wanted import Claimed, Wanted

_Answer = Mapping[str, Any] | None  # None: another engine's to answer, or ours, but not yet
_LONGEST_WAIT = 60 * SECOND  # an asker waits 10 s


def _withdrawn(request: Request, now: Instant) -> _Answer:
    """Return what to withdraw a request with whose asker died without doing so; None: it may wait.

    It was asked too long ago, by the clock that dated it: `now` is of `requests.store_now`.
    """
    if now - request.created <= _LONGEST_WAIT:
        return None
    return {
        "code": EngineError.code,
        "message": f"This was asked at {to_text(request.created)}, and whoever did no longer "
        "waits: it is taken for withdrawn. Ask again if it is still wanted.",
    }


class RequestsService:
    """Answers the requests that wait for this engine."""

    def __init__(self, context: Context, claims: Claims, modes: Modes) -> None:
        self._context = context
        self._claims = claims
        self.has_put_off = False  # a request waits for the lease: it is to be looked at again
        self._handlers: dict[RequestKind, Callable[[Asked], _Answer]] = {
            RequestKind.RUN: self._run,
            RequestKind.CANCEL: self._cancel,
            RequestKind.KILL: self._kill,
            RequestKind.PAUSE: modes.pause,
            RequestKind.RESUME: modes.resume,
            RequestKind.DRAIN: modes.drain,
            RequestKind.STOP: modes.stop,
        }

    def answer(self, tx: Transaction, effects: Effects, now: Instant) -> list[Claimed]:
        """Carry out and answer what waits; return the runs that were claimed for it.

        Raises:
            SessionDeadError: the session is not ACTIVE any more; a later one answers.
        """
        claimed: list[Claimed] = []
        self.has_put_off = False
        waiting = requests.pending(tx, self._context.key)
        if waiting:
            sessions.must_live(tx, self._context.session.sessionid)
        by_store = requests.store_now(tx, now) if waiting else now
        for request in waiting:
            if (content := _withdrawn(request, by_store)) is not None:
                requests.answer(tx, request.requestid, ok=None, answer=content, now=now)
                continue
            asked = Asked(tx, request, now, effects, self._context, claimed)
            try:
                content = self._handlers[request.kind](asked)
                ok = True
            except TocsinError as error:
                ok, content = False, {"code": error.code, "message": error.message}
            if content is not None:
                requests.answer(tx, request.requestid, ok=ok, answer=content, now=now)
        return claimed

    def _run(self, asked: Asked) -> _Answer:
        context, payload = self._context, asked.request.payload
        if context.fenced:  # as after a sleep of the machine: the run would be ended at once
            self.has_put_off = True
            return None
        name = str(payload["job"])
        entry = context.agenda.by_name.get(name)
        if entry is None:
            raise NotFoundError("job", name, context.agenda.by_name, listing="tocsin job list")
        job = entry.job
        force = bool(payload.get("force"))
        facts = context.facts(
            job,
            asked.now,
            holds=tuple(holds.holds_between(asked.tx, asked.now, asked.now, job.jobid)),
            running=asked.running_of(entry),
            held_by=self._held_by(asked, job.jobid) if job.single_instance else None,
            mode=asked.effects.mode,
        )
        obstacle = blocking_run_now(why_not_runnable(job, facts), force=force)
        if obstacle is not None:
            raise obstacle.error()
        options = payload.get("options")
        wanted = Wanted(
            entry,
            Cause.MANUAL,
            who=asked.request.who,
            options={**job.options, **options} if options else None,
            requestid=asked.request.requestid,
            forced=bool(facts.running or facts.held_by),
        )
        claimed = self._claims.claim(asked.tx, [wanted], asked.now, asked.effects)
        if not claimed.runs:  # a peer took the job at this very moment
            raise JobError(f"job '{job.name}' has just been started by another engine.")
        asked.claimed.append(claimed)
        number = claimed.runs[0][1].job_instanceid
        asked.audit("JOB-RUN", "job", job.name, {"job_instanceid": number, "force": force})
        return {"job_instanceid": number}

    def _held_by(self, asked: Asked, jobid: int) -> Any:
        holder = holders(asked.tx, [jobid]).get(jobid)
        if holder is None or holder.sessionid == self._context.session.sessionid:
            return None
        return holder

    def _cancel(self, asked: Asked) -> _Answer:
        number = self._running(asked)
        if number is None:
            return None
        grace = asked.request.payload.get("grace")
        seconds = self._context.settings.grace_seconds if grace is None else float(grace)
        asked.effects.cancel.append((number, seconds, Ending.CANCELLED))
        asked.audit("INSTANCE-CANCELLED", "instance", str(number), {"grace": seconds})
        return {
            "message": f"instance {number} was asked to stop, and is ended in {seconds:g} s if it "
            "does not"
        }

    def _kill(self, asked: Asked) -> _Answer:
        number = self._running(asked)
        if number is None:
            return None
        asked.effects.kill.append(number)
        asked.audit("INSTANCE-KILLED", "instance", str(number), None)
        return {"message": f"the process group of instance {number} is being ended"}

    def _running(self, asked: Asked) -> int | None:
        """Return the instance that is meant; None where another engine runs it."""
        number = int(asked.request.payload["job_instanceid"])
        if number in self._context.running:
            return number
        instance = instances.get(asked.tx, number)
        if instance.jobstatus is Status.IN_PROGRESS:
            return None
        ended = "" if instance.completed is None else f" at {to_text(instance.completed)}"
        raise JobError(f"instance {number} is over: it ended {instance.jobstatus}{ended}.")
