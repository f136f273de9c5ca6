"""Remember from when a recurring schedule counts that goes on in a later revision."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.types import UtcInstant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("schedule_revisions", sa.Column("anchor_at", UtcInstant()))


def downgrade() -> None:
    """A store is not made older."""
    raise NotImplementedError
