"""Tables of recorded runs and their errors."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from engine.domain.instance import Cause, Ending, Severity, Status
from engine.persistence.tables.base import Key, metadata, where
from engine.persistence.types import AnyText, Json, UtcInstant, Word

# What took more than 90 minutes, as an index has it; a query that it serves says the same.
LONG_RUN = {
    "sqlite": "julianday(completed) - julianday(started) > 0.0625",
    "postgresql": "completed - started > interval '90 minutes'",
}

job_instance = Table(
    "job_instance",
    metadata,
    Column("job_instanceid", Key, primary_key=True, autoincrement=True),
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
        info=where("jobstatus <> 'COMPLETE'"),  # most are COMPLETE, and nobody looks for those
    ),
    Index(
        "ix_job_instance_long",
        "completed",
        "started",
        info={dialect: {"where": text(is_long)} for dialect, is_long in LONG_RUN.items()},
    ),
)

job_errors = Table(
    "job_errors",
    metadata,
    Column("job_errorid", Key, primary_key=True, autoincrement=True),
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
