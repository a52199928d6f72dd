"""Ids of contracts and customers are kept as they are compared: width, case and spaces do not count
any more.

A contract or customer whose id would become another's keeps its own: they are two, and the next
import lists what that means.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BESIDE_CJK = re.compile(
    r"(?<=[\u3005-\u30ff\u3400-\u9fff])\s+|\s+(?=[\u3005-\u30ff\u3400-\u9fff])"
)


def upgrade() -> None:
    """Rewrites the ids that change by this."""
    for name in ("contracts", "customers"):
        table = sa.table(
            name, sa.column("id"), sa.column("source"), sa.column("source_id"), sa.column("name")
        )
        wanted = (
            table.c.id,
            table.c.source,
            table.c.source_id,
            *([table.c.name] if name == "customers" else []),
        )
        rows = op.get_bind().execute(sa.select(*wanted).order_by(table.c.id)).all()
        taken = {(row[1], row[2]) for row in rows}
        changes = []
        for id_, source, old, *named in rows:
            new = _folded(old, named[0] if named else None)
            if new != old and (source, new) not in taken:
                taken.add((source, new))
                changes.append({"row": id_, "new": new})
        if changes:
            op.get_bind().execute(
                sa.update(table)
                .where(table.c.id == sa.bindparam("row"))
                .values(source_id=sa.bindparam("new")),
                changes,
            )


def _folded(old: str, name: str | None) -> str:
    """An id as it is kept from now on; a customer's id that was made from the name is made from it
    again."""
    plain = " ".join(unicodedata.normalize("NFKC", old).casefold().split())
    made = name is not None and plain == " ".join(
        unicodedata.normalize("NFKC", name).casefold().split()
    )
    return _BESIDE_CJK.sub("", plain) if made else plain
