"""What people changed by hand in contracts, as listings tell it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.formats import money
from scheduler.core.imports.by_hand import EDITS as KIND
from scheduler.core.imports.by_hand import TERM_FIELDS
from scheduler.services.deals.listing import EditLine
from scheduler.storage.database.rows import metadata

CHANGES, IMPORTS, PEOPLE = (
    metadata.tables[name] for name in ("import_changes", "imports", "people")
)
_PEOPLE_COLUMNS = ("owner_id", "sales_id")
_TOLD = (*TERM_FIELDS, "amount", "currency", "product", *_PEOPLE_COLUMNS)


def edited_contracts(
    connection: Connection, contracts: Mapping[int, str]
) -> dict[int, list[EditLine]]:
    """The fields that people changed by hand in these contracts (with their currencies), oldest
    first."""
    found: dict[int, list[EditLine]] = defaultdict(list)
    query = (
        select(
            CHANGES.c.row_id,
            CHANGES.c.before,
            CHANGES.c.after,
            IMPORTS.c.id,
            IMPORTS.c.actor,
            IMPORTS.c.started_at,
            IMPORTS.c.state,
        )
        .join(IMPORTS, IMPORTS.c.id == CHANGES.c.import_id)
        .where(
            IMPORTS.c.kind == KIND,
            CHANGES.c.table_name == "contracts",
            CHANGES.c.row_id.in_(list(contracts)),
        )
        .order_by(CHANGES.c.id)
    )
    rows = connection.execute(query).all()
    ids = {
        v
        for r in rows
        for side in (r.before, r.after)
        for n, v in side.items()
        if n in _PEOPLE_COLUMNS and v is not None
    }
    names = (
        {
            p.id: p.name
            for p in connection.execute(
                select(PEOPLE.c.id, PEOPLE.c.name).where(PEOPLE.c.id.in_(ids))
            )
        }
        if ids
        else {}
    )
    for r in rows:
        fields = tuple(
            (
                name.removesuffix("_id"),
                *(
                    shown(name, side[name], contracts[r.row_id], names)
                    for side in (r.before, r.after)
                ),
            )
            for name in r.after
            if name in _TOLD
        )
        if fields:
            found[r.row_id].append(
                EditLine(r.id, r.actor, r.started_at, r.state == "undone", fields)
            )
    return dict(found)


def shown(name: str, value: Any, currency: str, names: Mapping[int, str]) -> str:
    """A column's value as people read it."""
    if value is None:
        return ""
    if name in _PEOPLE_COLUMNS:
        return names.get(value, str(value))
    return money(Money(value, currency)) if name == "amount" else str(value)
