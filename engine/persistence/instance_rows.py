"""The columns of an instance, in the order of its record."""

from sqlalchemy import literal_column, select

from engine.persistence.tables import job_instance as table

# Said as the index on the status says it, so that the databases know that it serves.
NOT_COMPLETE = table.c.jobstatus != literal_column("'COMPLETE'")
INSTANCE_COLUMNS = select(
    table.c.job_instanceid,
    table.c.jobid,
    table.c.jobstatus,
    table.c.cause,
    table.c.started,
    table.c.sessionid,
    table.c.completed,
    table.c.due_at,
    table.c.late,
    table.c.stands_for,
    table.c.who,
    table.c.info,
    table.c.ending,
    table.c.exit_code,
    table.c.exit_signal,
    table.c.detail,
    table.c.progress,
    table.c.progress_text,
    table.c.options,
    table.c.pid,
    table.c.host,
    table.c.log_file,
    table.c.log_start,
    table.c.log_end,
    table.c.cpu_seconds,
    table.c.max_rss,
    table.c.change_seq,
)
