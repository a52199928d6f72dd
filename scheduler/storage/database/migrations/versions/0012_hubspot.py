"""What keeping in step with HubSpot remembers: records as read, what was written, what is on its
way, conflicts."""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.database.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _at(name: str, *, nullable: bool = True) -> "sa.Column[object]":
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def _text(name: str, default: str | None = None) -> "sa.Column[object]":
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def upgrade() -> None:
    """Adds five tables; nothing that exists changes its meaning."""
    op.create_table(
        "hubspot_records",
        sa.Column("record_id", sa.String(), nullable=False),
        _text("state", "here"),
        _text("into", ""),
        sa.Column("raw", sa.JSON(), nullable=False),
        _text("company_id", ""),
        _text("company", ""),
        _at("modified_at"),
        _at("read_at", nullable=False),
        _at("taken_at"),
        _text("waits", ""),
        sa.Column("held", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_hubspot_records")),
    )
    where = sa.text("waits <> ''")
    for name, columns in (
        ("waits", ["waits", "record_id"]),
        ("queue", ["waits", "read_at", "record_id"]),
        ("company", ["waits", "company_id"]),
    ):
        op.create_index(
            f"ix_hubspot_records_{name}",
            "hubspot_records",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_index("ix_hubspot_records_state", "hubspot_records", ["state"])
    op.create_table(
        "hubspot_ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        _at("read_at", nullable=False),
        _at("at", nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
        _at("checked_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hubspot_ledger")),
    )
    op.create_index("ix_hubspot_ledger_record_id_name", "hubspot_ledger", ["record_id", "name"])
    unchecked = sa.text("checked_at IS NULL")
    op.create_index(
        "ix_hubspot_ledger_unchecked",
        "hubspot_ledger",
        ["id"],
        sqlite_where=unchecked,
        postgresql_where=unchecked,
    )
    op.create_table(
        "hubspot_pushes",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        _text("state", "in_step"),
        sa.Column("because", sa.Text(), nullable=False),
        _text("digest", ""),
        sa.Column("handed", sa.JSON(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        _at("lease_until"),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _at("not_before_at"),
        _at("handed_over_at"),
        _at("pushed_at"),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_hubspot_pushes_deal_id_deals")
        ),
        sa.PrimaryKeyConstraint("deal_id", name=op.f("pk_hubspot_pushes")),
    )
    op.create_index("ix_hubspot_pushes_record_id", "hubspot_pushes", ["record_id"])
    op.create_index(
        "ix_hubspot_pushes_state_not_before_at", "hubspot_pushes", ["state", "not_before_at"]
    )
    leased = sa.text("lease_until IS NOT NULL")
    op.create_index(
        "ix_hubspot_pushes_lease",
        "hubspot_pushes",
        ["lease_until"],
        sqlite_where=leased,
        postgresql_where=leased,
    )
    op.create_table(
        "hubspot_conflicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        _text("who", ""),
        sa.Column("theirs", sa.Text(), nullable=False),
        _at("theirs_at", nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        _at("ours_at", nullable=False),
        sa.Column("winner", sa.String(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        _at("at", nullable=False),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_hubspot_conflicts_deal_id_deals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hubspot_conflicts")),
        sa.UniqueConstraint(
            "record_id",
            "name",
            "theirs_at",
            name=op.f("uq_hubspot_conflicts_record_id_name_theirs_at"),
        ),
    )
    op.create_index("ix_hubspot_conflicts_deal_id", "hubspot_conflicts", ["deal_id"])
    op.create_table(
        "hubspot_state",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        _at("at", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_hubspot_state")),
    )
