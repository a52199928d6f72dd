"""Which expected days were chosen by the program because the person who answered named none.

Known from the answers that are kept: an answer that set the day without naming it. All other days
were named by somebody, or came with a file.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_DEALS = sa.table(
    "deals",
    sa.column("id", sa.Integer),
    sa.column("expected_on", sa.Date),
    sa.column("expected_chosen", sa.Boolean),
)
_ANSWERS = sa.table(
    "answers",
    sa.column("deal_id", sa.Integer),
    sa.column("details", sa.JSON),
    sa.column("before", sa.JSON),
    sa.column("undone_at", sa.String),
)


def upgrade() -> None:
    """Adds the column; nothing that exists changes its meaning."""
    with op.batch_alter_table("deals") as deals:
        deals.add_column(
            sa.Column(
                "expected_chosen", sa.Boolean(), nullable=False, server_default=sa.text("false")
            )
        )
    connection = op.get_bind()
    query = (
        sa.select(_DEALS.c.id, _DEALS.c.expected_on, _ANSWERS.c.details, _ANSWERS.c.before)
        .join(_ANSWERS, _ANSWERS.c.deal_id == _DEALS.c.id)
        .where(_DEALS.c.expected_on.is_not(None), _ANSWERS.c.undone_at.is_(None))
    )
    chosen = {
        row.id
        for row in connection.execute(query)
        if _chose(row.expected_on.isoformat(), row.details, row.before)
    }
    for deal in sorted(chosen):
        connection.execute(
            sa.update(_DEALS).where(_DEALS.c.id == deal).values(expected_chosen=True)
        )


def _chose(day: str, details: dict[str, Any] | None, before: dict[str, Any] | None) -> bool:
    """Whether this answer set the day that stands now without naming it."""
    set_to = ((before or {}).get("after") or {}).get("expected_on")
    return bool(set_to == day and (details or {}).get("expected_on") != day)
