"""When an import was undone, and which of its changes were put back then: a report of a day between
the two still counts them.

What was undone before this revision keeps no time, and counts as if it had never been.
"""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.database.types import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two columns; nothing that exists changes its meaning."""
    op.add_column("imports", sa.Column("undone_at", UtcDateTime(), nullable=True))
    op.add_column("import_changes", sa.Column("put_back_at", UtcDateTime(), nullable=True))
