"""Remember when an account ended because its engine was forgotten."""

import sqlalchemy as sa
from alembic import op

from engine.persistence.types import UtcInstant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("schedule_cursor", sa.Column("ended_at", UtcInstant()))


def downgrade() -> None:
    """A store is not made older."""
    raise NotImplementedError
