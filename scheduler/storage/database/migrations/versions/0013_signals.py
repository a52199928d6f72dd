"""Signals: what was measured of contracts and customers, with every value ever believed."""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.database.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MEASUREMENT = ["subject_id", "name", "at", "source"]


def upgrade() -> None:
    """Adds two tables; nothing that exists changes its meaning."""
    _subjects()
    _signals()


def _subjects() -> None:
    op.create_table(
        "signal_subjects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('contract', 'customer')", name=op.f("ck_signal_subjects_kind")
        ),
        _means("contract_id", "contracts"),
        _means("customer_id", "customers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_subjects")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_signal_subjects_kind_key")),
    )
    for column in ("contract_id", "customer_id"):
        op.create_index(f"ix_signal_subjects_{column}", "signal_subjects", [column])


def _means(column: str, table: str) -> sa.ForeignKeyConstraint:
    """What a subject turned out to be, while that is there."""
    name = op.f(f"fk_signal_subjects_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="SET NULL")


def _signals() -> None:
    op.create_table(
        "signals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(), nullable=False, server_default=""),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("superseded_at", UtcDateTime(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "voided_at IS NULL OR superseded_at IS NOT NULL", name=op.f("ck_signals_voided")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["signal_subjects.id"],
            name=op.f("fk_signals_subject_id_signal_subjects"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_signals_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    live, past = sa.text("superseded_at IS NULL"), sa.text("superseded_at IS NOT NULL")
    op.create_index(
        "ix_signals_live",
        "signals",
        _MEASUREMENT,
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_index(
        "ix_signals_past", "signals", _MEASUREMENT, sqlite_where=past, postgresql_where=past
    )
    op.create_index("ix_signals_import_id", "signals", ["import_id"])
