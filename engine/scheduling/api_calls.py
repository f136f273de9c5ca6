"""What job code asks through its API: made durable, then answered.

Each call carries the instance, and is refused where that is not this session's to write any more.
What the code asked for wrongly is its own error: the answer tells it, and the engine goes on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import SECOND, Instant
from engine.domain.instance import JobErrorRecord, Severity
from engine.domain.run import ApiCall, Exited
from engine.domain.schedule.zones import HORIZON
from engine.errors import JobError, StateDataError, StoreError, TocsinError
from engine.events import Event, EventKind
from engine.persistence import instances, job_errors, jobs, state_data
from engine.persistence.failures import RefusedError
from engine.persistence.transaction import Transaction
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Context, Effects, Run
from engine.scheduling.info_text import compact, readable
from engine.scheduling.reporting import instance_of

LARGEST_INFO = 1 << 20  # characters of JSON
LARGEST_TEXT = 4 << 20  # characters of it as it is kept, indented
_ERROR_DEPTH = "The run is over, or its engine was declared dead: nothing was saved."


class _Call(Struct, frozen=True):
    """One call on its way: the run that made it, and the transaction it goes into."""

    tx: Transaction
    run: Run
    args: Mapping[str, Any]
    now: Instant
    at: Instant  # when the run asked, at the latest: before its end, though the store was away
    effects: Effects


class ApiCalls:
    """Carries out the calls of job code."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._refused: dict[tuple[int, int], str] = {}  # by the store: asked once is enough
        self._handlers: dict[str, Callable[[_Call], Any]] = {
            "save_info": self._save_info,
            "save_state_data": self._save_state_data,
            "error": self._error,
            "progress": self._progress,
            "set_trigger": self._set_trigger,
        }

    def carry_out(
        self,
        tx: Transaction,
        calls: Sequence[ApiCall],
        exits: Iterable[Exited],
        effects: Effects,
        now: Instant,
    ) -> None:
        """Make `calls` durable with this transaction; they are answered after it.

        Raises:
            StoreError: nothing is durable. Where it was a call that the store refused, that call is
                answered with the refusal when it comes again.

        `exits` are the runs that are over meanwhile: nothing is recorded later than their ends.
        """
        ends = {each.job_instanceid: each.ended_at for each in exits} if calls else {}
        if calls:
            _ = tx.seq  # whether they were carried out can be asked by its number
        for call in calls:
            at = min(now, ends.get(call.job_instanceid, now))
            ok, value = self._answer(tx, call, at, effects, now)
            effects.replies.append((call.job_instanceid, call.seq, ok, value))

    def _answer(
        self, tx: Transaction, call: ApiCall, at: Instant, effects: Effects, now: Instant
    ) -> tuple[bool, Any]:
        run = self._context.running.get(call.job_instanceid)
        handler = self._handlers.get(call.call)
        if handler is None:
            return False, f"the job API has no call '{call.call}'"
        if run is None or not instances.may_write(
            tx, call.job_instanceid, self._context.session.sessionid
        ):
            return False, _ERROR_DEPTH
        key = (call.job_instanceid, call.seq)
        if (refusal := self._refused.get(key)) is not None:
            effects.then.append(lambda: self._forget(key))
            return _unforeseen(run, f"{call.call}: {refusal}", effects)
        try:
            return True, handler(_Call(tx, run, call.args, now, at, effects))
        except RefusedError as error:  # the transaction may be good for nothing any more
            self._refused[key] = error.message
            raise
        except StoreError:
            raise  # it is away: the call waits for it
        except TocsinError as error:
            return False, error.message
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            return False, f"{call.call}: {error}"
        except Exception as error:  # noqa: BLE001 - else every later turn fails on the same call
            problem = f"{call.call}: {type(error).__name__}: {error}"
            return _unforeseen(run, problem, effects)

    def _forget(self, key: tuple[int, int]) -> None:
        self._refused.pop(key, None)

    def _save_info(self, call: _Call) -> None:
        info = call.args["info"]
        try:
            as_json = compact(info)
        except TypeError as error:
            raise JobError(f"info must be plain data: {error}") from None
        if len(as_json) > LARGEST_INFO:
            raise JobError(f"info is {len(as_json)} characters of JSON; at most {LARGEST_INFO}.")
        text = readable(info, as_json)
        if len(text) > LARGEST_TEXT:
            raise JobError(
                f"info is {len(text)} characters when it is indented; at most {LARGEST_TEXT}."
            )
        instances.save_info(call.tx, call.run.job_instanceid, text, self._context.session.sessionid)

    def _save_state_data(self, call: _Call) -> None:
        data = call.args["data"]
        if not isinstance(data, Mapping):
            raise StateDataError(
                f"state data must be a mapping of plain values, not {type(data).__name__}."
            )
        run = call.run
        state_data.save(call.tx, run.job.jobid, data, run.job_instanceid, call.at)

    def _error(self, call: _Call) -> None:
        args, run = call.args, call.run
        severity = Severity(args["severity"])
        record = JobErrorRecord(
            severity=severity,
            error=str(args["error"]),
            description=str(args.get("description") or ""),
            created=call.at,
            info=_as_text(args.get("info")),
            business_error=bool(args.get("business_error")),
            job_instanceid=run.job_instanceid,
        )
        job_errors.add_many(call.tx, [record])
        run.failed = run.failed or severity.fails_the_run
        mark = " (B)" if record.business_error else ""
        call.effects.engine_lines.append(
            f"job {run.job.name}: JI {run.job_instanceid}: "
            f"{severity}{mark}: {record.error}: {record.description}"
        )

    def _progress(self, call: _Call) -> None:
        fraction = call.args.get("fraction")
        if fraction is not None:
            fraction = min(max(float(fraction), 0.0), 1.0)
        text = str(call.args.get("text") or "")[:500]
        number = call.run.job_instanceid
        instances.save_progress(call.tx, number, fraction, text, self._context.session.sessionid)
        if self._context.bus.is_wanted:
            record = replace(
                instance_of(self._context, call.run), progress=fraction, progress_text=text
            )
            call.effects.events.append(
                Event(EventKind.INSTANCE_PROGRESS, call.now, record, call.run.job.name)
            )

    def _set_trigger(self, call: _Call) -> bool:
        """Set a one-shot earlier run; False where it would start nothing, or not before the next.

        It starts nothing in the past, of a job that is not scheduled, and once the job expires.
        """
        at, in_seconds = call.args.get("at"), call.args.get("in_seconds")
        when = int(at) if at is not None else call.now + round(float(in_seconds or 0) * SECOND)
        if when >= HORIZON:
            raise JobError("a job is not planned beyond the year 2199.")
        entry = self._context.agenda.entries.get(call.run.job.jobid)
        if entry is None or when < call.now or not _takes_trigger(entry, when):
            return False
        following = None if entry.cursor is None else entry.next_due(max(entry.cursor, call.now))
        if following is not None and when >= following:
            return False
        jobs.set_trigger(call.tx, call.run.job.jobid, when)
        entry.job = replace(entry.job, trigger_at=when)
        return True


def _takes_trigger(entry: Entry, when: Instant) -> bool:
    """Whether a trigger of the job would start it, as `job_switches` has it for operators."""
    job = entry.job
    is_scheduled = job.active and job.retired_at is None and entry.is_plannable
    return is_scheduled and (job.expiry_date is None or when < job.expiry_date)


def _unforeseen(run: Run, problem: str, effects: Effects) -> tuple[bool, str]:
    """Refuse a call for what may be a defect of ours: the engine's log tells it too."""
    effects.engine_lines.append(
        f"job {run.job.name}: JI {run.job_instanceid}: a call was refused: {problem}"
    )
    return False, problem


def _as_text(info: Any) -> str:
    if info is None or info == "":
        return ""
    if isinstance(info, str):
        return info
    return readable(info, compact(info))
