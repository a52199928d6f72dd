"""How each channel does: paused channels, shared by all workers; from which window a nudge was delayed."""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a table and a column; nothing that exists changes its meaning."""
    op.create_table(
        "channel_conditions",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("setup", sa.String(), nullable=False),
        sa.Column("ok_at", UtcDateTime(), nullable=True),
        sa.Column("paused_at", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("probe_at", UtcDateTime(), nullable=True),
        sa.Column("nature", sa.String(), nullable=True),
        sa.Column("because", sa.String(), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("channel", "setup", name=op.f("pk_channel_conditions")),
    )
    with op.batch_alter_table("nudges") as nudges:
        nudges.add_column(sa.Column("delayed_from", sa.Date(), nullable=True))
