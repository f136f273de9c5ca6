"""The first tables."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.types import UtcInstant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.String(160).with_variant(sa.String(160, collation="C"), "postgresql")


def upgrade() -> None:
    """Create everything."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE change_numbers")
    _create_alerts()
    _create_audit_events()
    _create_groups()
    _create_removals()
    _create_requests()
    _create_sessions()
    _create_store_info()
    _create_jobs()
    _create_group_jobs()
    _create_job_holds()
    _create_job_instance()
    _create_job_lib()
    _create_job_state_data()
    _create_job_state_history()
    _create_job_tags()
    _create_schedule_cursor()
    _create_schedule_revisions()
    _create_verdicts()
    _create_job_errors()


def downgrade() -> None:
    """Nothing is older than this."""
    raise NotImplementedError


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("alertid", _KEY, nullable=False, autoincrement=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("alert", sa.String(40), nullable=False),
        sa.Column("object_type", sa.String(20), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised", UtcInstant(), nullable=False),
        sa.Column("updated", UtcInstant(), nullable=False),
        sa.Column("cleared", UtcInstant()),
        sa.Column("job_instanceid", sa.BigInteger()),
        sa.PrimaryKeyConstraint("alertid", name="pk_alerts"),
    )
    op.create_index("ix_alerts_cleared", "alerts", ["cleared"])
    op.create_index("ix_alerts_object", "alerts", ["object_type", "object_name", "alert"])


def _create_audit_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column("audit_eventid", _KEY, nullable=False, autoincrement=True),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("object_type", sa.String(20), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("created", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("audit_eventid", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_created", "audit_events", ["created"])
    op.create_index("ix_audit_events_object", "audit_events", ["object_type", "object_name"])


def _create_groups() -> None:
    op.create_table(
        "groups",
        sa.Column("groupid", _KEY, nullable=False, autoincrement=True),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("description", sa.Text(), nullable=False, server_default=""),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("disabled_at", UtcInstant()),
        sa.Column("change_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("groupid", name="pk_groups"),
        sa.UniqueConstraint("name", name="uq_groups_name"),
    )


def _create_removals() -> None:
    op.create_table(
        "removals",
        sa.Column("removalid", _KEY, nullable=False, autoincrement=True),
        sa.Column("object_type", sa.String(20), nullable=False),
        sa.Column("objectid", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("change_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("removalid", name="pk_removals"),
    )
    op.create_index("ix_removals_change_seq", "removals", ["change_seq"])


def _create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("requestid", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("engine_key", sa.String(80), nullable=False, server_default=""),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created", UtcInstant(), nullable=False),
        sa.Column("answered", UtcInstant()),
        sa.Column("ok", sa.Boolean()),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("requestid", name="pk_requests"),
    )
    op.create_index("ix_requests_answered", "requests", ["answered"])


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("sessionid", _KEY, nullable=False, autoincrement=True),
        sa.Column("instancekey", sa.String(80), nullable=False),
        sa.Column("hostname", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("boot_id", sa.String(64), nullable=False),
        sa.Column("pid_started", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sessionstatus", sa.String(24), nullable=False),
        sa.Column("started", UtcInstant(), nullable=False),
        sa.Column("ended", UtcInstant()),
        sa.Column("beat_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("beat_at", UtcInstant(), nullable=False),
        sa.Column("lease_seconds", sa.Float(), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False, server_default="running"),
        sa.Column("supervisor", sa.Text(), nullable=False, server_default=""),
        sa.Column("change_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("sessionid", name="pk_sessions"),
    )
    op.create_index("ix_sessions_sessionstatus", "sessions", ["sessionstatus"])
    where = sa.text("sessionstatus = 'ACTIVE'")
    op.create_index(
        "uq_sessions_living",
        "sessions",
        ["instancekey"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _create_store_info() -> None:
    op.create_table(
        "store_info",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("storeid", sa.String(36), nullable=False),
        sa.Column("created", UtcInstant(), nullable=False),
        sa.Column("change_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_job_instanceid", sa.BigInteger(), nullable=False),
        sa.Column("retention_days", sa.Float()),
        sa.PrimaryKeyConstraint("id", name="pk_store_info"),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("jobid", _KEY, nullable=False, autoincrement=True),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False, server_default=""),
        sa.Column("author", sa.Text(), nullable=False, server_default=""),
        sa.Column("sessionid", sa.BigInteger()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("run_skipped", sa.Boolean(), nullable=False),
        sa.Column("single_instance", sa.Boolean(), nullable=False),
        sa.Column("last_executed", UtcInstant()),
        sa.Column("last_executed_job_instanceid", sa.BigInteger()),
        sa.Column("expiry_date", UtcInstant()),
        sa.Column("recurring", sa.Integer()),
        sa.Column("minute", sa.Text()),
        sa.Column("hour", sa.Text()),
        sa.Column("day", sa.Text()),
        sa.Column("month", sa.Text()),
        sa.Column("wday", sa.Text()),
        sa.Column("timezone", sa.String(80), nullable=False),
        sa.Column("dst_gap", sa.String(8), nullable=False, server_default="after"),
        sa.Column("dst_overlap", sa.String(8), nullable=False, server_default="first"),
        sa.Column("trigger_at", UtcInstant()),
        sa.Column("lang", sa.String(16), nullable=False),
        sa.Column("isolation", sa.String(16), nullable=False),
        sa.Column("timeout", sa.Float()),
        sa.Column("retention", sa.Float()),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("overridden", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, server_default=""),
        sa.Column("source_line", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("retired_at", UtcInstant()),
        sa.Column("reset_seq", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created", UtcInstant(), nullable=False),
        sa.Column("modified", UtcInstant(), nullable=False),
        sa.Column("change_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("execution", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("jobid", name="pk_jobs"),
        sa.UniqueConstraint("name", name="uq_jobs_name"),
        sa.ForeignKeyConstraint(["sessionid"], ["sessions.sessionid"], name="fk_jobs_sessionid"),
    )
    op.create_index("ix_jobs_change_seq", "jobs", ["change_seq"])


def _create_group_jobs() -> None:
    op.create_table(
        "group_jobs",
        sa.Column("groupid", sa.BigInteger(), nullable=False),
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("groupid", "jobid", name="pk_group_jobs"),
        sa.ForeignKeyConstraint(
            ["groupid"], ["groups.groupid"], name="fk_group_jobs_groupid", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_group_jobs_jobid", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_group_jobs_jobid", "group_jobs", ["jobid"])


def _create_job_holds() -> None:
    op.create_table(
        "job_holds",
        sa.Column("holdid", _KEY, nullable=False, autoincrement=True),
        sa.Column("jobid", sa.BigInteger()),
        sa.Column("engine_key", sa.String(80), nullable=False, server_default=""),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sa.Column("who", sa.Text(), nullable=False, server_default=""),
        sa.Column("since", UtcInstant(), nullable=False),
        sa.Column("until", UtcInstant()),
        sa.PrimaryKeyConstraint("holdid", name="pk_job_holds"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_job_holds_jobid", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_job_holds_jobid_until", "job_holds", ["jobid", "until"])
    op.create_index("ix_job_holds_until", "job_holds", ["until"])


def _create_job_instance() -> None:
    op.create_table(
        "job_instance",
        sa.Column("job_instanceid", _KEY, nullable=False, autoincrement=True),
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("sessionid", sa.BigInteger()),
        sa.Column("jobstatus", sa.String(12), nullable=False),
        sa.Column("info", sa.Text()),
        sa.Column("started", UtcInstant(), nullable=False),
        sa.Column("completed", UtcInstant()),
        sa.Column("due_at", UtcInstant()),
        sa.Column("engine_key", sa.String(80), nullable=False, server_default=""),
        sa.Column("cause", sa.String(10), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("stands_for", UtcInstant()),
        sa.Column("who", sa.Text(), nullable=False, server_default=""),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("ending", sa.String(16)),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("exit_signal", sa.Integer()),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sa.Column("progress", sa.Float()),
        sa.Column("progress_text", sa.Text(), nullable=False, server_default=""),
        sa.Column("options", sa.Text()),
        sa.Column("requestid", sa.String(36)),
        sa.Column("pid", sa.Integer()),
        sa.Column("host", sa.String(255), nullable=False, server_default=""),
        sa.Column("log_file", sa.Text(), nullable=False, server_default=""),
        sa.Column("log_start", sa.BigInteger()),
        sa.Column("log_end", sa.BigInteger()),
        sa.Column("cpu_seconds", sa.Float()),
        sa.Column("max_rss", sa.BigInteger()),
        sa.Column("change_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("job_instanceid", name="pk_job_instance"),
        sa.UniqueConstraint(
            "jobid", "due_at", "engine_key", name="uq_job_instance_jobid_due_at_engine_key"
        ),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_job_instance_jobid", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_job_instance_change_seq", "job_instance", ["change_seq"])
    op.create_index("ix_job_instance_jobid", "job_instance", ["jobid", "job_instanceid"])
    where = sa.text("jobstatus <> 'COMPLETE'")
    op.create_index(
        "ix_job_instance_jobstatus",
        "job_instance",
        ["jobstatus", "job_instanceid"],
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_index("ix_job_instance_started", "job_instance", ["started"], postgresql_using="brin")


def _create_job_lib() -> None:
    op.create_table(
        "job_lib",
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("load_order", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("jobid", "load_order", name="pk_job_lib"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_job_lib_jobid", ondelete="CASCADE"
        ),
    )


def _create_job_state_data() -> None:
    op.create_table(
        "job_state_data",
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("job_instanceid", sa.BigInteger()),
        sa.Column("saved_at", UtcInstant(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("jobid", name="pk_job_state_data"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_job_state_data_jobid", ondelete="CASCADE"
        ),
    )


def _create_job_state_history() -> None:
    op.create_table(
        "job_state_history",
        sa.Column("stateid", _KEY, nullable=False, autoincrement=True),
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("job_instanceid", sa.BigInteger()),
        sa.Column("data", sa.Text()),
        sa.Column("saved_at", UtcInstant(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("stateid", name="pk_job_state_history"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_job_state_history_jobid", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_job_state_history_jobid", "job_state_history", ["jobid", "stateid"])


def _create_job_tags() -> None:
    op.create_table(
        "job_tags",
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("jobid", "tag", name="pk_job_tags"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_job_tags_jobid", ondelete="CASCADE"
        ),
    )


def _create_schedule_cursor() -> None:
    op.create_table(
        "schedule_cursor",
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("engine_key", sa.String(80), nullable=False),
        sa.Column("began_at", UtcInstant(), nullable=False),
        sa.Column("accounted_until", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("jobid", "engine_key", name="pk_schedule_cursor"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_schedule_cursor_jobid", ondelete="CASCADE"
        ),
    )


def _create_schedule_revisions() -> None:
    op.create_table(
        "schedule_revisions",
        sa.Column("revisionid", _KEY, nullable=False, autoincrement=True),
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("began_at", UtcInstant(), nullable=False),
        sa.Column("ended_at", UtcInstant()),
        sa.Column("expires_at", UtcInstant()),
        sa.Column("recurring", sa.Integer()),
        sa.Column("minute", sa.Text()),
        sa.Column("hour", sa.Text()),
        sa.Column("day", sa.Text()),
        sa.Column("month", sa.Text()),
        sa.Column("wday", sa.Text()),
        sa.Column("timezone", sa.String(80), nullable=False),
        sa.Column("dst_gap", sa.String(8), nullable=False),
        sa.Column("dst_overlap", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("revisionid", name="pk_schedule_revisions"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_schedule_revisions_jobid", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_schedule_revisions_ended_at", "schedule_revisions", ["ended_at"])
    op.create_index(
        "ix_schedule_revisions_jobid_began_at", "schedule_revisions", ["jobid", "began_at"]
    )
    where = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_schedule_revisions_in_force",
        "schedule_revisions",
        ["jobid"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _create_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("verdictid", _KEY, nullable=False, autoincrement=True),
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("engine_key", sa.String(80), nullable=False, server_default=""),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sa.Column("first_due", UtcInstant(), nullable=False),
        sa.Column("last_due", UtcInstant(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("job_instanceid", sa.BigInteger()),
        sa.Column("created", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("verdictid", name="pk_verdicts"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_verdicts_jobid", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_verdicts_jobid_last_due", "verdicts", ["jobid", "last_due"])
    op.create_index("ix_verdicts_last_due", "verdicts", ["last_due"])


def _create_job_errors() -> None:
    op.create_table(
        "job_errors",
        sa.Column("job_errorid", _KEY, nullable=False, autoincrement=True),
        sa.Column("job_instanceid", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("info", sa.Text(), nullable=False, server_default=""),
        sa.Column("business_error", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("job_errorid", name="pk_job_errors"),
        sa.ForeignKeyConstraint(
            ["job_instanceid"],
            ["job_instance.job_instanceid"],
            name="fk_job_errors_job_instanceid",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_job_errors_job_instanceid", "job_errors", ["job_instanceid"])
