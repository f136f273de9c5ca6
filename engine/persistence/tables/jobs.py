"""Tables of jobs: what they are, their library objects and tags, their groups, their state data."""

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
    Text,
)

from engine.persistence.tables.base import NUMBERED_ONCE, Key, Name, metadata
from engine.persistence.types import AnyText, Json, Names, UtcInstant

jobs = Table(
    "jobs",
    metadata,
    Column("jobid", Key, primary_key=True, autoincrement=True),
    Column("name", Name, nullable=False, unique=True),
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
    info=NUMBERED_ONCE,
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
    Column("groupid", Key, primary_key=True, autoincrement=True),
    Column("name", Name, nullable=False, unique=True),
    Column("description", AnyText, nullable=False, server_default=""),
    Column("enabled", Boolean, nullable=False),
    Column("disabled_by", AnyText, nullable=False, server_default=""),
    Column("disabled_at", UtcInstant),
    Column("change_seq", BigInteger, nullable=False, server_default="0"),
    info=NUMBERED_ONCE,
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
    Column("stateid", Key, primary_key=True, autoincrement=True),
    Column("jobid", BigInteger, ForeignKey("jobs.jobid", ondelete="CASCADE"), nullable=False),
    Column("job_instanceid", BigInteger),
    Column("data", Json),  # NULL: cleared
    Column("saved_at", UtcInstant, nullable=False),
    Column("who", AnyText, nullable=False, server_default=""),
    Index("ix_job_state_history_jobid", "jobid", "stateid"),
)
