"""The condition of each channel: paused channels, shared by all workers; from which window a nudge
was delayed; what the posts of a message show, and since when it is looked for."""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.database.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a table and columns; nothing that exists changes its meaning."""
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
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("shown", sa.JSON(none_as_null=True), nullable=True))
        messages.add_column(sa.Column("looked_at", UtcDateTime(), nullable=True))
