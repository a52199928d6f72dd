"""The queries of what people have set by hand. Always holds: an edit stands while its import does and nothing has ended it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from scheduler.core.edits import Edit
from scheduler.storage.rows import metadata

EDITS, IMPORTS, CUSTOMERS = metadata.tables["edits"], metadata.tables["imports"], metadata.tables["customers"]
_AT_A_TIME = 900
_STANDING = (
    select(
        EDITS.c.id, EDITS.c.import_id, EDITS.c.row_id, EDITS.c.field, EDITS.c.value, EDITS.c.was, EDITS.c.kept, IMPORTS.c.actor, IMPORTS.c.started_at
    )
    .join(IMPORTS, IMPORTS.c.id == EDITS.c.import_id)
    .where(IMPORTS.c.state != "undone", EDITS.c.ended_by.is_(None))
    .order_by(EDITS.c.id)
)  # fmt: skip


def standing_edits(connection: Connection, table: str, rows: Collection[int]) -> dict[int, list[Edit]]:
    """What stands of the edits of these rows, oldest first, by the row."""
    found: dict[int, list[Edit]] = defaultdict(list)
    wanted = sorted(rows)
    for start in range(0, len(wanted), _AT_A_TIME):
        query = _STANDING.where(EDITS.c.table_name == table, EDITS.c.row_id.in_(wanted[start : start + _AT_A_TIME]))
        for edit in _read(connection, query):
            found[edit.row].append(edit)
    return dict(found)


def edits_of_customers(connection: Connection, source: str, customers: Collection[str]) -> Mapping[str, Edit]:
    """What stands of the edits of these customers, by their ids at a source."""
    wanted, found = sorted(customers), dict[str, Edit]()
    for start in range(0, len(wanted), _AT_A_TIME):
        some = select(CUSTOMERS.c.id, CUSTOMERS.c.source_id).where(
            CUSTOMERS.c.source == source, CUSTOMERS.c.source_id.in_(wanted[start : start + _AT_A_TIME])
        )
        names = {row.id: row.source_id for row in connection.execute(some)}
        found |= {names[row]: edits[-1] for row, edits in standing_edits(connection, "customers", names).items()}
    return found


def _read(connection: Connection, query: Select[Any]) -> Sequence[Edit]:
    """Edits as values."""
    return [Edit(*row) for row in connection.execute(query)]
