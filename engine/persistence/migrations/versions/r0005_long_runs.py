"""Find the long runs of a moment without a look at all runs before it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_job_instance_long",
        "job_instance",
        ["completed", "started"],
        sqlite_where=sa.text("julianday(completed) - julianday(started) > 0.0625"),
        postgresql_where=sa.text("completed - started > interval '90 minutes'"),
    )


def downgrade() -> None:
    """A store is not made older."""
    raise NotImplementedError
