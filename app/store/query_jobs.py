"""What a filter can ask of jobs."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.store.conditions import Condition, conditions, overdue_from
from app.store.query_fields import (
    FAILED,
    STATUS_ALIASES,
    YES_NO,
    Field,
    Predicate,
    Row,
    Until,
    Vocabulary,
    flag,
    seconds_since,
    table,
)
from engine.clock import Instant
from engine.domain.instance import Status

OF_RUNS = frozenset({"fails", "p95"})  # fields that come from a job's last runs
_MOST_SHARED = 300_000  # groups and tags remembered

_CONDITIONS = {each.value: each.value for each in Condition}
_JOB_STATUS = {**_CONDITIONS, **STATUS_ALIASES, FAILED: FAILED}
_LAST = {
    "complete": Status.COMPLETE,
    "error": Status.ERROR,
    "crash": Status.CRASH,
    "never": None,
}


def _job_status(wanted: frozenset[str], now: Instant) -> Predicate:
    words = wanted | {"error", "crash"} if FAILED in wanted else wanted
    last = frozenset(_LAST[word] for word in words if word in _LAST)
    others = words - _LAST.keys() - {FAILED}
    if not others:
        return lambda row: row.last_status in last
    if others == {"running"}:
        return lambda row: bool(row.running) or (bool(last) and row.last_status in last)
    sought = frozenset(map(Condition, others))
    return lambda row: row.last_status in last or not sought.isdisjoint(conditions(row, now))


def _status_turns(words: frozenset[str]) -> Until | None:
    return _becomes_overdue if Condition.OVERDUE.value in words else None


def _becomes_overdue(row: Row, now: Instant) -> Instant | None:
    at = overdue_from(row)
    return at if at is not None and at > now else None


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


JOBS = Vocabulary(
    "job",
    table(
        Field("name", "text", "name of the job", lambda row, _: row.name),
        Field("group", "names", "a group it is in", lambda row, _: _GROUPS.of(row.groups)),
        Field("tag", "names", "a tag, its value, or tag=value", lambda row, _: _TAGS.of(row.tags)),
        Field(
            "status",
            "words",
            "how its last run ended, or what it does now",
            words=_JOB_STATUS,
            test=_job_status,
            turns=_status_turns,
        ),
        Field(
            "enabled",
            "words",
            "the operators' switches: its own and its groups'",
            words=YES_NO | {"group": "group", "grp": "group"},
            test=_enabled,
        ),
        Field(
            "active",
            "words",
            "the schedule switch",
            words=YES_NO,
            test=flag(lambda row: row.active),
        ),
        Field("next", "time", "next due instant", lambda row, _: row.next_at, looks_ahead=True),
        Field("last", "time", "start of its last run that ended", lambda row, _: row.last_at),
        Field("p95", "duration", "95th percentile of its run time", lambda row, _: row.p95_seconds),
        Field("fails", "number", "failures among its last runs", lambda row, _: row.fails),
        Field(
            "running",
            "duration",
            "how long it has been running",
            lambda row, now: seconds_since(row.running_since, now),
            since=lambda row: row.running_since,
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
    other_words={
        "due": "next",
        "en": "enabled",
        "job": "name",
        "schedule": "trigger",
        "since": "last",
        "started": "last",
        "took": "p95",
        "until": "last",
    },
)
