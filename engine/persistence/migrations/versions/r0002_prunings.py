"""Remember up to when the records of each job were pruned."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.types import UtcInstant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "prunings",
        sa.Column("jobid", sa.BigInteger(), nullable=False),
        sa.Column("pruned_until", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("jobid", name="pk_prunings"),
        sa.ForeignKeyConstraint(
            ["jobid"], ["jobs.jobid"], name="fk_prunings_jobid", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """A store is not made older."""
    raise NotImplementedError
