"""What a filter can ask of instances."""

from app.store.query_fields import (
    FAILED,
    STATUS_ALIASES,
    YES_NO,
    Field,
    Predicate,
    Row,
    Vocabulary,
    flag,
    seconds_since,
    table,
)
from engine.clock import SECOND, Instant
from engine.domain.instance import Cause, Status

_INSTANCE_STATUS = {
    "complete": Status.COMPLETE,
    "error": Status.ERROR,
    "crash": Status.CRASH,
    "running": Status.IN_PROGRESS,
}
_CAUSES = {cause.value: cause.value for cause in Cause} | {
    "cron": "schedule",
    "interval": "schedule",
    "catch-up": "skipped",
    "catchup": "skipped",
    "run-now": "manual",
}


def _instance_status(wanted: frozenset[str], _now: Instant) -> Predicate:
    words = wanted | {"error", "crash"} if FAILED in wanted else wanted
    statuses = frozenset(_INSTANCE_STATUS[word] for word in words if word in _INSTANCE_STATUS)
    return lambda row: row.status in statuses


def _cause(wanted: frozenset[str], _now: Instant) -> Predicate:
    causes = frozenset(map(Cause, wanted))
    return lambda row: row.cause in causes


def _taken(row: Row, now: Instant) -> float | None:
    return (
        seconds_since(row.started, now)
        if row.completed is None
        else (row.completed - row.started) / SECOND
    )


def _taking_since(row: Row) -> Instant | None:
    started: Instant = row.started
    return started if row.completed is None else None


def _instance_haystack(row: Row) -> str:
    return f"{row.name}\n#{row.job_instanceid}\n{row.who}\n{row.detail}\n{row.error}".lower()


INSTANCES = Vocabulary(
    "instance",
    table(
        Field("name", "text", "name of the job", lambda row, _: row.name),
        Field(
            "status",
            "words",
            "its status",
            words={word: word for word in (*_INSTANCE_STATUS, FAILED)}
            | {
                alias: word
                for alias, word in STATUS_ALIASES.items()
                if word in _INSTANCE_STATUS or word == FAILED
            },
            test=_instance_status,
        ),
        Field("trigger", "words", "why it was started", words=_CAUSES, test=_cause),
        Field("last", "time", "when it started", lambda row, _: row.started),
        Field("next", "time", "the due instant it answers for", lambda row, _: row.due_at),
        Field(
            "running",
            "duration",
            "how long it took, or has taken",
            _taken,
            since=_taking_since,
        ),
        Field("session", "number", "session that runs or ran it", lambda row, _: row.sessionid),
        Field("id", "number", "job_instanceid", lambda row, _: row.job_instanceid),
        Field(
            "late",
            "words",
            "whether it was a catch-up",
            words=YES_NO,
            test=flag(lambda row: row.late),
        ),
    ),
    _instance_haystack,
    number_sign="id",
    other_words={
        "cause": "trigger",
        "due": "next",
        "duration": "running",
        "elapsed": "running",
        "instance": "id",
        "job": "name",
        "since": "last",
        "started": "last",
        "took": "running",
        "until": "last",
    },
)
