"""Which rows a typed word names: a contract by its number, or a text that a column holds, whatever
the case and the width of either. Always holds: it only makes conditions for queries."""

from typing import Any

from sqlalchemy import ColumnElement, String, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from scheduler.core.imports.names import number_key
from scheduler.core.imports.written_days import narrow
from scheduler.storage.database.deals import CONTRACTS, DEALS
from scheduler.storage.database.engine import NUMBER_KEY

_DIGITS = 12
"""Longer numbers than a database's are those of no deal."""
_NUMBERED = CONTRACTS.alias()
"""The contracts again, to search their numbers in the index alone."""


def named(contract: str) -> ColumnElement[bool]:
    """The deals that a contract number (any case and width) or a deal's number `#12` names."""
    plain = narrow(contract).strip()
    if plain.startswith("#") and plain[1:].isdecimal() and len(plain) < _DIGITS:
        return DEALS.c.id == int(plain[1:])
    numbers = select(_NUMBERED.c.id).where(same(_NUMBERED.c.number, contract))
    return CONTRACTS.c.id.in_(numbers)


def same(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Equal, whatever the case and the width of either."""
    return or_(column == text, Folded(column).in_({text.lower(), number_key(text)}))


def holds(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Contains the text, whatever the case and the width of either; `%` and `_` are ordinary
    characters."""
    parts = sorted({text.lower(), number_key(text)})
    return or_(
        column.contains(text, autoescape=True),
        *(Folded(column).contains(part, autoescape=True) for part in parts),
    )


class Folded(FunctionElement[str]):
    """A text as it is compared, in small letters of plain width. Whatever is ASCII, as most numbers
    are, needs nothing but the database's own `lower`."""

    type = String()
    inherit_cache = True


@compiles(Folded, "sqlite")
def _on_sqlite(element: Folded, compiler: SQLCompiler, **more: Any) -> str:
    """SQLite's `lower` knows ASCII alone, and it has nothing for the width: it asks us."""
    text = compiler.process(element.clauses, **more)
    folded = f"WHEN length({text}) < length(CAST({text} AS BLOB)) THEN {NUMBER_KEY}({text})"
    return f"CASE {folded} ELSE lower({text}) END"


@compiles(Folded, "postgresql")
def _on_postgresql(element: Folded, compiler: SQLCompiler, **more: Any) -> str:
    text = compiler.process(element.clauses, **more)
    wide = f"WHEN length({text}) < octet_length({text})"
    return f"CASE {wide} THEN lower(normalize({text}, NFKC)) ELSE lower({text}) END"
