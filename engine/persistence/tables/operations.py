"""Tables of engines and those who steer them: sessions, requests, audit events, alerts."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

from engine.domain.session import SessionStatus
from engine.persistence.tables.base import NUMBERED_ONCE, Key, metadata, one_where
from engine.persistence.types import AnyText, Json, UtcInstant, Word

sessions = Table(
    "sessions",
    metadata,
    Column("sessionid", Key, primary_key=True, autoincrement=True),
    Column("instancekey", String(80), nullable=False),
    Column("hostname", AnyText, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("boot_id", String(64), nullable=False),
    Column("pid_started", BigInteger, nullable=False),
    Column("version", AnyText, nullable=False),
    Column("sessionstatus", Word(SessionStatus, 24), nullable=False),
    Column("started", UtcInstant, nullable=False),
    Column("ended", UtcInstant),
    Column("beat_seq", BigInteger, nullable=False, server_default="0"),
    Column("beat_at", UtcInstant, nullable=False),
    Column("lease_seconds", Float, nullable=False),
    Column("mode", String(16), nullable=False, server_default="running"),
    Column("supervisor", Text, nullable=False, server_default=""),
    Column("change_seq", BigInteger, nullable=False, server_default="0"),
    Index("ix_sessions_sessionstatus", "sessionstatus"),
    one_where("uq_sessions_living", "instancekey", "sessionstatus = 'ACTIVE'"),
    info=NUMBERED_ONCE,
)

# What operators ask of a living engine: run, cancel, kill, pause, resume, drain, stop.
requests = Table(
    "requests",
    metadata,
    Column(
        "requestid", String(36), primary_key=True
    ),  # chosen by the asker: asking twice has one effect
    Column("kind", String(20), nullable=False),
    Column("engine_key", String(80), nullable=False, server_default=""),  # "": any engine
    Column("payload", Json, nullable=False),
    Column("who", AnyText, nullable=False),
    Column("source", AnyText, nullable=False),
    Column("created", UtcInstant, nullable=False),
    Column("answered", UtcInstant),
    Column("ok", Boolean),
    Column("answer", Json),
    Index("ix_requests_answered", "answered"),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("audit_eventid", Key, primary_key=True, autoincrement=True),
    Column(
        "event", String(40), nullable=False
    ),  # JOB-DISABLED, GROUP-STATUS-CHANGED, JOB-RECOVERY ...
    Column("object_type", String(20), nullable=False),  # job, group, instance, session, store
    Column("object_name", AnyText, nullable=False),
    Column("who", AnyText, nullable=False),
    Column("source", AnyText, nullable=False),
    Column("reason", AnyText, nullable=False, server_default=""),
    Column("before", Json),
    Column("after", Json),
    Column("created", UtcInstant, nullable=False),
    Index("ix_audit_events_created", "created"),
    Index("ix_audit_events_object", "object_type", "object_name"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alertid", Key, primary_key=True, autoincrement=True),
    Column("kind", String(10), nullable=False),  # ongoing, transient
    Column(
        "alert", String(40), nullable=False
    ),  # STOPPED-JOB, JOB-INSTANCE-ERROR, JOB-EXPIRED, CLOCK-STEP ...
    Column("object_type", String(20), nullable=False),
    Column("object_name", AnyText, nullable=False),
    Column("reason", AnyText, nullable=False),
    Column("raised", UtcInstant, nullable=False),  # first raised
    Column("updated", UtcInstant, nullable=False),
    Column("cleared", UtcInstant),
    Column("job_instanceid", BigInteger),
    Index("ix_alerts_cleared", "cleared"),
    Index("ix_alerts_object", "object_type", "object_name", "alert"),
)
