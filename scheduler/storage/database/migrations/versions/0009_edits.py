"""What people change by hand: which fields, by whom, and until which file; people who turned out to
be one."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds columns and a table; nothing that exists changes its meaning."""
    op.add_column("imports", sa.Column("actor", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        people.create_foreign_key(
            op.f("fk_people_merged_into_id_people"), "people", ["merged_into_id"], ["id"]
        )
    op.create_table(
        "edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_edits_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edits")),
    )
    op.create_index("ix_edits_import_id", "edits", ["import_id"])
    op.create_index("ix_edits_table_name_row_id", "edits", ["table_name", "row_id"])
