"""What a filter can ask of a row: the fields of jobs and of instances, and where each is read.

Rows are duck-typed: anything with the attributes of `JobRow` or `InstanceRow` will do, so the
command line filters with the same words as the console.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.presentation.status import Condition, conditions
from engine.clock import SECOND, Instant
from engine.domain.instance import Cause, Status

_MOST_SHARED = 300_000  # groups and tags remembered

Row = Any
Predicate = Callable[[Row], bool]
Kind = Literal["text", "names", "words", "number", "duration", "time"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the filter language.

    text      part of it, or a pattern with * and ?
    names     one of a set of lower-case names, whole or with * and ?
    words     one of `words`; `test` makes the predicate
    number    equal, or compared
    duration  seconds, compared; None where there is none
    time      an instant, compared; None where there is none
    """

    name: str
    kind: Kind
    help: str
    read: Callable[[Row, Instant], Any] = lambda _row, _now: None
    words: Mapping[str, str] = field(default_factory=dict)  # word or alias → word
    test: Callable[[frozenset[str], Instant], Predicate] | None = None
    looks_ahead: bool = False  # a duration measures from now into the future, not into the past


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The fields of one kind of row, and the text that plain words are searched in."""

    noun: str
    fields: Mapping[str, Field]
    haystack: Callable[[Row], str]  # lower case
    number_sign: str = ""  # the field that `#123` asks for


_YES_NO = {
    "yes": "yes",
    "no": "no",
    "on": "yes",
    "off": "no",
    "true": "yes",
    "false": "no",
}

_STATUS_ALIASES = {
    "ok": "complete",
    "completed": "complete",
    "err": "error",
    "errors": "error",
    "crashed": "crash",
    "run": "running",
    "in-progress": "running",
    "off": "disabled",
    "grp": "group-disabled",
    "exp": "expired",
    "idle": "inactive",
    "late": "overdue",
    "gone": "retired",
    "fail": "failed",
    "failing": "failed",
}
_FAILED = "failed"
_CONDITIONS = {each.value: each.value for each in Condition if each is not Condition.QUEUED}
_JOB_STATUS = {**_CONDITIONS, **_STATUS_ALIASES, _FAILED: _FAILED}
_LAST = {
    "complete": Status.COMPLETE,
    "error": Status.ERROR,
    "crash": Status.CRASH,
    "never": None,
}
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


def _job_status(wanted: frozenset[str], now: Instant) -> Predicate:
    words = wanted | {"error", "crash"} if _FAILED in wanted else wanted
    last = frozenset(_LAST[word] for word in words if word in _LAST)
    others = words - _LAST.keys() - {_FAILED}
    if not others:
        return lambda row: row.last_status in last
    if others == {"running"}:
        return lambda row: bool(row.running) or (bool(last) and row.last_status in last)
    sought = frozenset(map(Condition, others))
    return lambda row: row.last_status in last or not sought.isdisjoint(conditions(row, now))


def _instance_status(wanted: frozenset[str], _now: Instant) -> Predicate:
    words = wanted | {"error", "crash"} if _FAILED in wanted else wanted
    statuses = frozenset(_INSTANCE_STATUS[word] for word in words if word in _INSTANCE_STATUS)
    return lambda row: row.status in statuses


def _flag(read: Callable[[Row], bool]) -> Callable[[frozenset[str], Instant], Predicate]:
    def test(wanted: frozenset[str], _now: Instant) -> Predicate:
        if len(wanted) > 1:
            return lambda _row: True
        yes = "yes" in wanted
        return lambda row: read(row) is yes

    return test


def _enabled(wanted: frozenset[str], _now: Instant) -> Predicate:
    def holds(row: Row) -> bool:
        word = "no" if not row.enabled else "group" if row.group_off else "yes"
        return word in wanted

    return holds


def _job_trigger(wanted: frozenset[str], _now: Instant) -> Predicate:
    def holds(row: Row) -> bool:
        kind = "interval" if row.schedule.startswith("every") else "cron"
        return kind in wanted or ("set" in wanted and row.trigger_at is not None)

    return holds


def _cause(wanted: frozenset[str], _now: Instant) -> Predicate:
    causes = frozenset(map(Cause, wanted))
    return lambda row: row.cause in causes


def _since(start: Instant | None, now: Instant) -> float | None:
    return None if start is None else max(0, now - start) / SECOND


def _taken(row: Row, now: Instant) -> float | None:
    return (
        _since(row.started, now)
        if row.completed is None
        else (row.completed - row.started) / SECOND
    )


class _Words:
    """The lower-case words of an object that rows share, made once for as long as it lives here."""

    def __init__(self, make: Callable[[Any], Iterable[str]]) -> None:
        self._make = make
        self._known: dict[int, tuple[Any, frozenset[str]]] = {}

    def of(self, shared: Any) -> frozenset[str]:
        known = self._known.get(id(shared))
        if known is not None and known[0] is shared:
            return known[1]
        if len(self._known) > _MOST_SHARED:
            self._known.clear()
        words = frozenset(word.lower() for word in self._make(shared))
        self._known[id(shared)] = (shared, words)
        return words


def _tag_words(tags: Mapping[str, str]) -> Iterable[str]:
    for tag, value in tags.items():
        yield tag
        yield f"{tag}={value}"
        yield value


_GROUPS = _Words(lambda groups: groups)
_TAGS = _Words(_tag_words)


def _job_haystack(row: Row) -> str:
    tags = " ".join(f"{tag}={value}" for tag, value in row.tags.items())
    return f"{row.name}\n{row.description}\n{tags}".lower()


def _instance_haystack(row: Row) -> str:
    return f"{row.name}\n#{row.job_instanceid}\n{row.who}\n{row.detail}\n{row.error}".lower()


def _table(*fields: Field) -> Mapping[str, Field]:
    return {each.name: each for each in fields}


JOBS = Vocabulary(
    "job",
    _table(
        Field("name", "text", "name of the job", lambda row, _: row.name),
        Field("group", "names", "a group it is in", lambda row, _: _GROUPS.of(row.groups)),
        Field("tag", "names", "a tag, its value, or tag=value", lambda row, _: _TAGS.of(row.tags)),
        Field(
            "status",
            "words",
            "how its last run stands, or what stops it",
            words=_JOB_STATUS,
            test=_job_status,
        ),
        Field(
            "enabled",
            "words",
            "the operators' switches: its own and its groups'",
            words=_YES_NO | {"group": "group", "grp": "group"},
            test=_enabled,
        ),
        Field(
            "active",
            "words",
            "the schedule switch",
            words=_YES_NO,
            test=_flag(lambda row: row.active),
        ),
        Field("next", "time", "next due instant", lambda row, _: row.next_at, looks_ahead=True),
        Field("last", "time", "start of its last run", lambda row, _: row.last_at),
        Field("p95", "duration", "95th percentile of its run time", lambda row, _: row.p95_seconds),
        Field("fails", "number", "failures among its last runs", lambda row, _: row.fails),
        Field(
            "running",
            "duration",
            "how long it has been running",
            lambda row, now: _since(row.running_since, now),
        ),
        Field(
            "trigger",
            "words",
            "kind of its schedule, or a trigger that is set",
            words={"cron": "cron", "interval": "interval", "every": "interval", "set": "set"},
            test=_job_trigger,
        ),
        Field("session", "number", "session that owns it", lambda row, _: row.sessionid),
        Field("id", "number", "jobid", lambda row, _: row.jobid),
    ),
    _job_haystack,
)

INSTANCES = Vocabulary(
    "instance",
    _table(
        Field("name", "text", "name of the job", lambda row, _: row.name),
        Field(
            "status",
            "words",
            "its status",
            words={word: word for word in (*_INSTANCE_STATUS, _FAILED)}
            | {
                alias: word
                for alias, word in _STATUS_ALIASES.items()
                if word in _INSTANCE_STATUS or word == _FAILED
            },
            test=_instance_status,
        ),
        Field("trigger", "words", "why it was started", words=_CAUSES, test=_cause),
        Field("last", "time", "when it started", lambda row, _: row.started),
        Field("next", "time", "the due instant it answers for", lambda row, _: row.due_at),
        Field("running", "duration", "how long it took, or has taken", _taken),
        Field("session", "number", "session that runs or ran it", lambda row, _: row.sessionid),
        Field("id", "number", "job_instanceid", lambda row, _: row.job_instanceid),
        Field(
            "late",
            "words",
            "whether it was a catch-up",
            words=_YES_NO,
            test=_flag(lambda row: row.late),
        ),
    ),
    _instance_haystack,
    number_sign="id",
)
