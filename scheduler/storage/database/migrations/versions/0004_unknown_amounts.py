"""An unknown amount is empty; adds the term and the notice of a renewal, where they differ from the
first.

Amounts of zero that are there stay zero: nobody can tell any more which of them were empty cells.
The next import of a file whose cell is empty makes them unknown.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two columns and lets one be empty; nothing that exists changes its meaning."""
    op.add_column("contracts", sa.Column("renewal_term", sa.String(), nullable=True))
    op.add_column("contracts", sa.Column("renewal_notice", sa.String(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _let_amount_be_empty()
    else:
        op.alter_column("contracts", "amount", existing_type=sa.Integer(), nullable=True)


def _let_amount_be_empty() -> None:
    """Takes NOT NULL from the column in SQLite's own record of the table, as its manual shows
    (lang_altertable, "making other kinds of changes").

    A table that others point to cannot be rebuilt inside a transaction while foreign keys are
    enforced.
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, 'amount INTEGER NOT NULL', 'amount "
        "INTEGER') WHERE type = 'table' AND name = 'contracts'"
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {int(version) + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    required = {
        row[1]: row[3] for row in connection.exec_driver_sql("PRAGMA table_info(contracts)")
    }
    if required["amount"]:
        raise RuntimeError(
            "the column contracts.amount still refuses to be empty; the database was left as it was"
        )
