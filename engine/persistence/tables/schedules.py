"""Tables of what was due and what became of it: revisions, cursors, verdicts, holds, prunings."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.domain.verdict import Reason, Verdict
from engine.persistence.tables.base import Key, metadata, one_where
from engine.persistence.types import AnyText, UtcInstant, Word

# Which schedule a job had from when to when: what the ledger recomputes due instants from.
schedule_revisions = Table(
    "schedule_revisions",
    metadata,
    Column("revisionid", Key, primary_key=True, autoincrement=True),
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
    Column("anchor_at", UtcInstant),  # a recurring one counts from here; NULL: from began_at
    Index("ix_schedule_revisions_jobid_began_at", "jobid", "began_at"),
    Index("ix_schedule_revisions_ended_at", "ended_at"),
    one_where("uq_schedule_revisions_in_force", "jobid", "ended_at IS NULL"),
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
    Column("ended_at", UtcInstant),  # the engine was forgotten: nothing is due for it since
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
    Column("verdictid", Key, primary_key=True, autoincrement=True),
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
    Column("holdid", Key, primary_key=True, autoincrement=True),
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
