"""Every table. The seed's names of tables and columns are kept, so that people can read them.

`change_seq` on a row is the number of the last transaction that changed it (see `changes`): readers
ask for what has a higher number than they have seen, and need no events to be up to date.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
)

from engine.domain.instance import Cause, Ending, Severity, Status
from engine.domain.session import SessionStatus
from engine.domain.verdict import Reason, Verdict
from engine.persistence.types import AnyText, Json, Names, UtcInstant, Word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Key = BigInteger().with_variant(
    Integer, "sqlite"
)  # SQLite counts rows only in an INTEGER PRIMARY KEY

_Name = String(160).with_variant(String(160, collation="C"), "postgresql")  # sorts as Python does


def _where(condition: str) -> dict[str, dict[str, object]]:
    """Return the options of an index on the rows where `condition` holds."""
    return {"sqlite": {"where": text(condition)}, "postgresql": {"where": text(condition)}}


def _one_where(name: str, column: str, condition: str) -> Index:
    """Return an index that allows one row of each `column` where `condition` holds."""
    return Index(name, column, unique=True, info=_where(condition))


@event.listens_for(metadata, "before_create")
def _complete_indexes(target: MetaData, connection: Connection, **_: object) -> None:
    """Give indexes the options of the database in which they are made.

    Given to `Index` itself they would load both dialects into every program that only reads: a
    fifth of the time that a listing takes.
    """
    dialect = connection.dialect.name
    for table in target.tables.values():
        for index in table.indexes:
            for option, value in index.info.get(dialect, {}).items():
                index.dialect_options[dialect][option] = value


# One row: facts about the store itself. The two counters are SQLite's; PostgreSQL has sequences for
# both, so that writers need not wait for each other.
store_info = Table(
    "store_info",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("storeid", String(36), nullable=False),
    Column("created", UtcInstant, nullable=False),
    Column("change_seq", BigInteger, nullable=False),
    Column("last_job_instanceid", BigInteger, nullable=False),
    Column("retention_days", Float),
)
change_numbers = Sequence("change_numbers", metadata=metadata)

sessions = Table(
    "sessions",
    metadata,
    Column("sessionid", _Key, primary_key=True, autoincrement=True),
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
    _one_where("uq_sessions_living", "instancekey", "sessionstatus = 'ACTIVE'"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("jobid", _Key, primary_key=True, autoincrement=True),
    Column("name", _Name, nullable=False, unique=True),
    Column("version", AnyText, nullable=False),
    Column("description", AnyText, nullable=False, server_default=""),
    Column("author", AnyText, nullable=False, server_default=""),
    Column("sessionid", BigInteger, ForeignKey("sessions.sessionid")),
    Column("active", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("run_skipped", Boolean, nullable=False),
    Column("single_instance", Boolean, nullable=False),
    Column("last_executed", UtcInstant),
    Column("last_executed_job_instanceid", BigInteger),
    Column("expiry_date", UtcInstant),
    Column("recurring", Integer),
    Column("minute", Text),
    Column("hour", Text),
    Column("day", Text),
    Column("month", Text),
    Column("wday", Text),
    Column("timezone", String(80), nullable=False),
    Column("dst_gap", String(8), nullable=False, server_default="after"),
    Column("dst_overlap", String(8), nullable=False, server_default="first"),
    Column("trigger_at", UtcInstant),
    Column("lang", String(16), nullable=False),
    Column("isolation", String(16), nullable=False),
    Column("timeout", Float),
    Column("retention", Float),
    Column(
        "options", Json, nullable=False
    ),  # effective: the definition's with the operator's over them
    Column("overridden", Names, nullable=False),  # names of the attributes that operators changed
    Column("source", AnyText, nullable=False, server_default=""),
    Column("source_line", Integer, nullable=False, server_default="0"),
    Column("retired_at", UtcInstant),
    Column("reset_seq", Integer, nullable=False, server_default="0"),
    Column("created", UtcInstant, nullable=False),
    Column("modified", UtcInstant, nullable=False),
    Column("change_seq", BigInteger, nullable=False, server_default="0"),
    # Last what is large: a list of jobs reads the head of each row alone.
    Column("code", Text, nullable=False),
    Column("execution", Json, nullable=False),  # domain.job.Execution without `code` and `library`
    Column(
        "definition", Json, nullable=False
    ),  # as last loaded: what `export` writes and `--override` restores
    Index("ix_jobs_change_seq", "change_seq"),
)

# What was deleted, so that readers who go by change numbers learn of it.
removals = Table(
    "removals",
    metadata,
    Column("removalid", _Key, primary_key=True, autoincrement=True),
    Column("object_type", String(20), nullable=False),  # job, group
    Column("objectid", BigInteger, nullable=False),
    Column("name", String(160), nullable=False),
    Column("change_seq", BigInteger, nullable=False),
    Index("ix_removals_change_seq", "change_seq"),
)

job_lib = Table(
    "job_lib",
    metadata,
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), primary_key=True),
    Column("load_order", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
)

job_tags = Table(
    "job_tags",
    metadata,
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("value", AnyText, nullable=False),
)

groups = Table(
    "groups",
    metadata,
    Column("groupid", _Key, primary_key=True, autoincrement=True),
    Column("name", _Name, nullable=False, unique=True),
    Column("description", AnyText, nullable=False, server_default=""),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_by", AnyText, nullable=False, server_default=""),
    Column("disabled_at", UtcInstant),
    Column("change_seq", BigInteger, nullable=False, server_default="0"),
)

group_jobs = Table(
    "group_jobs",
    metadata,
    Column(
        "groupid", BigInteger, ForeignKey("groups.groupid", ondelete="CASCADE"), primary_key=True
    ),
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), primary_key=True),
    Index("ix_group_jobs_jobid", "jobid"),
)

# Which schedule a job had from when to when: what the ledger recomputes due instants from.
schedule_revisions = Table(
    "schedule_revisions",
    metadata,
    Column("revisionid", _Key, primary_key=True, autoincrement=True),
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), nullable=False),
    Column("began_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    Column("expires_at", UtcInstant),
    Column("recurring", Integer),
    Column("minute", Text),
    Column("hour", Text),
    Column("day", Text),
    Column("month", Text),
    Column("wday", Text),
    Column("timezone", String(80), nullable=False),
    Column("dst_gap", String(8), nullable=False),
    Column("dst_overlap", String(8), nullable=False),
    Index("ix_schedule_revisions_jobid_began_at", "jobid", "began_at"),
    Index("ix_schedule_revisions_ended_at", "ended_at"),
    _one_where("uq_schedule_revisions_in_force", "jobid", "ended_at IS NULL"),
)

# Up to which instant everything of a job is accounted for, per engine that runs it ("" where one at
# a time owns it).
schedule_cursor = Table(
    "schedule_cursor",
    metadata,
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), primary_key=True),
    Column("engine_key", String(80), primary_key=True),
    Column("began_at", UtcInstant, nullable=False),  # this engine accounts for instants after it
    Column("accounted_until", UtcInstant, nullable=False),
)

# Up to when the records of a job were pruned: what was before is known no more.
prunings = Table(
    "prunings",
    metadata,
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), primary_key=True),
    Column("pruned_until", UtcInstant, nullable=False),
)

# Verdicts other than ran and late, which an instance row tells.
verdicts = Table(
    "verdicts",
    metadata,
    Column("verdictid", _Key, primary_key=True, autoincrement=True),
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), nullable=False),
    Column("engine_key", String(80), nullable=False, server_default=""),
    Column("verdict", Word(Verdict, 16), nullable=False),
    Column("reason", Word(Reason, 40)),
    Column("detail", AnyText, nullable=False, server_default=""),
    Column("first_due", UtcInstant, nullable=False),
    Column("last_due", UtcInstant, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("job_instanceid", BigInteger),
    Column("created", UtcInstant, nullable=False),
    Index("ix_verdicts_jobid_last_due", "jobid", "last_due"),
    Index("ix_verdicts_last_due", "last_due"),
)

# When a switch kept a job (NULL: every job of that engine) from running, and who threw it.
job_holds = Table(
    "job_holds",
    metadata,
    Column("holdid", _Key, primary_key=True, autoincrement=True),
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE")),
    Column("engine_key", String(80), nullable=False, server_default=""),
    Column("reason", Word(Reason, 40), nullable=False),
    Column("detail", AnyText, nullable=False, server_default=""),
    Column("who", AnyText, nullable=False, server_default=""),
    Column("since", UtcInstant, nullable=False),
    Column("until", UtcInstant),
    Index("ix_job_holds_jobid_until", "jobid", "until"),
    Index("ix_job_holds_until", "until"),
)


job_instance = Table(
    "job_instance",
    metadata,
    Column("job_instanceid", _Key, primary_key=True, autoincrement=True),
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), nullable=False),
    Column("sessionid", BigInteger),  # no reference: claims look at the session themselves
    Column("jobstatus", Word(Status, 12), nullable=False),
    Column("info", AnyText),
    Column("started", UtcInstant, nullable=False),
    Column("completed", UtcInstant),
    Column("due_at", UtcInstant),
    Column("engine_key", String(80), nullable=False, server_default=""),
    Column("cause", Word(Cause, 10), nullable=False),
    Column("late", Boolean, nullable=False, server_default=false()),
    Column("stands_for", UtcInstant),
    Column("who", AnyText, nullable=False, server_default=""),
    Column("fence", BigInteger, nullable=False),
    Column("ending", Word(Ending, 16)),
    Column("exit_code", Integer),
    Column("exit_signal", Integer),
    Column("detail", AnyText, nullable=False, server_default=""),
    Column("progress", Float),
    Column("progress_text", AnyText, nullable=False, server_default=""),
    Column("options", Json),
    Column("requestid", String(36)),
    Column("pid", Integer),
    Column("host", String(255), nullable=False, server_default=""),
    Column("log_file", AnyText, nullable=False, server_default=""),
    Column("log_start", BigInteger),
    Column("log_end", BigInteger),
    Column("cpu_seconds", Float),
    Column("max_rss", BigInteger),
    Column("change_seq", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("jobid", "due_at", "engine_key"),  # the only licence to run a due instant
    Index("ix_job_instance_change_seq", "change_seq"),
    Index("ix_job_instance_jobid", "jobid", "job_instanceid"),
    Index(
        "ix_job_instance_started",
        "started",
        info={"postgresql": {"using": "brin"}},  # rows come in its order
    ),
    Index(
        "ix_job_instance_jobstatus",
        "jobstatus",
        "job_instanceid",
        info=_where("jobstatus <> 'COMPLETE'"),  # most are COMPLETE, and nobody looks for those
    ),
)

job_errors = Table(
    "job_errors",
    metadata,
    Column("job_errorid", _Key, primary_key=True, autoincrement=True),
    Column(
        "job_instanceid",
        BigInteger,
        ForeignKey("job_instance.job_instanceid", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("severity", Word(Severity, 20), nullable=False),
    Column("error", AnyText, nullable=False),
    Column("description", AnyText, nullable=False),
    Column("info", AnyText, nullable=False, server_default=""),
    Column("business_error", Boolean, nullable=False, server_default=false()),
    Column("created", UtcInstant, nullable=False),
    Index("ix_job_errors_job_instanceid", "job_instanceid"),
)

job_state_data = Table(
    "job_state_data",
    metadata,
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), primary_key=True),
    Column("data", Json, nullable=False),
    Column("job_instanceid", BigInteger),
    Column("saved_at", UtcInstant, nullable=False),
    Column("saves", Integer, nullable=False, server_default="1"),
)

# The last saves of each job's state data, and its clearings, for the history and its differences.
job_state_history = Table(
    "job_state_history",
    metadata,
    Column("stateid", _Key, primary_key=True, autoincrement=True),
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), nullable=False),
    Column("job_instanceid", BigInteger),
    Column("data", Json),  # NULL: cleared
    Column("saved_at", UtcInstant, nullable=False),
    Column("who", AnyText, nullable=False, server_default=""),
    Index("ix_job_state_history_jobid", "jobid", "stateid"),
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
    Column("audit_eventid", _Key, primary_key=True, autoincrement=True),
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
    Column("alertid", _Key, primary_key=True, autoincrement=True),
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
