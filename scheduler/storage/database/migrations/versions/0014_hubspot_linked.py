"""Line items, quotes and contracts of deals from HubSpot, as far as they fill a field."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a column; nothing that exists changes its meaning."""
    op.add_column("hubspot_records", sa.Column("linked", sa.JSON(none_as_null=True), nullable=True))
