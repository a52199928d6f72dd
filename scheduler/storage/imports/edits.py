"""The queries of what people have set by hand. Always holds: an edit stands while its import does
and nothing has ended it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, literal, select

from scheduler.core.imports.edits import Edit
from scheduler.core.imports.texts import FIELD_LABELS
from scheduler.services.imports.import_report import FieldMoved
from scheduler.storage.database.rows import metadata
from scheduler.storage.imports.edited import IMPORTS, PEOPLE, shown

EDITS, CUSTOMERS = (
    metadata.tables["edits"],
    metadata.tables["customers"],
)
CONTRACTS, DEALS = metadata.tables["contracts"], metadata.tables["deals"]
_AT_A_TIME = 900
_CONTRACT = (CONTRACTS.c.number, CUSTOMERS.c.name, CONTRACTS.c.currency)
_NO_CONTRACT, _NO_DEAL = literal("").label("number"), literal("").label("pipeline")
_CALLED: Mapping[str, Select[Any]] = {
    "contracts": select(CONTRACTS.c.id, *_CONTRACT, _NO_DEAL).join(
        CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id
    ),
    "deals": select(DEALS.c.id, *_CONTRACT, DEALS.c.pipeline)
    .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id),
    "customers": select(
        CUSTOMERS.c.id, _NO_CONTRACT, CUSTOMERS.c.name, literal("").label("currency"), _NO_DEAL
    ),
    "people": select(
        PEOPLE.c.id, _NO_CONTRACT, PEOPLE.c.name, literal("").label("currency"), _NO_DEAL
    ),
}
"""What the rows of each table are called: a contract's number, a name, a currency, a deal's
pipeline."""
_STANDING = (
    select(
        EDITS.c.id,
        EDITS.c.import_id,
        EDITS.c.row_id,
        EDITS.c.field,
        EDITS.c.value,
        EDITS.c.was,
        EDITS.c.kept,
        IMPORTS.c.actor,
        IMPORTS.c.started_at,
    )
    .join(IMPORTS, IMPORTS.c.id == EDITS.c.import_id)
    .where(IMPORTS.c.state != "undone", EDITS.c.ended_by.is_(None))
    .order_by(EDITS.c.id)
)


def standing_edits(
    connection: Connection, table: str, rows: Collection[int]
) -> dict[int, list[Edit]]:
    """The edits of these rows that are in force, oldest first, by the row."""
    found: dict[int, list[Edit]] = defaultdict(list)
    wanted = sorted(rows)
    for start in range(0, len(wanted), _AT_A_TIME):
        query = _STANDING.where(
            EDITS.c.table_name == table, EDITS.c.row_id.in_(wanted[start : start + _AT_A_TIME])
        )
        for edit in _read(connection, query):
            found[edit.row].append(edit)
    return dict(found)


def edits_of_customers(
    connection: Connection, source: str, customers: Collection[str]
) -> Mapping[str, Edit]:
    """The edits of these customers that are in force, by their ids at a source."""
    wanted, found = sorted(customers), dict[str, Edit]()
    for start in range(0, len(wanted), _AT_A_TIME):
        some = select(CUSTOMERS.c.id, CUSTOMERS.c.source_id).where(
            CUSTOMERS.c.source == source,
            CUSTOMERS.c.source_id.in_(wanted[start : start + _AT_A_TIME]),
        )
        names = {row.id: row.source_id for row in connection.execute(some)}
        found |= {
            names[row]: edits[-1]
            for row, edits in standing_edits(connection, "customers", names).items()
        }
    return found


def came_back(connection: Connection, changes: Sequence[Mapping[str, Any]]) -> list[FieldMoved]:
    """The fields that putting edits back changed, as texts: from what the edit had set to what is
    there again."""
    rows = {
        table: sorted({c["row_id"] for c in changes if c["table_name"] == table})
        for table in _CALLED
    }
    called = {
        table: _named_rows(connection, query, rows[table]) for table, query in _CALLED.items()
    }
    names = {p.id: p.name for p in connection.execute(select(PEOPLE.c.id, PEOPLE.c.name))}
    customers = _named_rows(
        connection,
        _CALLED["customers"],
        {
            v
            for c in changes
            for side in ("before", "after")
            if (v := c[side].get("customer_id")) is not None
        },
    )
    found = []
    for change in changes:
        row = called.get(change["table_name"], {}).get(change["row_id"])
        if row is None:
            continue
        for name, now in change["after"].items():
            if name.removesuffix("_id") in FIELD_LABELS and now != change["before"].get(name):
                was, back = (
                    _worded(name, value, row.currency, names, customers)
                    for value in (now, change["before"].get(name))
                )
                found.append(
                    FieldMoved(
                        row.number,
                        row.name,
                        name.removesuffix("_id"),
                        was,
                        back,
                        pipeline=row.pipeline,
                    )
                )
    return found


def _named_rows(connection: Connection, query: Select[Any], ids: Collection[int]) -> dict[int, Any]:
    """The names of rows, by their ids."""
    wanted, found, key = sorted(ids), dict[int, Any](), query.selected_columns[0]
    for start in range(0, len(wanted), _AT_A_TIME):
        found |= {
            row[0]: row
            for row in connection.execute(query.where(key.in_(wanted[start : start + _AT_A_TIME])))
        }
    return found


def _worded(
    name: str, value: Any, currency: str, names: Mapping[int, str], customers: Mapping[int, Any]
) -> str:
    """A column's value as people read it, of any table."""
    if name == "customer_id" and value in customers:
        return str(customers[value].name)
    return names.get(value, "") if name == "manager_id" else shown(name, value, currency, names)


def _read(connection: Connection, query: Select[Any]) -> Sequence[Edit]:
    """Edits as values."""
    return [Edit(*row) for row in connection.execute(query)]
