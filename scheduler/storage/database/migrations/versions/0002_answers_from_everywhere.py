"""Absences, envelopes from outside, how people wish to hear, and what an answer leaves in events,
nudges and messages."""

import sqlalchemy as sa
from alembic import op

from scheduler.storage.database.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FALSE = sa.text("false")


def upgrade() -> None:
    """Adds tables and columns; nothing that exists changes its meaning."""
    _tables()
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("pace", sa.String(), nullable=False, server_default="daily"))
        people.add_column(sa.Column("feed_secret", sa.String(), nullable=True))
        people.add_column(sa.Column("left_told_at", UtcDateTime(), nullable=True))
        people.create_index(op.f("ix_people_feed_secret"), ["feed_secret"])
    with op.batch_alter_table("deals") as deals:
        deals.add_column(sa.Column("called_on", sa.Date(), nullable=True))
    with op.batch_alter_table("events") as events:
        events.add_column(sa.Column("seen", sa.Boolean(), nullable=False, server_default=_FALSE))
        events.add_column(sa.Column("answer", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("nudges") as nudges:
        nudges.add_column(
            sa.Column("urgency", sa.String(), nullable=False, server_default="normal")
        )
        nudges.add_column(sa.Column("late", sa.Boolean(), nullable=False, server_default=_FALSE))
        nudges.add_column(sa.Column("instead_of", sa.Integer(), nullable=True))
        nudges.create_check_constraint("urgency", "urgency IN ('normal', 'pressing', 'urgent')")
        nudges.create_foreign_key(
            op.f("fk_nudges_instead_of_people"), "people", ["instead_of"], ["id"]
        )
    op.create_index(
        "ix_nudges_held",
        "nudges",
        ["recipient"],
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("refresh_at", UtcDateTime(), nullable=True))
    waits = sa.text("refresh_at IS NOT NULL")
    op.create_index(
        "ix_messages_refresh",
        "messages",
        ["refresh_at"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    with op.batch_alter_table("answers") as answers:
        answers.add_column(sa.Column("request", sa.String(), nullable=True))
    op.create_index("uq_answers_request", "answers", ["request"], unique=True)


def _tables() -> None:
    """The new tables."""
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_absences_dates")),
        sa.CheckConstraint(
            "delegate_id IS NULL OR delegate_id <> person_id", name=op.f("ck_absences_delegate")
        ),
        sa.ForeignKeyConstraint(
            ["delegate_id"], ["people.id"], name=op.f("fk_absences_delegate_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_absences_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_person_id"), "absences", ["person_id"])
    op.create_table(
        "envelopes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("envelope_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("not_before_at", UtcDateTime(), nullable=False),
        sa.Column("handled_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelopes")),
        sa.UniqueConstraint("envelope_id", name=op.f("uq_envelopes_envelope_id")),
    )
    is_open = sa.text("handled_at IS NULL")
    op.create_index(
        "ix_envelopes_open",
        "envelopes",
        ["received_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
