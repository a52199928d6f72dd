"""A mark of each HubSpot deal's values at the last daily count, by which what HubSpot calculates is
seen to change."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a column; a record without a mark is as one that was never counted."""
    op.add_column(
        "hubspot_records",
        sa.Column("counted_values", sa.String(), nullable=False, server_default=""),
    )
