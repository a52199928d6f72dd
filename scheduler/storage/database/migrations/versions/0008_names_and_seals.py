"""What earlier names are called in a version of the policy, the text it was read from, and the
seals by which the balance finds a row that was changed or is gone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds columns and a table; nothing that exists changes its meaning. Rows that are there are
    sealed by the first round that follows."""
    op.add_column("policy_versions", sa.Column("names", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("policy_versions", sa.Column("text", sa.Text(), nullable=True))
    op.add_column("plans", sa.Column("text", sa.Text(), nullable=True))
    op.add_column("messages", sa.Column("seal", sa.String(), nullable=True))
    unsealed = sa.text("state = 'sent' AND seal IS NULL")
    op.create_index(
        "ix_messages_unsealed", "messages", ["id"], sqlite_where=unsealed, postgresql_where=unsealed
    )
    op.create_table(
        "seals",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "block", name=op.f("pk_seals")),
    )
