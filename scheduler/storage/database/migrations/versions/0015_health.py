"""What a deal's health is made of: what a person said, what its signals lead to, and its history.

What people said before stays in force: it is the health the deal has.
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.database.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two columns and a table; nothing that exists changes its meaning."""
    op.add_column("deals", sa.Column("health_said", sa.Text(), nullable=True))
    op.add_column("deals", sa.Column("health_outlook", sa.Text(), nullable=True))
    op.create_table(
        "health_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.CheckConstraint(
            "health IN ('stable', 'at_risk', 'critical', 'unknown')",
            name=op.f("ck_health_changes_health"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_health_changes_deal_id_deals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_changes")),
    )
    op.create_index("ix_health_changes_deal_id", "health_changes", ["deal_id"])
