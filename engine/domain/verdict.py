"""Verdicts: what became of each due instant. Each has exactly one; a long stretch is one row."""

from enum import StrEnum

from msgspec import Struct

from engine.clock import Instant


class Verdict(StrEnum):
    """What became of a due instant.

    `ran` and `late` are told by an instance row, the others by a stretch.
    """

    RAN = "ran"
    LATE = "late"
    COALESCED = "coalesced"  # into the instance of a later due instant
    SKIPPED = "skipped"  # nothing was to run: a switch was off, a session held it, a run overlapped
    MISSED = "missed"  # it should have run: no engine was up, or run_skipped is off


class Reason(StrEnum):
    """Why an instant was skipped or missed."""

    JOB_DISABLED = "job disabled"
    GROUP_DISABLED = "group disabled"
    PAUSED = "engine paused"
    DRAINING = "engine draining"
    HELD = "held by another session"
    OVERLAP = "overlap"
    NO_ENGINE = "no engine was up"
    RUN_SKIPPED_OFF = "run_skipped is off"
    CLOCK_STEP = "the clock was set"
    FORGOTTEN = "its engine was forgotten"


class Stretch(Struct, frozen=True):
    """A run of consecutive due instants of one job with the same verdict."""

    jobid: int
    verdict: Verdict
    first_due: Instant
    last_due: Instant
    count: int
    reason: Reason | None = None
    detail: str = ""  # the group's name, the holder's session, the session that was down
    engine_key: str = ""  # "" where one engine at a time owns the job
    job_instanceid: int | None = None  # the instance that coalesced instants went into


class Hold(Struct, frozen=True):
    """A time during which a job was kept from running by a switch. `until` None: it still is."""

    jobid: int | None  # None: every job of the engine (pause, drain)
    reason: Reason
    since: Instant
    until: Instant | None = None
    detail: str = ""  # the group's name
    who: str = ""
    engine_key: str = ""  # "" for every engine
